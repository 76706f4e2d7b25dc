// Three logits, and the point of their probabilities in a triangle. The temperature pulls it towards a corner or to the centre.
import { COLORS, Plot, clamp, handle, open, player, round, show, slider, tag } from "./kit.mjs";
import { probability } from "./logits.mjs";

export const FIRST = { logits: [1, 0, -1], T: 1, shift: 0 };
const SPECIES = ["setosa", "versicolor", "virginica"];
const HEIGHT = Math.sqrt(3) / 2, CORNERS = [[0, 0], [1, 0], [0.5, HEIGHT]];
const GOAL = [0.5, 0.25, 0.25], CLOSE = 0.005, SURE = 0.9, HOTTEST = 5;

/** The probabilities of three logits. Each follows from the duels with the other two, as a table of two classes gives them. */
export function probabilities(logits, T = 1, shift = 0) {
  const scaled = logits.map((z) => z / T + shift);
  return scaled.map((z, k) => {
    const duels = scaled.filter((_, other) => other !== k).map((other) => 1 / probability(z - other));
    return 1 / (duels[0] + duels[1] - 1);
  });
}

/** The logit whose probability in a duel is p: the table of probabilities, read backwards. */
export function logitOf(p) {
  let [low, high] = [-16, 16];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    [low, high] = probability(middle) < p ? [middle, high] : [low, middle];
  }
  return low;
}

/** The point of the triangle that has these probabilities, and the other way round. */
export const point = (p) => [0, 1].map((axis) => p.reduce((sum, part, k) => sum + part * CORNERS[k][axis], 0));
export const shares = ([x, y]) => [1 - x - y / (2 * HEIGHT), x - y / (2 * HEIGHT), y / HEIGHT];

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
export const reaches = (p) => p.every((part, k) => Math.abs(part - GOAL[k]) < CLOSE);

export function render({ el }) {
  const state = { ...structuredClone(FIRST), done: [false, false] };

  // --- the page
  const target = `Target 1: p = (0.50, 0.25, 0.25). Target 2: from the logits (1, 0, −1), make the largest probability at least ${SURE} with the temperature T alone. You can drag the point, too.`;
  const { left, right, below, tell, close } = open(el, "Three logits and a temperature", target, draw, "even");
  const triangle = new Plot(left, {
    x: { from: -0.18, to: 1.18, ticks: [], label: "the triangle of all probabilities" },
    y: { from: -0.1, to: 0.97, ticks: [], label: "" },
    equal: true,
  });
  const bars = new Plot(right, {
    x: { from: -0.6, to: 2.6, ticks: [0, 1, 2], names: SPECIES, label: "" },
    y: { from: 0, to: 1.12, ticks: [0, 0.5, 1], label: "probability" },
    height: 260,
  });
  const places = SPECIES.map((name, k) =>
    slider(below, { label: `logit, ${name}`, min: -3, max: 3, step: 0.05 }, (z) => set({ logits: state.logits.with(k, z) })),
  );
  const placeT = slider(below, { label: "temperature T", min: 0.1, max: HOTTEST, step: 0.1 }, (T) => set({ T }));
  const placeShift = slider(below, { label: "shift", min: -100, max: 100, step: 1 }, (shift) => set({ shift }));
  const reset = () => set({ ...structuredClone(FIRST), done: [false, false] });
  const cooling = player(below, { length: () => 100, rate: 40, draw, reset });
  const placePoint = handle(triangle, "Probabilities", {
    steps: [0.02, 0.02],
    get: () => point(probabilities(state.logits, state.T)),
    set(place) {
      const raw = shares(place).map((part) => clamp(part, 0.004, 0.99));
      const gaps = raw.map((part) => logitOf(part / (part + raw[2])));
      const up = mean(state.logits) - state.T * mean(gaps); // the mean of the logits stays
      set({ logits: gaps.map((gap) => clamp(round(state.T * gap + up, 0.05), -3, 3)) });
    },
  });
  measure();

  // --- what happens
  function set(change) {
    Object.assign(state, change);
    measure();
    cooling.end(); // the slider of T does not move by itself
  }

  function measure() {
    const { logits, T, shift } = state, p = probabilities(logits, T, shift);
    const isOwn = String(logits) === String(FIRST.logits);
    state.done = [state.done[0] || reaches(p), state.done[1] || (isOwn && Math.max(...p) >= SURE)];
    const words = state.done.map((isDone, i) => `target ${i + 1} ${isDone ? "✓ reached" : "not yet"}`).join(", ");
    tell(`${words[0].toUpperCase()}${words.slice(1)}.`, state.done.every(Boolean)); // the bars tell p, also while it plays
    logits.forEach((z, k) => places[k](z));
    placeShift(shift);
  }

  // --- the drawing
  function draw() {
    const { logits } = state, share = cooling.now() / 100, T = 1 / ((1 - share) / HOTTEST + share / state.T); // it falls to its value
    const p = probabilities(logits, T, state.shift);
    placeT(T);
    const values = p.map((part) => part.toFixed(2)).join(", ");
    triangle.begin(`A triangle with a species at each corner. The point is at p = (${values}). A line shows where it goes with the temperature.`);
    for (const [k, corner] of CORNERS.entries()) drawCorner(k, corner);
    triangle.line([...CORNERS, CORNERS[0]], { class: "curve axis" });
    const way = Array.from({ length: 101 }, (_, i) => point(probabilities(logits, 10 / (i * i / 100 + 0.01))));
    triangle.line(way, { class: "under goal", style: "stroke: var(--paper)" });
    triangle.line(way, { class: "curve ink goal", "stroke-dasharray": "0 5", "stroke-linecap": "round" });
    const [x, y] = way.at(-1), [words, dx, anchor] = y > 0.5 ? ["low T", 12, "start"] : x < 0.7 ? ["← low T", 44, "start"] : ["low T →", -44, "end"];
    triangle.text(way[0], "high T", { class: "own goal", dx: 8, dy: 4 });
    triangle.text([x, y > 0.5 ? y : y - 0.07], words, { class: "own goal", dx, "text-anchor": anchor });
    const [words1, words2] = state.done.map((isDone, i) => (isDone ? "✓" : `target ${i + 1}`));
    triangle.line([point([SURE, 1 - SURE, 0]), point([SURE, 0, 1 - SURE])], { class: "curve ink goal" });
    const [x2, y2] = triangle.at(point([SURE, 0, 1 - SURE]));
    tag(triangle.axes, "text", { x: x2 - 6, y: y2, class: "goal", "text-anchor": "end" }, words2); // on a phone, it leaves the area
    triangle.dot(point(GOAL), 6, { fill: "none", class: "ink goal", "stroke-width": 1.6 });
    triangle.text(point(GOAL), words1, { class: "own goal", "text-anchor": "end", dx: -8, dy: -8 });
    triangle.dot(point(p), 7, { fill: "#fff", stroke: "#111", "stroke-width": 2 });
    placePoint();
    bars.begin(`Three bars: the probabilities ${values}.`);
    p.forEach((part, k) => {
      const [x, y] = bars.at([k - 0.35, part]), [x1, y1] = bars.at([k + 0.35, 0]);
      tag(bars.area, "rect", { x, y, width: x1 - x, height: y1 - y, fill: COLORS[k] });
      bars.text([k, part + 0.03], part.toFixed(2), { "text-anchor": "middle" });
    });
  }

  /** The part of the triangle in which a class is the most probable one. */
  function drawCorner(k, corner) {
    const others = CORNERS.filter((_, other) => other !== k), centre = point([1 / 3, 1 / 3, 1 / 3]);
    const [one, two] = others.map((other) => other.map((value, axis) => (value + corner[axis]) / 2));
    triangle.line([corner, one, centre, two, corner], { class: "", fill: COLORS[k], opacity: 0.35, stroke: "#fff", "stroke-width": 2.2 });
    triangle.text([corner[0], corner[1] + (k === 2 ? 0.03 : -0.07)], SPECIES[k], { "text-anchor": "middle" });
  }

  return () => (cooling.close(), close());
}

export default { render };
