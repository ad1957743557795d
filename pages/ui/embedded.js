// Inside a page of another site: how high this room is, whenever that changes, for the page around it.

export default function () {
  if (window.parent === window) return;
  const room = document.querySelector('[data-testid="stMainBlockContainer"]');
  let told = 0;
  const watch = new ResizeObserver(() => {
    const height = Math.ceil(room.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    // The message of LTI, which learning platforms know of their tools. A height is no secret.
    window.parent.postMessage({ subject: "lti.frameResize", height }, "*");
  });
  watch.observe(room);
  return () => watch.disconnect();
}
