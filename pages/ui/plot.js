// The picture element: draws Plotly figures, keeps what the viewer did to them, and plays frames by itself.
//
// Everything on screen is a function of (figure, frame, look): `Pane.draw` builds data and layout afresh and
// hands them to Plotly.react, which finds what changed and keeps camera, zoom and legend (`uirevision`).
// A rerun, a frame, a new theme, a new width: all take this one path.

// ---- plotly.js, once per page -----------------------------------------------------------------------------

function loadPlotly({ file, version }) {
  const shared = (window.mlplotLibrary ??= {});
  return (shared[version] ??= fetchPlotly(file, version).catch((error) => {
    delete shared[version]; // so that the next picture tries again
    throw error;
  }));
}

async function fetchPlotly(file, version) {
  if (window.Plotly?.version === version) return window.Plotly;
  // Streamlit's own script lies at <base>/static/js/: it shows the base even behind a proxy that renames it.
  const own = document.querySelector('script[src*="static/js/"]')?.src ?? document.baseURI;
  const src = new URL(`../../${file}`, own).href;
  const asked = [...document.scripts].find((script) => script.src === src); // by the page itself: see site.py
  const script = asked ?? Object.assign(document.createElement("script"), { src });
  await new Promise((resolve, reject) => {
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`${src} did not arrive`)));
    if (!asked) document.head.append(script);
  }).finally(() => script.remove()); // the next picture may try again
  return window.Plotly;
}

// ---- numbers and objects ----------------------------------------------------------------------------------

const KINDS = { i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array,
  i4: Int32Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };

function unpack({ dtype, bdata, shape }) { // Plotly's typed array in JSON: base64, little endian
  const text = atob(bdata), bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  const flat = new KINDS[dtype](bytes.buffer);
  return { flat, shape: shape === undefined ? [flat.length] : String(shape).split(",").map(Number) };
}

function nest(flat, [length, ...rest]) { // rows are views of the same memory, not copies
  if (length === undefined) return flat[0];
  if (!rest.length) return flat;
  const stride = flat.length / length;
  return Array.from({ length }, (_, i) => nest(flat.subarray(i * stride, (i + 1) * stride), rest));
}

const isObject = (value) => value?.constructor === Object;

// A copy of the plain objects in `value`; arrays of numbers are shared: Plotly sees what did not change.
function copy(value, packed = (spec) => spec) {
  if (Array.isArray(value)) return value.some(isObject) ? value.map((item) => copy(item, packed)) : value;
  if (!isObject(value)) return value;
  if (value.bdata) return packed(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item, packed)]));
}

function merge(under, over) { // `over` wins where it says something
  if (!isObject(under) || !isObject(over)) return over === undefined ? under : over;
  const names = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries([...names].map((name) => [name, merge(under[name], over[name])]));
}

function element(tag, className, parent, properties) {
  const node = Object.assign(document.createElement(tag), { className }, properties);
  parent.append(node);
  return node;
}

// ---- the look: colors, type and room come from the page ---------------------------------------------------

function readLook(root) {
  const style = getComputedStyle(root), theme = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const wide = window.innerWidth, projector = Math.min(22, Math.round(16 + (wide - 1600) / 160));
  const hall = inHall(root) && Math.ceil(window.innerHeight / HALL);
  return { hall, phone: wide < 640, size: hall || wide < 640 ? hall || 12 : wide < 1600 ? 14 : projector, font: theme("font"),
    text: theme("text-color"), back: theme("background-color"), line: theme("border-color") };
}

// Words need a contrast of 4.5 to the page (WCAG 2.2, 1.4.3), which no color has by day and by night: a colored
// word is brought nearer to the page's ink until it has. White ones lie on marks that are dark enough.
const brush = document.createElement("canvas").getContext("2d");

function channels(color) {
  brush.fillStyle = color;
  return [1, 3, 5].map((i) => parseInt(brush.fillStyle.slice(i, i + 2), 16));
}

function contrast(one, other) {
  const [high, low] = [one, other].map((color) => color.reduce((sum, c, k) => {
    const share = c / 255, linear = share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    return sum + [0.2126, 0.7152, 0.0722][k] * linear;
  }, 0.05)).sort((a, b) => b - a);
  return high / low;
}

function ink(color, { text, back }) {
  const [own, page, ground] = [color, text, back].map(channels);
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = own.map((c, k) => Math.round(c + (page[k] - c) * share));
    if (contrast(mixed, ground) >= 4.5) return `rgb(${mixed})`;
  }
  return text;
}

const CLEAR = "rgba(0,0,0,0)";
const SPATIAL = new Set(["surface", "scatter3d", "mesh3d", "isosurface", "volume", "cone", "streamtube"]);
const CONFIG = { displaylogo: false, scrollZoom: false, modeBarButtonsToRemove: ["toImage", "select2d", "lasso2d"],
  showSendToCloud: false, plotlyServerURL: "" }; // else a button offers to upload the chart: nothing leaves

const UNDER = { orientation: "h", xref: "container", x: 0.5, xanchor: "center",
  yref: "container", y: 0, yanchor: "bottom" }; // the legend below everything

function dress(layout, look, { width, height, spatial }) {
  const { size, text, line } = look;
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, tickcolor: line,
    title: { font: { size } } };
  const flat = { ...axis, automargin: true };
  const deep = { ...axis, showbackground: false, nticks: 6, tickfont: { size: look.hall || size - 2 } };
  const t = layout.title?.text ? Math.round(2.8 * size) : 12;
  const page = { // goes into the template, so that what a figure says itself wins
    paper_bgcolor: CLEAR, plot_bgcolor: CLEAR,
    font: { color: text, family: look.font, size },
    title: { font: { size: size + 2 }, x: 0.02, xanchor: "left" },
    margin: spatial ? { l: 0, r: 0, t, b: 0 } : { l: 48, r: 16, t, b: 40 },
    xaxis: flat, yaxis: flat,
    scene: { xaxis: deep, yaxis: deep, zaxis: deep, bgcolor: CLEAR, aspectmode: "cube",
      camera: { eye: { x: 1.5, y: 1.5, z: 1.1 }, center: { x: 0, y: 0, z: -0.15 } } }, // labels and all
    legend: { bgcolor: CLEAR, ...UNDER },
    hoverlabel: { bgcolor: look.back, bordercolor: line, font: { color: text } },
    modebar: { bgcolor: CLEAR, color: line, activecolor: text },
  };
  const template = { ...layout.template, layout: merge(layout.template?.layout, page) };
  return merge({ ...structuredClone(layout), template }, {
    width, height, autosize: false,
    uirevision: layout.uirevision ?? "kept", // constant: camera, zoom and legend outlive every update
    legend: width < 640 && layout.legend?.orientation !== "h" ? UNDER : undefined, // no room at the side
    dragmode: look.phone && !spatial ? false : undefined, // a finger scrolls the page
  });
}

const REST = 250; // milliseconds without another zoom or drawing, until the server or a reader hears of it
const DOUBLE = 300; // milliseconds after a click, in which another one makes them a double click
const BUSY = 20; // milliseconds of drawing in one frame

// ---- one figure -------------------------------------------------------------------------------------------

class Pane {
  constructor(view, number) {
    Object.assign(this, { view, number, hit: null, pressed: null, x: null });
    this.frame = element("div", "mlplot-frame", view.grid);
    this.box = element("div", "mlplot-figure", this.frame);
    // What is said of the picture lies over it: the box itself has buttons, and an image may hold none.
    this.said = element("div", "mlplot-said", this.frame, { role: "img" });
    this.box.onclick = (event) => this.clicked(event);
    this.hand = new Hand(this);
    this.pen = new Pen(this);
    for (const name of ["pointerdown", "pointerup", "pointercancel"])
      this.box.addEventListener(name, (event) => this.press(event), true);
    this.cursor = element("div", "mlplot-cursor", this.frame);
    this.export = new Export(this);
  }

  set(text, alt) {
    this.alt = alt;
    this.tell();
    if (text === this.text) return; // nothing new to decode or draw
    this.text = text;
    const figure = JSON.parse(text);
    this.figure = copy(figure, (spec) => { const { flat, shape } = unpack(spec); return nest(flat, shape); });
    this.spatial = figure.data.some((trace) => SPATIAL.has(trace.type));
    this.box.classList.toggle("mlplot-spatial", this.spatial);
    this.view.stale.add(this);
  }

  async draw(Plotly, look, player) {
    const width = this.box.clientWidth, height = this.box.clientHeight;
    if (!width) return; // in a closed tab: the observer calls again when it opens
    const data = copy(this.figure.data), bar = { thickness: look.size, outlinewidth: 0 };
    for (const trace of data) if (trace.z) trace.colorbar = merge(bar, trace.colorbar);
    for (const { mode, textfont } of data)
      if (mode?.includes("text") && textfont?.color?.at && textfont.color !== "#ffffff")
        textfont.color = ink(textfont.color, look);
    player?.apply(this.number, data);
    this.hand.apply(data);
    const own = look.hall ? structuredClone(this.figure.layout) : this.figure.layout;
    if (look.hall) for (const part of [data, own]) grow(part, look.hall / 14, Math.ceil(height / 50));
    const layout = dress(own, look, { width, height, spatial: this.spatial });
    await Plotly.react(this.box, data, layout, { ...CONFIG, displayModeBar: look.phone ? false : "hover",
      doubleClick: this.zooms ? false : "reset+autosize" }); // Plotly times it late on a busy page: see `clicked`
    for (const layer of this.box.querySelectorAll(".main-svg, .gl-container")) layer.ariaHidden = "true";
    this.tell();
    if (this.listening || !this.frame.isConnected) return;
    this.listening = true; // Plotly gives the box its `on` with the first drawing
    for (const touched of ["plotly_hover", "plotly_click"])
      this.box.on(touched, ({ points: [hit] }) => { this.hit = hit; this.picked(); });
    this.box.on("plotly_unhover", () => { this.hit = null; });
    this.box.on("plotly_relayout", (change) => this.looked(change));
    this.box.on("plotly_restyle", () => this.tell()); // the legend puts traces away
    for (const moved of ["plotly_afterplot", "plotly_relayouting"]) this.box.on(moved, () => this.point());
    this.point();
  }

  tell() { // what is seen now, once it rests: a description that changes thirty times a second serves nobody
    this.said.ariaLabel ||= this.alt;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const { box, view, figure } = this, full = box._fullData ?? [];
      if (view.player?.playing || !full.length) return;
      const seen = (box.data ?? []).map((trace, i) => ({ ...trace, visible: full[i]?.visible ?? true }));
      this.said.ariaLabel = [this.alt, new Reading(view.data.words, figure.layout).all(seen)].join(" ").trim();
    }, REST);
  }

  // A vertical line at x. It is our own: to move a Plotly shape takes 18 ms, as all curves are drawn again.
  point(x = this.x) {
    this.x = x;
    const { xaxis, _size } = this.box._fullLayout ?? {}, at = x === null ? NaN : xaxis?.d2p(x);
    this.cursor.hidden = !(at >= 0 && at <= xaxis?._length);
    if (this.cursor.hidden) return;
    this.cursor.style.transform = `translate(${xaxis._offset + at}px, ${_size.t}px)`;
    this.cursor.style.height = `${_size.h}px`;
  }

  // One press is at most one click. A finger's tap arrives three times (touch, imitated mouse, Plotly's own
  // event), and a scene, which finds the vertex when it next draws, calls the start of a turn a click too.
  press({ type, clientX, clientY }) {
    const still = this.pressed && Math.hypot(clientX - this.pressed.x, clientY - this.pressed.y) < 5;
    if (type === "pointerdown") this.pressed = { x: clientX, y: clientY, up: false };
    else if (type === "pointerup" && still) this.pressed.up = true;
    else this.pressed = null; // turned, or the finger scrolls the page
    this.picked();
  }

  picked() { // in a scene: the vertex under the pointer, known before or after the button is up
    if (this.pressed?.up && SPATIAL.has(this.hit?.data.type)) this.send(this.hit, this.hit);
  }

  clicked({ target, detail }) { // on 2-D axes: the exact place of the press, on a mark or not
    const { pressed, hit } = this, full = this.box._fullLayout;
    const plot = full?._plots[target.closest?.(".nsewdrag")?.dataset.subplot];
    if (!plot || !pressed) return;
    if (detail > 1) return this.showAll(); // the second half of a double click
    const { left, top, width } = this.box.getBoundingClientRect();
    const place = (axis, pixel) => { // `full.width / width`: a page may be scaled by CSS
      const inside = (pixel * full.width) / width - axis._offset;
      return axis.type === "log" ? axis.p2d(inside) : axis.p2l(inside);
    };
    const x = place(plot.xaxis, pressed.x - left), y = place(plot.yaxis, pressed.y - top);
    this.send(hit, { x, y, z: hit?.z });
  }

  get zooms() { // whether the server hears where the viewer looks
    return Boolean(this.view.data.zooms?.includes(this.number));
  }

  showAll() { // as the picture's own button does
    clearTimeout(this.waiting);
    if (this.zooms) this.view.Plotly.relayout(this.box, { "xaxis.autorange": true, "yaxis.autorange": true });
  }

  // A box, a shift, a button or a double click: where the viewer looks, once the hand rests.
  looked(change) {
    if (!this.zooms) return;
    if (!Object.keys(change).some((name) => /^[xy]axis\.(range|autorange)/.test(name))) return;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      const { xaxis, yaxis } = this.box._fullLayout;
      const whole = Boolean(change["xaxis.autorange"] || change["yaxis.autorange"]);
      this.view.setTriggerValue("zoom", { figure: this.number, x: [...xaxis.range], y: [...yaxis.range], whole });
    }, REST);
  }

  send(hit, { x, y, z }) {
    if (!this.view.data.clicks || !this.pressed) return;
    this.pressed = null;
    const click = { figure: this.number, x, y, z: z ?? null,
      trace: hit?.curveNumber ?? null, point: hit?.pointNumber ?? null };
    const tell = () => this.view.setTriggerValue("click", click);
    if (!this.zooms) return tell();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(tell, DOUBLE); // it may be the first half of a double click
  }

  close(Plotly) {
    clearTimeout(this.telling);
    clearTimeout(this.resting);
    clearTimeout(this.waiting);
    this.view.stale.delete(this);
    this.hand.close();
    this.pen.close();
    // A browser allows some 16 WebGL contexts, and purging alone leaves them to the garbage collector.
    for (const canvas of this.box.querySelectorAll("canvas"))
      canvas.getContext("webgl")?.getExtension("WEBGL_lose_context")?.loseContext();
    Plotly?.purge(this.box);
    this.frame.remove();
  }
}

// ---- the element ------------------------------------------------------------------------------------------

class View {
  constructor(parent) {
    Object.assign(this, { calls: 0, panes: [], stale: new Set(), player: null, Plotly: null });
    this.root = element("div", "mlplot", parent);
    this.grid = element("div", "mlplot-figures", this.root);
    this.observer = new ResizeObserver(() => this.restyle());
    this.observer.observe(this.grid);
    this.observer.observe(document.documentElement); // type grows with the window
  }

  // Streamlit calls on every rerun, with the same `data` object if it is equal, and on every change of theme.
  update({ data, setStateValue, setTriggerValue }) {
    const fresh = data !== this.data;
    Object.assign(this, { data, setStateValue, setTriggerValue });
    if (fresh) this.adopt(data);
    for (const pane of this.panes) {
      pane.hand.answered();
      pane.pen.answered();
    }
    this.restyle();
    loadPlotly(data).then((Plotly) => this.begin(Plotly), (error) => this.fail(error));
  }

  begin(Plotly) {
    this.Plotly = Plotly;
    this.failed?.remove();
    this.schedule([]); // what waits
  }

  adopt({ figures, alt, height, columns, least, taken, frames, labels, report }) {
    const { style, classList } = this.root;
    for (const [name, value] of Object.entries({ height: `${height}px`, columns, least: least ?? 0 }))
      style.setProperty(`--${name}`, value);
    classList.toggle("mlplot-broad", least > 0);
    while (this.panes.length > figures.length) this.panes.pop().close(this.Plotly);
    while (this.panes.length < figures.length) this.panes.push(new Pane(this, this.panes.length));
    this.panes.forEach((pane, i) => pane.set(figures[i], alt[i]));
    for (const pane of this.panes) pane.export.set(taken);
    if (!frames) this.player = this.player?.close();
    else (this.player ??= new Player(this)).set(JSON.parse(frames), labels, report);
  }

  restyle() { // draws everything again where the look or the room changed
    this.look = readLook(this.root);
    this.root.style.setProperty("--type", `${this.look.size}px`); // before anybody asks how wide a box is
    if (this.look.hall) fitHall(this);
    const rooms = this.panes.map(({ box }) => [box.clientWidth, box.clientHeight]);
    const seen = JSON.stringify([this.look, rooms]);
    this.schedule(seen === this.seen ? [] : this.panes);
    this.seen = seen;
  }

  // Many changes, one drawing a frame; and what is drawn is shown: after BUSY milliseconds the panes that
  // still wait, longest first, are left to the next frame.
  schedule(panes) {
    for (const pane of panes) this.stale.add(pane);
    this.ticket ??= requestAnimationFrame(() => {
      this.ticket = null;
      if (!this.Plotly) return;
      const begun = performance.now();
      for (const pane of this.stale) {
        if (performance.now() - begun > BUSY) return this.schedule([]);
        this.stale.delete(pane);
        pane.draw(this.Plotly, this.look, this.player).catch((error) => this.fail(error));
      }
    });
  }

  fail(error) { // one sentence for the viewer, the rest for whoever opens the console
    console.error(error);
    this.failed?.remove();
    this.failed = element("p", "mlplot-failed", this.root, { role: "alert", textContent: this.data.failed });
  }

  close() {
    cancelAnimationFrame(this.ticket);
    this.observer.disconnect();
    this.player?.close();
    for (const pane of this.panes) pane.close(this.Plotly);
    this.root.remove();
    this.ticket = 0; // whatever still arrives schedules nothing
  }
}

const views = new WeakMap(); // parent element -> View, which outlives the calls

export default function (component) {
  const parent = component.parentElement;
  if (!views.has(parent)) views.set(parent, new View(parent));
  const view = views.get(parent), call = ++view.calls;
  view.update(component);
  return () => { // Streamlit may end an overtaken call after its successor began: only the latest one closes
    if (call !== view.calls) return;
    views.delete(parent);
    view.close();
  };
}
