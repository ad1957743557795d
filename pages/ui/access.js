// What the page owes to whoever reads it aloud or walks it by keys, and Streamlit does not do by itself:
// the language of the page, a way past the sidebar, and formulas wider than the screen that keys can scroll.

function settle({ language, skip }) {
  document.documentElement.lang = language;
  const link = document.querySelector(".mlskip") ?? document.body.insertBefore(
    Object.assign(document.createElement("button"), { className: "mlskip", type: "button" }),
    document.body.firstChild,
  );
  link.textContent = skip;
  link.onclick = () => { // to the title: what follows is the room itself
    const title = document.querySelector("[data-testid=stMain] h1");
    if (!title) return;
    title.tabIndex = -1;
    title.focus();
  };
}

function reach(formula) {
  document.querySelectorAll("[data-testid=stApp] .katex-display").forEach((node) => {
    if (node.tabIndex === 0) return;
    Object.assign(node, { tabIndex: 0, role: "group", ariaLabel: formula });
  });
}

let told, watcher;

export default function ({ data }) {
  settle(data);
  told = data;
  watcher ??= new MutationObserver(() => reach(told.formula)); // Streamlit fills the page bit by bit
  watcher.observe(document.body, { childList: true, subtree: true });
  reach(data.formula);
}
