// The picture element (plot.js) in a presentation: read from the last row, and in sight as a whole.

const HALL = 46; // the type of a picture is 1/46 of the screen's height

const inHall = (root) => getComputedStyle(root).getPropertyValue("--hall").trim() === "1";

// What a figure itself says of type, lines and marks, as much larger as the type of the page; `least` pixels.
function grow(node, times, least) {
  if (Array.isArray(node)) { if (node.some(isObject)) node.forEach((item) => grow(item, times, least)); return; }
  if (!isObject(node)) return;
  for (const [name, value] of Object.entries(node)) {
    if (!isObject(value)) { if (Array.isArray(value)) grow(value, times, least); continue; }
    if (/font$/i.test(name) && typeof value.size === "number") value.size = Math.max(least, value.size * times);
    if (name === "line" && typeof value.width === "number") value.width *= times;
    if (name === "marker" && typeof value.size === "number") value.size *= times;
    grow(value, times, least);
  }
}

// All rows of figures, the player below them and the lesson above them have one screen to share.
function fitHall({ root, grid, panes, player }) {
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const bar = document.querySelector(".st-key-lesson"), told = player?.root.offsetHeight ?? 0;
  root.style.setProperty("--rows", Math.ceil(panes.length / columns));
  root.style.setProperty("--taken", `${Math.ceil((bar?.offsetHeight ?? 0) + told + innerHeight * 0.03)}px`);
}
