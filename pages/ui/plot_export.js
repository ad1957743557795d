// Taking a picture of the picture element (plot.js) along: as PNG and SVG for print, and its numbers as CSV.
//
// What is taken is what is seen now: the frame of the player, camera, zoom, hidden entries of the legend. But
// dark on white whatever the theme, in letters that every system has: an image carries no fonts along.

const INK = { text: "#16181d", back: "#ffffff", line: "#c3c8d0", phone: false,
  font: "Helvetica, Arial, 'Malgun Gothic', 'Apple SD Gothic Neo', 'Noto Sans CJK KR', 'Noto Sans KR', sans-serif" };
const SHARP = 3, BROAD = 2000; // pixels for one on screen, and across at least: 17 cm at 300 dots an inch

class Export { // the button of one pane, and the three that it opens
  constructor(pane) {
    this.pane = pane;
    this.root = element("div", "mlplot-export", pane.frame, { onkeydown: (event) => this.key(event) });
    this.root.addEventListener("focusout", ({ relatedTarget: to }) => to && !this.root.contains(to) && this.open(false));
    this.opener = element("button", "mlplot-export-open", this.root, { type: "button" });
    this.opener.onclick = () => this.open(this.list.hidden);
    this.list = element("div", "mlplot-export-list", this.root, { role: "group", hidden: true });
    const makes = { png: () => this.image("png"), svg: () => this.image("svg"), csv: () => this.numbers() };
    this.buttons = Object.entries(makes).map(([kind, make]) => [kind, element("button", "", this.list,
      { type: "button", textContent: kind.toUpperCase(), onclick: () => this.take(kind, make) })]);
    this.problem = element("p", "mlplot-export-problem", this.list, { role: "alert" });
    this.open(false);
  }

  set({ texts, key }) {
    Object.assign(this, { texts, words: key });
    this.opener.ariaLabel = this.opener.title = this.list.ariaLabel = texts.open;
    for (const [kind, button] of this.buttons) button.ariaLabel = button.title = texts[kind];
  }

  open(yes) {
    this.list.hidden = !yes;
    this.opener.ariaExpanded = String(yes);
    this.problem.textContent = "";
  }

  key(event) {
    if (event.key !== "Escape" || this.list.hidden) return;
    this.open(false);
    this.opener.focus();
    event.stopPropagation();
  }

  async take(kind, make) {
    if (this.busy || !this.pane.box._fullLayout) return;
    this.busy = true;
    this.problem.textContent = "";
    try {
      const file = await make();
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file),
        download: `${this.name}.${kind}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (error) {
      console.error(error);
      this.problem.textContent = this.texts.failed;
    }
    this.busy = false;
  }

  get name() { // room, view, what is shown, which of several, at which step: in letters that every disk takes
    const { view, number } = this.pane, { player } = view;
    const room = location.pathname.split("/").at(-1), shown = new URLSearchParams(location.search).get("view");
    const words = [room, shown, ...this.words.split(/[._ ]/), view.panes.length > 1 ? number + 1 : "",
      player ? `at-${player.frames.steps[player.frame]}` : ""];
    const plain = words.map((word) => String(word ?? "").replace(/[^A-Za-z0-9-]+/g, "_").replace(/^_+|_+$/g, ""));
    return [...new Set(plain.filter(Boolean))].join("-").slice(0, 100) || "picture";
  }

  get title() { return unmarked(this.pane.box.layout.title?.text) || document.title; }

  // The figure as it stands, in the look of print. Plotly draws it anew, out of sight.
  get printed() {
    const { box, figure, spatial, view } = this.pane, { width, height } = box._fullLayout;
    const { template } = dress(figure.layout, { ...view.look, ...INK }, { width, height, spatial });
    const clean = { template, width, height, paper_bgcolor: INK.back, plot_bgcolor: INK.back };
    const layout = { ...copy(box.layout), ...clean, shapes: [...(box.layout.shapes ?? []), ...this.cursor] };
    for (const name of Object.keys(box._fullLayout).filter((name) => /^scene\d*$/.test(name)))
      layout[name] = { ...layout[name], camera: box._fullLayout[name]._scene.getCamera() };
    const data = copy(box.data);
    data.forEach(({ mode, textfont }, k) => { // letters in a color of their own were lightened for a dark page
      const own = figure.data[k]?.textfont?.color;
      if (mode?.includes("text") && own?.at && own !== "#ffffff") textfont.color = ink(own, INK);
    });
    return { data, layout, config: { ...CONFIG, plotGlPixelRatio: SHARP } };
  }

  get cursor() { // the line at the player's step, which is none of Plotly's: see `point`
    const { x, cursor } = this.pane;
    return cursor.hidden ? [] : [{ type: "line", x0: x, x1: x, xref: "x", y0: 0, y1: 1, yref: "paper",
      line: { color: INK.text, width: 1, dash: "dash" } }];
  }

  async image(format) {
    const { width, height } = this.pane.box._fullLayout, scale = Math.max(SHARP, BROAD / width);
    const drawn = await this.pane.view.Plotly.toImage(this.printed, { format, width, height,
      scale: format === "svg" ? 1 : scale });
    return format === "svg" ? this.told(drawn) : (await fetch(drawn)).blob();
  }

  told(address) { // an SVG that says what it is to whoever cannot see it
    const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
    const page = new DOMParser().parseFromString(text, "image/svg+xml"), svg = page.documentElement;
    for (const [name, words] of [["desc", this.pane.said.ariaLabel], ["title", this.title]]) {
      const node = page.createElementNS(svg.namespaceURI, name);
      node.textContent = words;
      svg.prepend(node);
    }
    svg.setAttribute("role", "img");
    return new Blob([new XMLSerializer().serializeToString(page)], { type: "image/svg+xml" });
  }

  numbers() {
    return new Blob(["\ufeff", written(longForm(this.pane.box))], { type: "text/csv;charset=utf-8" });
  }
}

const unmarked = (text) => String(text ?? "").replace(/<br ?\/?>/g, " ").replace(/<\/?(b|i|sub|sup|span)\b[^>]*>/g, "");
