// The player of the picture element (plot.js): one slider that steps all figures of a view through a result.

class Update { // one attribute that changes from frame to frame; a frame is decoded when it is shown
  constructor(sent) {
    Object.assign(this, sent, sent.values.bdata && unpack(sent.values));
  }
  at(t) {
    const { flat, shape, values, grow, scale, offset } = this;
    if (grow) return flat ? flat.subarray(0, t + 1) : values.slice(0, t + 1);
    if (!flat) return values[t];
    const stride = flat.length / shape[0], frame = flat.subarray(t * stride, (t + 1) * stride);
    const decoded = scale === null ? frame : Float32Array.from(frame, (code) => code * scale + offset);
    return nest(decoded, shape.slice(1));
  }
  apply(data, t) {
    const path = this.attribute.split("."), last = path.pop();
    path.reduce((node, name) => (node[name] ??= {}), data[this.trace])[last] = this.at(t);
  }
}

class Player {
  constructor(view) {
    Object.assign(this, { view, frame: -1, playing: null });
    this.root = element("div", "mlplot-player", view.root, { onkeydown: (event) => this.key(event) });
    const bar = element("div", "mlplot-bar", this.root);
    const button = (name, onclick) => element("button", `mlplot-${name}`, bar, { type: "button", onclick });
    this.back = button("back", () => this.step(-1));
    this.toggle = button("play", () => (this.playing ? this.pause() : this.play()));
    this.forward = button("forward", () => this.step(1));
    this.slider = element("input", "", bar, { type: "range", min: 0 });
    this.slider.oninput = () => this.go(Number(this.slider.value));
    this.slider.onchange = () => this.report(); // once, when it is let go
    this.where = element("span", "mlplot-step", bar);
    this.speed = element("select", "", bar, { onchange: () => this.playing && this.play() });
    for (const speed of [0.25, 0.5, 1, 2, 4]) this.speed.add(new Option(`${speed}×`, speed));
    this.speed.value = 1;
    this.readout = element("dl", "mlplot-readout", this.root);
    this.listing = element("pre", "mlplot-listing", view.grid, { tabIndex: 0 }); // keys scroll it, too
  }

  set(frames, labels, tells) {
    // the viewer stays at the same frame, unless the page asks for another
    const kept = this.frames?.steps.length === frames.steps.length && this.frames.start === frames.start;
    Object.assign(this, { frames, labels, tells, last: frames.steps.length - 1 });
    this.updates = frames.updates.map((sent) => new Update(sent));
    this.slider.max = this.last;
    const names = { back: this.back, forward: this.forward, step: this.slider, speed: this.speed };
    for (const name in names) names[name].ariaLabel = labels[name];
    this.readout.replaceChildren();
    this.listing.replaceChildren();
    this.texts = Object.entries(frames.readout).map(([label, texts]) => {
      const row = element("div", "", this.readout);
      element("dt", "", row, { textContent: label }); // as text: markup in it stays visible
      return [element("dd", "", row), texts];
    });
    this.listing.hidden = !frames.listing.length;
    this.listing.ariaLabel = labels.listing;
    this.lines = frames.listing.map((text) => element("span", "", this.listing, { textContent: text + "\n" }));
    this.paintToggle();
    this.show(kept ? this.frame : frames.start);
    this.view.schedule(this.view.panes); // a figure may have lost its updates
  }

  show(t) {
    this.frame = Math.min(Math.max(t, 0), this.last);
    const step = this.frames.steps[this.frame], name = `${this.labels.step} ${step}`;
    this.slider.value = this.frame;
    this.where.textContent = name;
    for (const [node, texts] of this.texts) node.textContent = texts[this.frame];
    const values = this.texts.map(([node, texts]) => `${node.previousSibling.textContent} ${texts[this.frame]}`);
    this.slider.ariaValueText = [name, ...values].join(", ");
    this.light(this.lines[this.frames.lit[this.frame]]);
    const { panes } = this.view, moving = new Set(this.updates.map((update) => update.figure));
    for (const pane of panes) pane.point(this.frames.cursors.includes(pane.number) ? step : null);
    this.view.schedule(panes.filter((pane) => moving.has(pane.number)));
  }

  light(line) { // a long listing scrolls within itself: the page stays where it is
    for (const other of this.lines) other.ariaCurrent = other === line ? "step" : null;
    const { offsetTop = 0, offsetHeight = 0 } = line ?? {}, { scrollTop, clientHeight } = this.listing;
    const above = offsetTop < scrollTop, below = offsetTop + offsetHeight > scrollTop + clientHeight;
    if (line && (above || below)) this.listing.scrollTop = offsetTop - clientHeight / 2;
  }

  apply(number, data) {
    for (const update of this.updates) if (update.figure === number) update.apply(data, this.frame);
  }

  play() {
    if (this.frame === this.last) this.show(0);
    const from = this.frame, begin = performance.now();
    const rate = Number(this.speed.value) * Math.min(30, Math.max(2, this.last / 10)); // 10 s in all
    const tick = (now) => { // by the clock: a slow browser skips frames, it does not play slower
      const t = from + Math.max(0, Math.floor(((now - begin) / 1000) * rate));
      if (t !== this.frame && !this.view.stale.size) this.show(t); // linked panes stay at one step
      if (this.frame === this.last) this.pause();
      else this.playing = requestAnimationFrame(tick);
    };
    cancelAnimationFrame(this.playing);
    this.playing = requestAnimationFrame(tick);
    this.paintToggle();
  }

  halt() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.paintToggle();
    for (const pane of this.view.panes) pane.tell(); // what the pictures show where it stopped
  }
  pause() { this.halt(); this.report(); }
  go(t) { if (this.playing) this.halt(); this.show(t); }
  step(by) { this.go(this.frame + by); this.report(); }

  key(event) { // what slider, buttons and list do with a key of their own is left to them
    const { target, key } = event, { slider, speed } = this;
    if (key === " " ? target !== slider : target === slider || target === speed) return;
    if (key === " ") this.toggle.click();
    else if (key === "ArrowLeft") this.step(-1);
    else if (key === "ArrowRight") this.step(1);
    else return;
    event.preventDefault();
  }

  report() { // to Python, with the number of frames it belongs to
    if (this.tells) this.view.setStateValue("frame", [this.frame, this.last + 1]);
  }

  paintToggle() {
    const name = this.playing ? "pause" : "play";
    this.toggle.ariaLabel = this.labels[name];
    this.toggle.className = `mlplot-${name}`;
    this.where.ariaLive = this.playing ? "off" : "polite"; // steps by keys are read out, thirty a second are not
  }

  close() {
    cancelAnimationFrame(this.playing);
    this.listing.remove();
    this.root.remove();
  }
}
