// What the page owes to whoever reads it aloud or walks it by keys, and Streamlit does not do by itself:
// the language of the page and of the way past its sidebar, and formulas wider than the screen that keys scroll.

function settle({ language, skip, formula }) {
  document.documentElement.lang = language;
  const way = document.querySelector("[data-testid=stSkipToContent]"); // Streamlit has one, in English alone
  if (way && way.textContent !== skip) way.textContent = skip;
  for (const node of document.querySelectorAll("[data-testid=stApp] .katex-display:not([tabindex])"))
    Object.assign(node, { tabIndex: 0, role: "group", ariaLabel: formula });
}

let told, watcher;

export default function ({ data }) {
  told = data;
  watcher ??= new MutationObserver(() => settle(told)); // Streamlit fills the page bit by bit
  watcher.observe(document.body, { childList: true, subtree: true });
  settle(data);
}
