// An X-ray of three patients: the path of the weights beside the curve of the loss. One learning rate makes it jump, crawl or diverge.
import { Plot, TAUGHT, bowl, choice, open, player, show, slider, tag, walk } from "./kit.mjs";
import { DRAWS, EXAMPLES } from "./issues-data.mjs";

export const RATES = [1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
export const SIZES = [1, 5, 20, 200];
export const PATIENTS = {
  A: { lr: 1, size: 1, scale: 1, steps: 400 },
  C: { lr: 0.1, size: 200, scale: 100, steps: 100 },
  E: { lr: 0.001, size: 200, scale: 1, steps: 400 },
};
const GOAL = 1.1; // times the smallest loss
const drawn = Uint8Array.from(atob(DRAWS), (letter) => letter.charCodeAt(0));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// The best weights, from the means of x₁², x₁x₂, x₂², x₁y and x₂y.
const [A, B, C, P, Q] = [(x, z) => x * x, (x, z) => x * z, (x, z) => z * z, (x, z, y) => x * y, (x, z, y) => z * y].map((term) =>
  mean(EXAMPLES.map((example) => term(...example))),
);
export const BEST = [C * P - B * Q, A * Q - B * P].map((part) => part / (A * C - B * B));
export const loss = ([u, v]) => mean(EXAMPLES.map(([x1, x2, y]) => (x1 * u + x2 * v - y) ** 2));
const SMALLEST = loss(BEST), MIDDLE = (A + C) / 2, RADIUS = Math.hypot((A - C) / 2, B);

/** The weights before the first step and after each one, times the scale of the features, so that all patients share a picture. */
export function path({ lr, size, scale, steps }) {
  const points = [[0, 0]];
  for (let t = 0; t < steps; t++) {
    const [u, v] = points[t], batch = size === 200 ? EXAMPLES : Array.from(drawn.subarray(t * size, (t + 1) * size), (i) => EXAMPLES[i]);
    const errors = batch.map(([x1, x2, y]) => x1 * u + x2 * v - y), push = (k) => mean(errors.map((error, i) => error * batch[i][k]));
    points.push([u, v].map((w, k) => w - 2 * lr * scale ** 2 * push(k)));
  }
  return points;
}

/** What the last quarter of the losses does, by the rule of the notebook: good, grows, falls or jumps. */
export function judge(losses) {
  const last = losses.slice(Math.floor((losses.length * 3) / 4)), third = Math.floor(last.length / 3);
  if (last.every((value) => value <= GOAL * SMALLEST)) return "good";
  if (!last.every(Number.isFinite) || Math.min(...last) > losses[0]) return "grows";
  return Math.max(...last.slice(-third)) < Math.min(...last.slice(0, third)) ? "falls" : "jumps";
}

const WORDS = {
  good: "it stays below the dashed line.",
  grows: "it grows, because the steps are too long.",
  falls: "it still falls. Are the steps too short?",
  jumps: "it jumps. Are the steps too long or too noisy?",
};
const power = (rate) => (rate >= 0.001 ? String(rate) : `${rate.toExponential()[0]} · 10⁻${"⁰¹²³⁴⁵⁶⁷"[Number(rate.toExponential().at(-1))]}`);

export function render({ el }) {
  const state = { patient: "A", ...PATIENTS.A }, healed = new Set();
  let points, losses;

  // --- the page
  const target = "Target: for each of the patients A, C and E, change the learning rate alone until the loss stays below the dashed line in the shaded quarter.";
  const { left, right, below, tell, close } = open(el, "An X-ray of three patients", target, draw, "even");
  const land = new Plot(left, {
    x: { from: -1.8, to: 5.8, ticks: [0, 2, 4], label: "w₁" },
    y: { from: -4, to: 1.9, ticks: [-4, -2, 0], label: "w₂" },
    equal: true,
  });
  const curve = new Plot(right, {
    x: { from: 0, to: 400, ticks: [], label: "step" },
    y: { from: 0.7, to: 100, ticks: [1, 10, 100], label: "loss / smallest loss", log: true },
    height: 260,
  });
  const patients = choice(below, "Patient", { A: "patient A", C: "patient C", E: "patient E" }, (patient) => set({ patient, ...PATIENTS[patient] }));
  const rates = slider(below, { label: "learning rate", names: RATES.map(power) }, (place) => set({ lr: RATES[place] }));
  const sizes = slider(below, { label: "batch size", names: SIZES.map(String) }, (place) => set({ size: SIZES[place] }));
  const training = player(below, { length: () => 100, rate: 14, draw, reset });
  measure();

  // --- what happens
  function set(change) {
    Object.assign(state, change);
    measure();
    training.change();
  }

  function reset() {
    healed.clear();
    set({ patient: "A", ...PATIENTS.A });
  }

  function measure() {
    points = path(state);
    losses = points.map(loss);
    patients(state.patient);
    rates(RATES.indexOf(state.lr));
    sizes(SIZES.indexOf(state.size));
  }

  function say(step) {
    if (!training.isOver()) return tell(`Patient ${state.patient}: ${step} of ${state.steps} steps.`, false, true);
    const found = judge(losses), isAlone = state.size === PATIENTS[state.patient].size;
    if (found === "good" && isAlone) healed.add(state.patient);
    const list = [...healed].sort().join(", ");
    tell(`Patient ${state.patient}: ${WORDS[found]} ${list ? `✓ healed: ${list}` : "Nobody is healed yet"}.`, healed.size === 3);
  }

  // --- the drawing
  function draw() {
    const seen = points.filter((point) => Math.hypot(...point) < 1e4), time = (training.now() / 100) * state.steps;
    const step = Math.min(Math.floor(time), seen.length - 1), end = losses.at(-1) / SMALLEST;
    const isGood = judge(losses) === "good", look = isGood ? { stroke: TAUGHT } : { class: "curve ink" }; // as in the notebook
    say(Math.floor(time));
    const unit = PATIENTS[state.patient].scale === 1 ? "" : "100 "; // all patients share a picture
    for (const axis of ["x", "y"]) land[axis] = { ...land[axis], label: `${unit}w${axis === "x" ? "₁" : "₂"}` };
    land.begin(`The path of the weights over a round bowl, darker where it is lower. ${seen.length > state.steps ? "" : "It leaves the picture."}`);
    bowl(land, [MIDDLE + RADIUS, MIDDLE - RADIUS], BEST, Math.atan2(2 * B, A - C) / 2);
    walk(land, seen, step, Math.min(time - step, 1), isGood ? TAUGHT : "#111");
    if (state.size < 20) land.text(BEST, "×", { class: "halo cross" }); // a tangle would hide the minimum
    curve.x = { ...curve.x, to: state.steps, ticks: [0, 1, 2, 3, 4].map((k) => (k * state.steps) / 4) };
    curve.begin(`The loss at each step, divided by the smallest one. It ends at ${end < 1e6 ? show(end) : "more than a million"}.`);
    const [x, y] = curve.at([0.75 * state.steps, curve.y.to]);
    tag(curve.area, "rect", { x, y, width: curve.width - x, height: curve.high, fill: "#888", opacity: 0.25 });
    curve.line([[0, GOAL], [state.steps, GOAL]], { class: "ink", "stroke-width": 1.5, "stroke-dasharray": "5 4" });
    const heights = losses.map((value, t) => [t, Math.min(value / SMALLEST, 1e9)]).filter(([, value]) => !Number.isNaN(value));
    curve.line(heights, { ...look, opacity: 0.35 });
    curve.line(heights.slice(0, step + 1), look);
    curve.text([0, GOAL], `goal: below ${GOAL.toFixed(2)}`, { class: "own", dx: 6, dy: 17 });
    curve.text([state.steps, curve.y.to], "last quarter", { class: "own", "text-anchor": "end", dx: -5, dy: 17 });
  }

  return () => (training.close(), close());
}

export default { render };
