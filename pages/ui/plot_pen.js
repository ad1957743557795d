// Drawing in the picture element (plot.js): the way of a pointer over one figure, as points in data coordinates.
//
// What is drawn shows at once, as marks of our own above the figure. Python is told of a stroke when the pointer
// is up, or leaves the axes, and says with the next figure which stroke it heard last; those marks then go.
// A stroke that Python has not heard is told again with the next one: of two quick ones, none is lost.

class Pen {
  constructor(pane) {
    Object.assign(this, { pane, pointer: null, stroke: null, waiting: [], last: 0 });
    const { box } = pane;
    this.sheet = element("div", "mlplot-sheet", pane.frame);
    box.addEventListener("pointerdown", (event) => this.take(event), true);
    box.addEventListener("pointermove", (event) => this.move(event), true);
    for (const name of ["pointerup", "pointercancel"])
      box.addEventListener(name, (event) => this.release(event), true);
    const keep = (event) => { // a pen neither zooms (Plotly listens to the mouse) nor scrolls the page (touch)
      if (this.pointer === null) return;
      if (event.cancelable) event.preventDefault();
      event.stopPropagation();
    };
    for (const name of ["touchstart", "touchmove", "mousedown"])
      box.addEventListener(name, keep, { capture: true, passive: false });
  }

  get rule() {
    const { pen } = this.pane.view.data;
    return pen?.figure === this.pane.number ? pen : null;
  }

  place(event) { // pixels within the axes, or nothing
    const { xaxis, yaxis } = this.pane.box._fullLayout ?? {}, [px, py] = this.pane.hand.inside(event);
    if (!xaxis) return null;
    const at = [px - xaxis._offset, py - yaxis._offset];
    return at[0] >= 0 && at[0] <= xaxis._length && at[1] >= 0 && at[1] <= yaxis._length ? at : null;
  }

  take(event) {
    if (!this.rule || !event.isPrimary || event.button > 0) return;
    const at = this.place(event);
    if (!at) return;
    this.pointer = event.pointerId;
    this.pane.pressed = null; // not a click
    this.pane.box.setPointerCapture(event.pointerId);
    event.preventDefault(); // no mouse events follow
    event.stopPropagation();
    this.last = Math.max(Date.now(), this.last + 1); // grows, also after the element was built anew
    this.stroke = { id: this.last, x: [], y: [], pixels: [], marks: [] };
    this.add(at);
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    event.stopPropagation();
    for (const part of event.getCoalescedEvents?.() ?? [event]) this.follow(this.place(part));
  }

  follow(at) { // a point after every `space` pixels of the way
    if (!at) return;
    const { space } = this.rule ?? { space: Infinity };
    for (;;) {
      const from = this.stroke.pixels.at(-1), way = [at[0] - from[0], at[1] - from[1]];
      const far = Math.hypot(...way);
      if (far < space) return;
      this.add([from[0] + (way[0] * space) / far, from[1] + (way[1] * space) / far]);
    }
  }

  add(at) {
    const { stroke, pane, rule } = this, { xaxis, yaxis } = pane.box._fullLayout;
    if (stroke.x.length >= rule.most) return;
    stroke.pixels.push(at);
    stroke.x.push(xaxis.p2d(at[0]));
    stroke.y.push(yaxis.p2d(at[1]));
    const mark = element("i", "mlplot-ink", this.sheet);
    const scale = pane.box.clientWidth / pane.box._fullLayout.width; // a page may be scaled by CSS
    Object.assign(mark.style, { background: rule.color,
      left: `${(xaxis._offset + at[0]) * scale}px`, top: `${(yaxis._offset + at[1]) * scale}px` });
    stroke.marks.push(mark);
  }

  release(event) {
    if (event.pointerId !== this.pointer) return;
    event.stopPropagation();
    this.pointer = null;
    this.waiting.push(this.stroke);
    const strokes = this.waiting.map(({ id, x, y }) => ({ id, x, y }));
    this.pane.view.setTriggerValue("strokes", { figure: this.pane.number, strokes });
  }

  answered() { // Python has drawn what it heard
    const { heard = 0 } = this.rule ?? {}, done = this.waiting.filter(({ id }) => id <= heard);
    this.waiting = this.waiting.filter(({ id }) => id > heard);
    const gone = () => done.forEach(({ marks }) => marks.forEach((mark) => mark.remove()));
    if (done.length) requestAnimationFrame(() => requestAnimationFrame(gone)); // after the figure has them
    this.pane.box.classList.toggle("mlplot-pen", !!this.rule);
  }

  close() { this.sheet.remove(); }
}
