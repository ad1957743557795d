// Dragging in the picture element (plot.js): marks of some traces follow the pointer, and Python hears where.
//
// The mark moves in the browser at once; Python is told as fast as it answers, but not more often than every
// PAUSE, and once more on letting go. Until the figure that comes back agrees, the mark stays where it was put.

const PAUSE = 150, PATIENCE = 1500; // milliseconds
const NEAR = { mouse: 16, pen: 20, touch: 32 }; // pixels from the middle of a mark

class Hand { // what holds a mark of one pane
  constructor(pane) {
    Object.assign(this, { pane, held: null, pointer: null, told: 0, waiting: false, timer: null });
    const { box } = pane, take = (event) => this.take(event);
    box.addEventListener("pointerdown", take, true);
    box.addEventListener("pointermove", (event) => this.move(event), true);
    for (const name of ["pointerup", "pointercancel"])
      box.addEventListener(name, (event) => this.release(event), true);
    // A pointer that holds a mark neither zooms (Plotly listens to the mouse) nor scrolls the page (touch).
    const keep = (event) => {
      if (this.pointer === null) return;
      if (event.cancelable) event.preventDefault();
      event.stopPropagation();
    };
    for (const name of ["touchstart", "touchmove", "mousedown"])
      box.addEventListener(name, keep, { capture: true, passive: false });
  }

  get handles() { return (this.pane.view.data.handles ?? []).filter(({ figure }) => figure === this.pane.number); }

  axes(trace) {
    const full = this.pane.box._fullLayout, drawn = this.pane.box._fullData?.[trace];
    return drawn && full && [full[axisName(drawn.xaxis ?? "x")], full[axisName(drawn.yaxis ?? "y")]];
  }

  inside({ clientX, clientY }) { // `full.width / width`: a page may be scaled by CSS
    const { left, top, width } = this.pane.box.getBoundingClientRect();
    const scale = (this.pane.box._fullLayout?.width ?? width) / width;
    return [(clientX - left) * scale, (clientY - top) * scale];
  }

  nearest(event) { // the movable mark under the pointer
    const [px, py] = this.inside(event);
    let best = null, least = NEAR[event.pointerType] ?? NEAR.mouse;
    for (const { trace, along } of this.handles) {
      const [xaxis, yaxis] = this.axes(trace) ?? [], data = this.pane.box.data?.[trace];
      if (!xaxis || !data) continue;
      for (let point = 0; point < data.x.length; point++) {
        const at = [xaxis._offset + xaxis.d2p(data.x[point]), yaxis._offset + yaxis.d2p(data.y[point])];
        const far = Math.hypot(at[0] - px, at[1] - py);
        if (far < least) [least, best] = [far, { trace, point, along, x: data.x[point], y: data.y[point],
          grip: [at[0] - px, at[1] - py] }];
      }
    }
    return best;
  }

  take(event) {
    if (!event.isPrimary || event.button > 0) return;
    const found = this.nearest(event);
    if (!found) return;
    Object.assign(this, { held: found, pointer: event.pointerId, moved: false });
    clearTimeout(this.timer);
    this.pane.pressed = null; // not a click
    this.pane.box.setPointerCapture(event.pointerId);
    this.pane.box.classList.add("mlplot-holding");
    event.preventDefault(); // no mouse events follow
    event.stopPropagation();
  }

  move(event) {
    if (this.pointer === null) {
      if (event.pointerType === "mouse" && !event.buttons)
        this.pane.box.classList.toggle("mlplot-grab", this.handles.length > 0 && !!this.nearest(event));
      return;
    }
    if (event.pointerId !== this.pointer) return;
    event.stopPropagation();
    const [px, py] = this.inside(event), { held } = this, [xaxis, yaxis] = this.axes(held.trace);
    const place = (axis, pixel) => axis.p2d(Math.min(Math.max(pixel - axis._offset, 0), axis._length));
    if (held.along.includes("x")) held.x = place(xaxis, px + held.grip[0]);
    if (held.along.includes("y")) held.y = place(yaxis, py + held.grip[1]);
    this.moved = true;
    this.pane.view.schedule([this.pane]);
    this.tell();
  }

  release(event) {
    if (event.pointerId !== this.pointer) return;
    event.stopPropagation();
    this.pane.box.classList.remove("mlplot-holding");
    this.pointer = null;
    if (!this.moved) this.held = null;
    else this.send(true);
    this.timer = setTimeout(() => this.letGo(), PATIENCE); // Python may have put it elsewhere
  }

  tell() { // now, or when the pause is over and the last report has been answered
    clearTimeout(this.timer);
    const since = performance.now() - this.told, rest = (this.waiting ? PATIENCE : PAUSE) - since;
    if (rest <= 0) this.send(false);
    else this.timer = setTimeout(() => this.pointer !== null && this.send(false), rest);
  }

  send(done) {
    const { trace, point, x, y } = this.held;
    Object.assign(this, { told: performance.now(), waiting: true, said: [x, y] });
    this.pane.view.setTriggerValue("drag", { figure: this.pane.number, trace, point, x, y, done });
  }

  answered() { // Python has drawn again
    if (!this.waiting) return;
    this.waiting = false;
    // A hand that rests has nothing new to tell: the same again would get no answer, and the next move would wait.
    const { held, said } = this;
    if (this.pointer !== null && this.moved && (held.x !== said[0] || held.y !== said[1])) this.tell();
  }

  apply(data) { // the mark stands where the hand holds it, whatever an older answer says
    const { held } = this, trace = held && data[held.trace];
    if (!trace || held.point >= trace.x.length) return;
    const [xaxis, yaxis] = this.axes(held.trace) ?? [];
    const apart = (axis, a, b) => (axis ? Math.abs(axis.d2p(a) - axis.d2p(b)) : 0);
    const agrees = apart(xaxis, trace.x[held.point], held.x) < 2 && apart(yaxis, trace.y[held.point], held.y) < 2;
    if (this.pointer === null && agrees) { this.held = null; return; }
    for (const name of ["x", "y"]) {
      trace[name] = Array.from(trace[name]);
      trace[name][held.point] = held[name];
    }
  }

  letGo() {
    if (this.pointer !== null || !this.held) return;
    this.held = null;
    this.pane.view.schedule([this.pane]);
  }

  close() { clearTimeout(this.timer); }
}

const axisName = (short) => short.replace(/^([xy])(\d*)$/, "$1axis$2"); // "y2" -> "yaxis2"
