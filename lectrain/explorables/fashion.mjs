// The weights of ten classes as pictures, from the first step of the training to the last, and a photo on which one paints.
import { Plot, choice, clamp, handle, open, player, raster, show, slider, tag } from "./kit.mjs";
import { NAMES, PHOTOS, SIDE, bytes } from "./clothes.mjs";
import { FRAMES } from "./fashion-data.mjs";

export const FIRST = { photo: 0, until: 3, brush: "white", pixel: [13, 13], view: "weights" };
export const MOST = 15;
const PIXELS = SIDE * SIDE;
export const TONES = [[45, 0, 75], [128, 115, 172], [255, 255, 255], [224, 130, 20], [127, 59, 8]]; // of lectrain.plots: against … for

/** The weights before the first step and after those of the frames: 785 numbers for each class. */
export const weights = [new Float64Array(10 * (PIXELS + 1)), ...FRAMES.map((frame) => Float64Array.from(bytes(frame.bytes), (byte) => (byte - 128) * frame.unit))];
const tops = weights.map((all) => Float64Array.from(all, Math.abs).sort()[Math.floor(0.985 * all.length)] || 1); // as in lectrain.plots

/** The weights at a time between two frames, on a line between them. */
export function between(time) {
  const k = Math.min(Math.floor(time), FRAMES.length - 1), part = time - k;
  return weights[k].map((weight, i) => weight + part * (weights[k + 1][i] - weight));
}

/** The logits of a photo: its pixels times the weights of each class, and the last weight, of the constant 1. */
export function logits(all, photo) {
  const own = (k) => all.subarray(k * (PIXELS + 1), (k + 1) * (PIXELS + 1));
  return NAMES.map((_, k) => photo.reduce((sum, pixel, i) => sum + pixel * own(k)[i], own(k)[PIXELS]));
}

export const winner = (values) => values.indexOf(Math.max(...values));

export function render({ el }) {
  const state = structuredClone(FIRST);
  let photo = [...PHOTOS[FIRST.photo]];

  // --- the page
  const target = `Target: paint on the photo until another class has the largest logit at the end of the training. Change at most ${MOST} pixels.`;
  const { left, right, tell, close } = open(el, "The weights of ten classes, and a photo", target, draw);
  const grid = new Plot(left, {
    x: { from: 0, to: 5, ticks: [], label: "each number: the photo's logit for the class" },
    y: { from: 0, to: 2.8, ticks: [], label: "" },
    equal: true,
  });
  const canvas = new Plot(right, {
    x: { from: 0, to: SIDE, ticks: [], label: "the photo" },
    y: { from: 0, to: SIDE, ticks: [], label: "" },
    equal: true,
  });
  const scale = tag(left, "div", { class: "row", style: "flex-wrap: nowrap" });
  tag(scale, "span", {}, "speaks against the class");
  tag(scale, "span", { style: `flex: 1; height: 14px; border: 1px solid var(--line); background: linear-gradient(to right, ${TONES.map((tone) => `rgb(${tone})`)})` });
  tag(scale, "span", {}, "for it");
  const brushes = choice(right, "Brush", { white: "paint white", black: "paint black", none: "only move" }, (brush) => set({ brush }));
  const views = choice(left, "Show", { weights: "the weights", says: "weights times pixels: what this photo says" }, (view) => set({ view }));
  const number = slider(right, { label: "photo", names: NAMES }, (k) => {
    photo = [...PHOTOS[k]];
    set({ photo: k });
  });
  const steps = slider(left, { label: "steps", names: ["0", ...FRAMES.map((frame) => show(frame.step))] }, (until) => set({ until }));
  const training = player(left, { length: () => state.until, rate: 1, draw, reset });
  const place = handle(canvas, "Brush on the photo", {
    steps: [1, 1],
    get: () => [state.pixel[0] + 0.5, SIDE - 0.5 - state.pixel[1]],
    set: brush,
  });
  canvas.area.style.touchAction = "none"; // a finger paints
  canvas.area.addEventListener("pointermove", (event) => event.buttons && brush(canvas.under(event)));
  canvas.area.addEventListener("click", (event) => brush(canvas.under(event)));

  // --- what happens
  function set(change) {
    const isTraining = "until" in change || "photo" in change;
    Object.assign(state, change);
    if (isTraining) training.end(); // the slider of the steps does not move by itself
    else draw();
  }

  function reset() {
    photo = [...PHOTOS[FIRST.photo]];
    set(structuredClone(FIRST));
  }

  function brush([x, y]) {
    state.pixel = [Math.floor(x), Math.floor(SIDE - y)].map((value) => clamp(value, 0, SIDE - 1));
    if (state.brush !== "none") photo[state.pixel[1] * SIDE + state.pixel[0]] = state.brush === "white" ? 1 : 0;
    set({});
  }

  /** Everything tells of the weights that are shown now. */
  function judge(time, seen) {
    const own = winner(logits(weights.at(-1), PHOTOS[state.photo])), isEnd = time === FRAMES.length, k = Math.floor(time);
    const [from, to] = [k, Math.min(k + 1, FRAMES.length)].map((place) => (place ? FRAMES[place - 1].step : 0));
    const step = show(from + (time - k) * (to - from), 0);
    const changed = photo.filter((pixel, i) => pixel !== PHOTOS[state.photo][i]).length, isReached = isEnd && seen !== own && changed <= MOST;
    const verdict = isReached ? "✓ reached: after" : !isEnd ? "After" : seen === own ? "Not yet: after" : "Too many: after";
    const sees = time ? `the model sees: ${NAMES[seen].replace("-", "\u2011")}` : "the model sees nothing";
    tell(`${verdict} ${isEnd ? "the training" : `${step} steps`}, ${sees}. Pixels changed: ${changed}.`, isReached, !training.isOver());
    brushes(state.brush);
    views(state.view);
    number(state.photo);
    steps(Math.round(time), step);
  }

  // --- the drawing
  function draw() {
    if (!training.isOver()) state.until = FRAMES.length; // the whole training is played
    const time = training.now(), all = between(time), values = logits(all, photo), best = winner(values);
    judge(time, best);
    const k = Math.min(Math.floor(time), FRAMES.length - 1), top = tops[k] + (time - k) * (tops[k + 1] - tops[k]);
    const isNarrow = left.clientWidth < 450, row = isNarrow ? 1.85 : 1.45; // the texts keep their size
    grid.y = { ...grid.y, to: 2 * row };
    grid.begin(`Ten pictures of weights, and the logit of the photo for each class. The largest is that of ${NAMES[best]}.`);
    values.forEach((value, k) => drawClass(k, all, top, value, k === best && time > 0, row));
    canvas.begin(`A photo of the class ${NAMES[state.photo]}, ${SIDE} by ${SIDE} pixels.`);
    const grey = (i, j) => Array(3).fill(Math.round(255 * photo[j * SIDE + i]));
    raster(canvas, [0, 0], [SIDE, SIDE], SIDE, SIDE, grey, { style: "image-rendering: pixelated; cursor: crosshair" });
    place();
  }

  function drawClass(k, all, top, value, isBest, row) {
    const x = k % 5, y = (k < 5 ? 2 : 1) * row, own = all.subarray(k * (PIXELS + 1)), name = NAMES[k];
    const tone = (i, j) => tint((own[j * SIDE + i] * (state.view === "weights" ? 1 : photo[j * SIDE + i])) / top);
    raster(grid, [x + 0.06, y - 0.94], [x + 0.94, y - 0.06], SIDE, SIDE, tone);
    const [left, above] = grid.at([x + 0.03, y - 0.03]), [far, low] = grid.at([x + 0.97, y - 0.97]);
    const frame = { x: left, y: above, width: far - left, height: low - above, fill: "none", "stroke-width": 3 };
    if (isBest) tag(grid.area, "rect", { ...frame, class: "ink" });
    const look = { "text-anchor": "middle", style: `font-weight: ${isBest ? 700 : 400}` };
    grid.text([x + 0.5, y - 0.97], row > 1.5 ? name.split(" ").at(-1) : name, { ...look, dy: "1.1em" });
    grid.text([x + 0.5, y - 0.97], value.toFixed(1).replace("-", "−"), { ...look, dy: "2.25em" });
  }

  return () => (training.close(), close());
}

/** The colour of a weight from −1 to 1. */
function tint(value) {
  const place = clamp(2 + 2 * value, 0, 3.9999), k = Math.floor(place);
  return TONES[k].map((tone, i) => Math.round(tone + (place - k) * (TONES[k + 1][i] - tone)));
}

export default { render };
