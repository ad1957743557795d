// The numbers of a picture (plot.js) in long form: a row a point or cell, `trace` its name, then x, y, z and more.

const BESIDE = { text: "text", hovertext: "hovertext", color: "marker.color", size: "marker.size",
  error_x: "error_x.array", error_y: "error_y.array" }; // column -> where a trace may have one value a point

const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value);
const pick = (trace, path) => path.split(".").reduce((node, name) => node?.[name], trace);

// An element, as short as it can be written: 0.1 is a float of 32 bits, 0.10000000149011612 the same one.
function at(list, i) {
  const value = list[i];
  if (!(list instanceof Float32Array) || !Number.isFinite(value)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

function* cells(trace) { // of a grid: heat map, contour, surface, image
  const { z, text } = trace, along = (list, start, step, k) => (isList(list) ? at(list, k) : (start ?? 0) + k * (step ?? 1));
  const axis = (list, i, j, k, start, step) => (isList(list?.[0]) ? at(list[i], j) : along(list, start, step, k));
  for (let i = 0; i < z.length; i++) for (let j = 0; j < z[i].length; j++) {
    const row = { x: axis(trace.x, i, j, j, trace.x0, trace.dx), y: axis(trace.y, i, j, i, trace.y0, trace.dy) };
    if (isList(z[i][j])) Array.from(z[i][j]).forEach((value, k) => { row[`z${k + 1}`] = value; });
    else row.z = at(z[i], j);
    if (isList(text?.[i])) row.text = text[i][j];
    yield row;
  }
}

function* points(trace) { // of everything else
  const columns = Object.entries({ x: "x", y: "y", z: "z", ...BESIDE }).map(([name, path]) => [name, pick(trace, path)]);
  for (const { label, values } of trace.dimensions ?? []) columns.push([unmarked(label), values]);
  const lists = columns.filter(([, list]) => isList(list)), length = Math.max(0, ...lists.map(([, list]) => list.length));
  const own = lists.some(([name]) => name === "x") || trace.dimensions; // else Plotly counts
  for (let i = 0; i < length; i++) yield { ...(own ? {} : { x: (trace.x0 ?? 0) + i * (trace.dx ?? 1) }),
    ...Object.fromEntries(lists.map(([name, list]) => [name, at(list, i)])) };
}

function titles({ layout, data }) { // of the axes, where all traces share one: "x" -> "x: step"
  const found = { x: new Set(), y: new Set(), z: new Set() };
  for (const trace of data) for (const letter of "xyz") {
    const scene = SPATIAL.has(trace.type) && (layout[trace.scene ?? "scene"] ?? {});
    const axis = scene ? scene[`${letter}axis`] : layout[axisName(trace[`${letter}axis`] ?? letter)];
    found[letter].add(unmarked(axis?.title?.text));
  }
  return Object.fromEntries(Object.entries(found).map(([letter, [title, other]]) =>
    [letter, title && other === undefined ? `${letter}: ${title}` : letter]));
}

function longForm(box) { // [header, ...rows] of what is not hidden
  const rows = [], names = new Set(["trace", "x", "y", "z"]);
  box._fullData.forEach(({ visible, name, type, index }) => {
    const trace = box.data[index];
    if (visible !== true || !trace) return;
    for (const row of isList(trace.z?.[0]) && type !== "mesh3d" ? cells(trace) : points(trace)) {
      Object.keys(row).forEach((column) => names.add(column));
      rows.push({ trace: unmarked(name), ...row });
    }
  });
  const used = [...names].filter((column) => column === "trace" || rows.some((row) => column in row));
  const called = titles(box);
  return [used.map((column) => called[column] ?? column), ...rows.map((row) => used.map((column) => row[column]))];
}

// As mlcore/files/export.py writes tables: no text is a formula to a spreadsheet, and every text is quoted.
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/, NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

function field(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = String(value), inert = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return `"${inert.replaceAll('"', '""')}"`;
}

const written = (rows) => rows.map((row) => row.map(field).join(",") + "\n").join("");
