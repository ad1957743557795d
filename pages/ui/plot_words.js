// What a figure of the picture element (plot.js) shows now, in sentences for whoever does not see it: read from
// the very numbers that are drawn, at this frame, under this hand, without what the legend has put away.

const MOST_TOLD = 6, MOST_NAMED = 8; // traces of a figure; bars, marks or values of a trace

function say(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function plain(text) { // Plotly's own markup is no part of what is read
  if (!/[<&]/.test(text ?? "")) return text ?? "";
  const lines = String(text).replace(/<br\s*\/?>/g, " ");
  return new DOMParser().parseFromString(lines, "text/html").body.textContent;
}

function told(value) {
  if (typeof value !== "number") return plain(String(value));
  const size = Math.abs(value);
  if (size && (size < 1e-3 || size >= 1e7)) return value.toExponential(1).replaceAll("-", "−").replace("+", "");
  return (value || 0).toLocaleString("en", { maximumSignificantDigits: size >= 1000 ? 4 : 3 }).replace("-", "−");
}

const ends = (values) => values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)],
  [Infinity, -Infinity]);

class Reading {
  constructor(words, layout) { Object.assign(this, { words, layout }); }

  axis(trace, letter) { // the title of a trace's axis, or the letter
    const scene = trace.scene ?? (trace.z && !trace.xaxis && SPATIAL.has(trace.type) ? "scene" : null);
    const home = scene ? this.layout[scene] : this.layout;
    const name = scene ? `${letter}axis` : axisName(trace[`${letter}axis`] ?? letter);
    return plain(home?.[name]?.title?.text ?? "").trim() || letter;
  }

  say(name, values) { return say(this.words[name], values); }

  trace(trace) {
    const { type = "scatter" } = trace;
    if (type === "bar") return this.bars(trace);
    if (type === "box") return this.range(this.axis(trace, trace.y ? "y" : "x"), trace.y ?? trace.x ?? []);
    if (type === "splom") return this.say("marks", { count: trace.dimensions[0]?.values.length ?? 0 });
    if (["scatter", "scattergl", "scatter3d"].includes(type)) return this.places(trace);
    return trace.z ? this.grid(trace) : "";
  }

  // "{low} to {high}" of what is counted or measured along one axis
  range(axis, values) {
    const [low, high] = ends(Array.from(values).filter(Number.isFinite));
    return low > high ? "" : this.say("range", { axis, low: told(low), high: told(high) });
  }

  bars(trace) {
    const [labels, sizes] = trace.orientation === "h" ? [trace.y, trace.x] : [trace.x, trace.y];
    const values = Array.from(sizes ?? []), long = trace.orientation === "h" ? "x" : "y";
    if (!values.length) return "";
    if (values.length > MOST_NAMED) {
      const all = this.say("bars", { count: values.length });
      return `${all} ${this.range(this.axis(trace, long), values)}`;
    }
    return values.map((v, i) => `${told(labels?.[i] ?? i)} ${v === null ? "–" : told(v)}`).join(", ");
  }

  grid(trace) {
    const rows = Array.from(trace.z), flat = rows.flatMap((row) => Array.from(row ?? [])).filter(Number.isFinite);
    const [low, high] = ends(flat);
    if (low > high) return "";
    const size = { rows: rows.length, columns: rows[0]?.length ?? 1 };
    return this.say("grid", { ...size, low: told(low), high: told(high) });
  }

  places(trace) {
    const { mode = "" } = trace, names = trace.z ? ["x", "y", "z"] : ["x", "y"];
    const rows = names.map((name) => Array.from(trace[name] ?? []));
    const points = rows[0].map((_, i) => rows.map((row) => row[i])).filter((point) => point.every(
      (value) => (typeof value === "string" && value) || Number.isFinite(value)));
    if (!points.length) return "";
    const first = points[0], last = points.at(-1), place = (point) => `(${point.map(told).join(", ")})`;
    const lines = mode.includes("lines") || !mode; // Plotly's own choice for more than a few points
    const along = names.length === 2 && points.every((p, i) => !i || p[0] >= points[i - 1][0]);
    if (along && lines && first[0] !== last[0]) return this.curve(trace, points);
    if (trace.fill === "toself") return names.map((name, k) => this.range(this.axis(trace, name), rows[k])).join(", ");
    if (points.length === 1) return this.say("point", { place: place(first) });
    if (lines && points.length > 2)
      return this.say("path", { count: points.length, first: place(first), last: place(last) });
    if (points.length <= 3) return points.map(place).join(", ");
    const spread = names.map((name, k) => this.range(this.axis(trace, name), rows[k])).filter(Boolean).join(", ");
    return `${this.say("marks", { count: points.length })} ${spread}`;
  }

  curve(trace, points) { // where it begins and ends, and its lowest and highest place between
    const axis = this.axis(trace, "x"), ys = points.map((point) => point[1]);
    const at = (k) => ({ axis, at: told(points[k][0]), value: told(ys[k]) });
    const [start, first, end, last] = [...points[0], ...points.at(-1)].map(told);
    const parts = [this.say("ends", { axis, start, first, end, last })];
    if (ys.every(Number.isFinite)) {
      const [low, high] = ends(ys), inner = (value) => ![ys[0], ys.at(-1)].map(told).includes(told(value));
      if (inner(low)) parts.push(this.say("lowest", at(ys.indexOf(low))));
      if (inner(high)) parts.push(this.say("highest", at(ys.indexOf(high))));
    }
    return parts.join(", ");
  }

  all(data) {
    const seen = data.filter((trace) => (trace.visible ?? true) === true);
    const named = seen.filter((trace) => plain(trace.name).trim());
    const parts = [];
    let left = 0;
    for (const trace of named.length ? named : seen) {
      const text = this.trace(trace).trim();
      if (!text) continue;
      if (parts.length === MOST_TOLD) left += 1;
      else parts.push(named.length ? `${plain(trace.name).trim()}: ${text}.` : `${text}.`);
    }
    if (left) parts.push(this.say("more", { count: left }));
    return parts.join(" ");
  }
}
