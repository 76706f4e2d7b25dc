// What the explorables share: a page with its theme, plots, handles to drag, sliders, and a player for their steps.
// An explorable exports `render({model, el})`, as anywidget expects it. `lectrain.widgets` puts this file before its own.
// Everything is in a shadow tree, so that no style of JupyterLab, of the website or of a deck reaches it. A deck has
// properties to enlarge its text (--lectrain-text, --lectrain-label), and to hide what the speaker says (--lectrain-target)
// and plots that the slide can do without (--lectrain-extra).

export const COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B87F00"]; // of lectrain.plots, in its order
export const [CLASS_0, CLASS_1, TAUGHT, RIVAL, NEW_DATA] = COLORS;
const LIFTED = ["#5BCEFF", "#FF9537", "#25C499", "#C975A4", "#CD9313"]; // on dark paper, as pictures are turned there
const SEA = [[11, 31, 75], [19, 80, 140], [58, 151, 189], [160, 216, 204], [251, 247, 228]];
const STYLE = `
:host { display: block; container-type: inline-size; max-width: 62rem; text-align: left; }
.page { --paper: #fff; --ink: #1b1b1b; --soft: #595959; --grid: #e3e3e3; --line: #767676; --focus: #0072b2;
  color: var(--ink); background: var(--paper); border: 1px solid var(--grid); border-radius: 8px; padding: 12px;
  font: var(--lectrain-text, 15px)/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.page.dark { --paper: #17191c; --ink: #ececec; --soft: #b4b4b4; --grid: #34383d; --line: #8d8d8d; --focus: #6cb6e8; color-scheme: dark; }
p { margin: 0 0 8px; } p.target { display: var(--lectrain-target, block); } .extra { display: var(--lectrain-extra, block); }
.plot { display: block; width: 100%; overflow: visible; font-size: var(--lectrain-label, 13px); }
.columns, .column { display: grid; gap: 12px 28px; align-content: start; } .column { min-width: 0; }
@container (min-width: 640px) { .columns { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
  .columns.even, .below { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
.status { font-weight: 600; min-height: 1.45em; padding-left: 10px; border-left: 5px solid #B87F00; background: rgba(184, 127, 0, 0.1); }
.status.good { border-color: #009E73; background: rgba(0, 158, 115, 0.15); }
.row { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; }
.key::before { content: ""; display: inline-block; width: var(--size); height: var(--size); vertical-align: middle; border-radius: 50%; margin-right: 6px;
  background: var(--color); border: 1px solid var(--ink); }
label { display: grid; grid-template-columns: 8.5em 1fr 3.2em; gap: 8px; align-items: center; padding-right: 16px; }
@container (max-width: 360px) { label { grid-template-columns: 1fr auto; row-gap: 0; }
  label:not(.choice) input { grid-area: 2 / 1 / 3 / 3; } }
label.choice { grid-template-columns: auto 1fr; padding: 0; } .choice input { width: 18px; }
.value { text-align: right; white-space: nowrap; }
input { width: 100%; min-width: 0; margin: 0; height: 28px; accent-color: var(--focus); }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 6px;
  padding: 3px 12px; min-height: 32px; cursor: pointer; }
button:hover { border-color: var(--focus); }
button:focus-visible, input:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
text { font-size: 1em; fill: var(--ink); } text.halo { paint-order: stroke; stroke: #fff; stroke-width: 4px; stroke-linejoin: round; fill: #111; }
.axis { stroke: var(--line); } .grid { stroke: var(--grid); } .guide { stroke: var(--line); stroke-dasharray: 5 4; }
.ink { stroke: var(--ink); } .over { stroke: #111; } text.own { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; } text.soft { fill: var(--soft); paint-order: stroke; stroke: var(--grid); stroke-width: 3px; }
text.cross { font-size: 22px; text-anchor: middle; dominant-baseline: central; }
.curve { fill: none; stroke-width: 2.2; stroke-linejoin: round; } .under { fill: none; stroke: #fff; stroke-width: 5; stroke-linejoin: round; }
.handle { cursor: grab; touch-action: none; outline: none; } .handle:active { cursor: grabbing; }
.handle .ring { fill: none; stroke: none; } .handle:focus-visible .ring { stroke: #fff; stroke-width: 7; paint-order: stroke; }
.handle:focus-visible .ring + .ring { stroke: var(--focus); stroke-width: 3; }
.grip { fill: #111; stroke: #fff; stroke-width: 2; stroke-linejoin: round; paint-order: stroke; }
@media (prefers-reduced-motion: no-preference) { .grip { animation: beckon 1s ease-in-out 4; } .handle:active .grip { animation: none; } }
@keyframes beckon { 50% { opacity: 0.5; } }
.glyph { color: var(--color); margin-right: 6px; }
${COLORS.map((color, k) => `.dark .glyph[style*="${color}"] { --color: ${LIFTED[k]} !important; }
.dark .plot > svg:not(.map) [fill="${color}"] { fill: ${LIFTED[k]}; } .dark .plot > svg:not(.map) [stroke="${color}"] { stroke: ${LIFTED[k]}; }`).join("\n")}`;
const USED_KEYS = /^(Arrow|Page)|^(Home|End|Enter| )$/;

/** Add an element to a parent. SVG elements are added to an SVG parent. */
export function tag(parent, name, attributes = {}, text = "") {
  const isDrawing = name === "svg" || parent.namespaceURI?.endsWith("svg");
  const node = document.createElementNS(isDrawing ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = text;
  return parent.appendChild(node);
}

/** The colour of a landscape: 0 is the lowest place and the darkest. */
export function depth(share) {
  const place = clamp(share, 0, 0.9999) * (SEA.length - 1), k = Math.floor(place);
  return SEA[k].map((c, i) => Math.round(c + (SEA[k + 1][i] - c) * (place - k)));
}

/** Draw a bowl around its minimum: 14 levels, closer at the bottom, as in lectrain.plots. `angle` turns its first axis. */
export function bowl(plot, curvatures, centre = [0, 0], angle = 0) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)], [cx, cy] = plot.at(centre), [left] = plot.at([centre[0] - 1, 0]);
  const height = (x, y) => curvatures[0] * (cos * x + sin * y) ** 2 + curvatures[1] * (cos * y - sin * x) ** 2;
  const ends = [plot.x, plot.y].map(({ from, to }, i) => [from - centre[i], to - centre[i]]);
  const top = Math.max(...ends[0].flatMap((x) => ends[1].map((y) => height(x, y))));
  plot.area.classList.add("map");
  tag(plot.area, "rect", { width: "100%", height: "100%", fill: `rgb(${depth(1)})` });
  for (let k = 13; k > 0; k--) {
    const [rx, ry] = curvatures.map((curvature) => (cx - left) * Math.sqrt(top / curvature) * (k / 14));
    const look = { fill: `rgb(${depth((k - 1) / 13)})`, stroke: "#fff", "stroke-width": 0.6 };
    tag(plot.area, "ellipse", { cx, cy, rx, ry, transform: `rotate(${(-180 / Math.PI) * angle} ${cx} ${cy})`, ...look });
  }
  plot.text(centre, "×", { class: "halo cross" });
  plot.text([plot.x.from, plot.y.from], "dark: low loss", { class: "halo", dx: 6, dy: -7 });
}

/** Colour a plot point by point: `color([x, y])` is a list of red, green and blue. */
export function paint(plot, color, columns = 120) {
  const rows = Math.round((columns * plot.high) / plot.width), { x, y } = plot;
  plot.area.classList.add("map"); // its colours are the same on dark paper
  raster(plot, [x.from, y.from], [x.to, y.to], columns, rows, (i, j) => {
    const [right, up] = [(i + 0.5) / columns, 1 - (j + 0.5) / rows];
    return color([x.from + right * (x.to - x.from), y.from + up * (y.to - y.from)]);
  });
}

/** Draw a picture of pixels between two corners: `color(column, row)` is a list of red, green and blue. */
export function raster(plot, from, to, columns, rows, color, attributes) {
  const pixels = new ImageData(columns, rows), [[x0, y0], [x1, y1]] = [plot.at(from), plot.at(to)];
  for (let i = 0; i < columns * rows; i++) pixels.data.set([...color(i % columns, Math.floor(i / columns)), 255], 4 * i);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: columns, height: rows }).getContext("2d").putImageData(pixels, 0, 0);
  const place = { x: x0, y: y1, width: x1 - x0, height: y0 - y1, preserveAspectRatio: "none" };
  return tag(plot.area, "image", { href: canvas.toDataURL(), ...place, ...attributes });
}

/** Mark an example by its class: a circle for 0, a triangle for 1. */
export function mark(plot, point, label, radius, attributes) {
  const look = { fill: COLORS[label], stroke: "#fff", "stroke-width": 0.7, ...attributes };
  if (!label) return plot.dot(point, radius, look);
  const [x, y] = plot.at(point), r = 1.15 * radius;
  tag(plot.area, "path", { d: `M${x} ${y - r}L${x + r} ${y + 0.8 * r}H${x - r}Z`, ...look });
}

/** Draw an arrow. */
export function arrow(plot, from, to, attributes) {
  const [[x0, y0], [x1, y1]] = [plot.at(from), plot.at(to)], length = Math.hypot(x1 - x0, y1 - y0);
  const size = Math.min(9, length), [u, v] = length ? [((x1 - x0) / length) * size, ((y1 - y0) / length) * size] : [0, 0];
  const head = `M${x1 - u - v / 2} ${y1 - v + u / 2}L${x1} ${y1}L${x1 - u + v / 2} ${y1 - v - u / 2}`;
  tag(plot.area, "path", { d: `M${x0} ${y0}L${x1} ${y1}${head}`, class: "curve", ...attributes });
}

/** How long a path is, divided by the distance between its ends. */
function detour(points) {
  const distance = (a, b) => Math.hypot(...a.map((w, i) => w - b[i]));
  return points.slice(1).reduce((sum, point, t) => sum + distance(point, points[t]), 0) / distance(points.at(-1), points[0]);
}

/** Draw a path up to step `step` and a part of the next one, with a ball at its end. Of a tangle, the last 20 steps stand out. */
export function walk(plot, points, step, part, color, radius = 7.5) {
  const next = points[Math.min(step + 1, points.length - 1)], now = points[step].map((w, i) => w + part * (next[i] - w));
  const walked = [...points.slice(0, step + 1), now], isTangle = points.length > 200 && detour(points) > 20;
  const clear = isTangle ? walked.slice(-20) : walked, width = isTangle ? 1.6 : 2.2;
  plot.line(isTangle ? walked : points, { class: "under", opacity: 0.4, style: `stroke-width: ${isTangle ? 0.8 : 2.8}` });
  if (!isTangle) plot.line(points, { stroke: color, opacity: 0.55, style: "stroke-width: 1.4" });
  plot.line(clear, { class: "under", style: `stroke-width: ${width + (isTangle ? 1.4 : 2.6)}` });
  plot.line(clear, { stroke: color, style: `stroke-width: ${width}` });
  const dots = isTangle || points.length <= 200 ? clear.slice(0, -1) : [];
  for (const point of dots) plot.dot(point, 2.6, { fill: color, stroke: "#111", "stroke-width": 0.6 });
  plot.dot(now, radius + 1.5, { fill: "#111" });
  plot.dot(now, radius, { fill: color, stroke: "#fff", "stroke-width": 1.5 });
}

/** The step from which on a condition holds for all later points of a path, or null. */
export function arrivalOf(points, holds) {
  const last = points.findLastIndex((point) => !holds(point));
  return last + 1 < points.length ? last + 1 : null;
}

/** A number with a true minus sign and no more decimals than needed. */
export const show = (value, digits = 2) => String(Number(value.toFixed(digits))).replace("-", "−");
/** The nearest multiple of a step, without the noise of binary fractions. */
export const round = (value, step) => Number((Math.round(value / step) * step).toFixed(9));
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Open the page of an explorable, with the target to reach. `draw()` is called when its size or theme has changed. */
export function open(el, name, target, draw, layout = "") {
  const host = tag(el, "div", { class: "lectrain-explorable", "data-lm-suppress-shortcuts": "true" }); // JupyterLab's keys
  const root = host.attachShadow({ mode: "open" });
  tag(root, "style", {}, STYLE);
  const page = tag(root, "div", { class: "page", role: "group", "aria-label": name });
  tag(page, "p", { class: "target" }, target);
  const status = tag(page, "p", { class: "status", role: "status" }), columns = tag(page, "div", { class: `columns ${layout}` });
  page.addEventListener("keydown", (event) => USED_KEYS.test(event.key) && event.stopPropagation()); // no next slide
  const redraw = () => {
    if (!page.clientWidth) return; // hidden, or JupyterLab has removed the cell, and then it has no colours, either
    page.classList.toggle("dark", isDark(host));
    draw();
  };
  const size = new ResizeObserver(redraw), theme = new MutationObserver(redraw);
  size.observe(page);
  for (const node of [document.documentElement, document.body]) theme.observe(node, { attributes: true });
  return {
    left: tag(columns, "div", { class: "column" }),
    right: tag(columns, "div", { class: "column" }),
    below: tag(page, "div", { class: "column below" }),
    /** Say how far one is. A screen reader reads it when it changes, but not while it plays. */
    tell(text, isReached, isPlaying = false) {
      status.setAttribute("aria-live", isPlaying ? "off" : "polite");
      if (status.textContent !== text) status.textContent = text;
      status.classList.toggle("good", isReached);
    },
    close: () => (size.disconnect(), theme.disconnect()),
  };
}

/** Let an explorable run on a page without a kernel, where pictures of it wait. */
export function replaceStills(name, render) {
  for (const place of document.querySelectorAll(`[data-explorable="${name}"]`)) {
    place.replaceChildren();
    place.removeAttribute("data-explorable");
    place.style = "width: 100%; max-width: 62rem"; // in the middle of a slide
    render({ el: place });
  }
}

function isDark(node) {
  for (; node; node = node.parentElement ?? node.getRootNode().host) {
    const [red, green, blue, opacity = 1] = getComputedStyle(node).backgroundColor.match(/[\d.]+/g).map(Number);
    if (opacity > 0.5) return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
  }
  return false;
}

/** A plot. Before each drawing, `begin()` empties it and draws its axes: {from, to, ticks, names, label, log} for x and y. */
export class Plot {
  constructor(parent, { x, y, height, equal = false, isExtra = false }) {
    Object.assign(this, { x, y, height, equal });
    this.svg = tag(tag(parent, "div", isExtra ? { class: "extra" } : {}), "svg", { class: "plot" });
    this.axes = tag(this.svg, "g", { "aria-hidden": "true" });
    this.area = tag(this.svg, "svg", { overflow: "hidden", role: "img" }); // what leaves it is cut
    this.front = tag(this.svg, "g");
  }

  begin(description) {
    const width = Math.max(this.svg.parentElement.clientWidth, 160), em = parseFloat(getComputedStyle(this.svg).fontSize);
    const isLabelled = this.y.ticks.length || this.y.label;
    const low = this.x.ticks.length ? 3.1 : this.x.label ? 1.9 : 0.4;
    const [left, right, top, bottom] = [isLabelled ? 4.15 : 0.6, 0.6, 0.6, low].map((length) => Math.round(length * em));
    this.em = em;
    this.width = width - left - right;
    this.high = this.equal ? (this.width * (this.y.to - this.y.from)) / (this.x.to - this.x.from) : this.height;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.high + top + bottom}`);
    this.front.setAttribute("transform", `translate(${left} ${top})`);
    this.axes.setAttribute("transform", `translate(${left} ${top})`);
    for (const [key, value] of Object.entries({ x: left, y: top, width: this.width, height: this.high }))
      this.area.setAttribute(key, value);
    this.area.setAttribute("aria-label", description);
    this.axes.replaceChildren();
    this.area.replaceChildren();
    for (const value of this.x.ticks) this.tick(this.at([value, this.y.from])[0], null, this.x, value);
    for (const value of this.y.ticks) this.tick(null, this.at([this.x.from, value])[1], this.y, value);
    if (this.x.ticks.length) tag(this.axes, "path", { d: `M0 0V${this.high}H${this.width}`, class: "axis", fill: "none" });
    tag(this.axes, "text", { x: this.width / 2, y: this.high + (low - 0.62) * em, "text-anchor": "middle" }, this.x.label);
    tag(this.axes, "text", { transform: `translate(${-3.2 * em} ${this.high / 2}) rotate(-90)`, "text-anchor": "middle" }, this.y.label);
  }

  tick(px, py, axis, value) {
    const d = py === null ? `M${px} 0V${this.high}` : `M0 ${py}H${this.width}`;
    tag(this.axes, "path", { d, class: "grid" });
    const place = py === null ? { x: px, y: this.high + 1.3 * this.em, "text-anchor": "middle" } : { x: -6, y: py + 0.3 * this.em, "text-anchor": "end" };
    const node = tag(this.axes, "text", place, axis.log ? "10" : axis.names?.[value] ?? show(value));
    if (axis.log) tag(node, "tspan", { dy: "-0.4em", "font-size": "0.77em" }, show(Math.log10(value)));
  }

  /** The pixels of a point. */
  at([x, y]) {
    return [share(this.x, x) * this.width, (1 - share(this.y, y)) * this.high];
  }

  /** The point below the pointer. Only axes that are not logarithmic are dragged. */
  under(event) {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.front.getScreenCTM().inverse());
    const { x, y, width, high } = this;
    return [x.from + (place.x / width) * (x.to - x.from), y.to - (place.y / high) * (y.to - y.from)];
  }

  line(points, attributes) {
    const d = points.map((point) => this.at(point).map((pixel) => pixel.toFixed(1)).join(" ")).join("L");
    return tag(this.area, "path", { d: `M${d}`, class: "curve", ...attributes });
  }

  dot(point, radius, attributes) {
    const [cx, cy] = this.at(point);
    return tag(this.area, "circle", { cx, cy, r: radius, ...attributes });
  }

  text(point, string, attributes) {
    const [x, y] = this.at(point);
    return tag(this.area, "text", { x, y, ...attributes }, string);
  }
}

function share({ from, to, log }, value) {
  const [low, high, own] = log ? [from, to, value].map((v) => Math.log10(Math.max(v, 1e-300))) : [from, to, value];
  return clamp((own - low) / (high - low), -3, 4); // far outside is outside
}

/** A point of a plot that is dragged, or moved with the arrow keys. `steps` are those of the keys in x and y. Without a colour, it is a ring, in which a ball is seen. */
export function handle(plot, label, { color, steps, get, set }) {
  const node = tag(plot.front, "g", { class: "handle", tabindex: 0, role: "slider", "aria-label": label });
  tag(node, "circle", { r: 20, fill: "transparent" });
  for (const _ of "12") tag(node, "circle", { r: 13, class: "ring" });
  if (color) tag(node, "circle", { r: 8, fill: color, stroke: "#111", "stroke-width": 2 });
  else for (const look of [{ stroke: "#fff", "stroke-width": 5 }, { stroke: "#111", "stroke-width": 1.5 }]) tag(node, "circle", { r: 11, fill: "none", ...look });
  for (const angle of steps.flatMap((step, axis) => (step ? [90 * axis, 90 * axis + 180] : []))) // the ways it can go
    tag(node, "path", { d: "M14 -5L20 0L14 5Z", transform: `rotate(${angle})`, class: "grip" });
  node.addEventListener("pointerdown", (event) => node.setPointerCapture(event.pointerId));
  node.addEventListener("pointermove", (event) => node.hasPointerCapture(event.pointerId) && set(plot.under(event)));
  node.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    set(get().map((value, i) => value + way[i] * steps[i] * (event.shiftKey ? 5 : 1)));
  });
  return () => {
    const [x, y] = get(), name = (axis, value) => `${axis.label} = ${show(value, 3)}`;
    node.setAttribute("transform", `translate(${plot.at([x, y])})`);
    const range = { "aria-valuemin": plot.x.from, "aria-valuemax": plot.x.to, "aria-valuenow": show(x, 3).replace("−", "-") };
    const values = { ...range, "aria-valuetext": `${name(plot.x, x)}, ${name(plot.y, y)}` };
    for (const [key, value] of Object.entries(values)) node.setAttribute(key, value);
  };
}

/** What the colours, and the sizes of balls, stand for. It returns a function that shows new texts, one for each colour. */
export function legend(parent, colors, radii = []) {
  const row = tag(parent, "div", { class: "row" });
  const look = (color, k) => `--color: ${color}; --size: ${2 * (radii[k] ?? 5.5)}px`;
  const keys = colors.map((color, k) => tag(row, "span", { class: "key", style: look(color, k) }));
  return (texts) => keys.forEach((key, i) => (key.textContent = texts[i]));
}

/** What the marks of a plot stand for: a symbol, its colour and a name for each. */
export function glyphs(parent, marks) {
  const row = tag(parent, "div", { class: "row" });
  for (const [symbol, color, name] of marks) {
    const key = tag(row, "span");
    tag(key, "span", { class: "glyph", style: `--color: ${color}` }, symbol);
    key.append(name);
  }
}

/** A slider. It returns a function that shows a new value, or its name, if `names` are given. While it plays, the name can be another one. */
export function slider(parent, { label, min = 0, max, step = 1, digits = 2, names }, set) {
  const row = tag(parent, "label");
  tag(row, "span", {}, label);
  const look = { min, max: max ?? names.length - 1, step, "aria-label": label };
  const input = tag(row, "input", { type: "range", ...look });
  const digitsAlike = names ? "normal" : "tabular-nums"; // in a name, it would space a hyphen
  const output = tag(row, "span", { class: "value", style: `font-variant-numeric: ${digitsAlike}`, "aria-hidden": "true" }); // the slider tells it, too
  input.addEventListener("input", () => set(Number(input.value)));
  return (value, name = names ? names[value] : show(value, digits)) => {
    input.value = value;
    output.textContent = name;
    if (names) input.setAttribute("aria-valuetext", name);
  };
}

/** Radio buttons: {value: text}. It returns a function that shows which one is chosen. */
export function choice(parent, label, options, set) {
  const group = tag(parent, "div", { class: "row", role: "radiogroup", "aria-label": label }), name = `choice-${Math.random()}`;
  const inputs = Object.entries(options).map(([value, text]) => {
    const row = tag(group, "label", { class: "choice" }), input = tag(row, "input", { type: "radio", name, value });
    tag(row, "span", {}, text);
    input.addEventListener("change", () => set(value));
    return input;
  });
  return (value) => inputs.forEach((input) => (input.checked = input.value === value));
}

/** Buttons that play steps. `draw()` draws time `now()`, from 0 to `length()`. At first, and with reduced motion, the end is shown. */
export function player(parent, { length, rate, draw, reset }) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)"), row = tag(parent, "div", { class: "row" });
  let time = Infinity, last = null, frame = 0, wait = 0;
  const now = () => Math.min(time, length());
  const stop = () => {
    clearTimeout(wait);
    cancelAnimationFrame(frame);
    frame = 0;
    play.textContent = "▶ Play";
  };
  const advance = (clock) => {
    time = now() + ((clock - (last ?? clock)) / 1000) * rate;
    last = clock;
    if (time >= length() || !row.isConnected) stop();
    else frame = requestAnimationFrame(advance);
    draw();
  };
  const start = (from) => {
    stop();
    [time, last] = [calm.matches ? Infinity : from, null];
    if (calm.matches) return draw();
    play.textContent = "❚❚ Pause";
    frame = requestAnimationFrame(advance);
  };
  const button = (text, action) => {
    const node = tag(row, "button", { type: "button" }, text);
    node.addEventListener("click", action);
    return node;
  };
  const play = button("▶ Play", () => (frame ? stop() : start(now() < length() ? time : 0)));
  button("Step", () => (stop(), (time = now() < length() ? Math.floor(time) + 1 : 0), draw()));
  button("Reset", reset);
  return {
    now,
    isOver: () => time >= length(),
    /** The numbers have changed: show the end at once, and play when they have been left alone for a moment. */
    change() {
      stop();
      time = Infinity;
      draw();
      if (!calm.matches) wait = setTimeout(() => start(0), 500);
    },
    /** Show the end, and play nothing. */
    end: () => (stop(), (time = Infinity), draw()),
    close: stop,
  };
}
