// Three balls roll down the same bowl in steps of 1, 20 or 200 examples: for equal epochs, or for equal seconds.
import { Plot, bowl, choice, clamp, handle, legend, open, player, round, show, slider } from "./kit.mjs";
import { EXAMPLES, ORDER } from "./sgd-data.mjs";

export const SIZES = [1, 20, 200];
export const SHADES = ["#de7900", "#e45577", "#bb4fcf"]; // those of the notebook: clear of white, of black and of the bowl
const RADII = [5, 7.5, 11]; // of the balls, so that two on one place are told apart
export const FIRST = { start: [0, 0], rates: [0.1, 0.1, 0.1], clock: "epochs" };
export const CALL = 20, EXAMPLE = 0.7; // microseconds, about as measured on the photos of the notebook
const EPOCHS = 5, BUDGET = 50 * (CALL + 20 * EXAMPLE);
const TARGET = 0.005, LINE = 0.5;

// Sums of x₁², x₁x₂, x₂², x₁y and x₂y over the examples seen so far, from which the gradient of any batch follows.
const SUMS = [[0, 0, 0, 0, 0]];
for (const i of ORDER) {
  const [x1, x2, y] = EXAMPLES[i];
  SUMS.push([x1 * x1, x1 * x2, x2 * x2, x1 * y, x2 * y].map((term, k) => term + SUMS.at(-1)[k]));
}
const mean = (from, to) => SUMS[to].map((sum, k) => (sum - SUMS[from][k]) / (to - from));
const [A, B, C, P, Q] = mean(0, EXAMPLES.length);
export const LOWEST = [C * P - B * Q, A * Q - B * P].map((part) => part / (A * C - B * B));
const MIDDLE = (A + C) / 2, RADIUS = Math.hypot((A - C) / 2, B), CURVATURES = [MIDDLE + RADIUS, MIDDLE - RADIUS];
const ANGLE = Math.atan2(2 * B, A - C) / 2; // of the first of the two

/** The weights before each update, and the last ones. */
export function path(size, rate, updates, start = FIRST.start) {
  const points = [start];
  for (let t = 0; t < updates; t++) {
    const from = (t * size) % ORDER.length, [a, b, c, p, q] = mean(from, from + size), [u, v] = points[t];
    points.push([u - rate * (a * u + b * v - p), v - rate * (b * u + c * v - q)]);
  }
  return points;
}

/** How far the loss is above the smallest one. */
export function above(point) {
  const [u, v] = point.map((w, i) => w - LOWEST[i]);
  return (A * u * u + 2 * B * u * v + C * v * v) / 2;
}

/** How many updates a ball makes in a race. */
export const updates = (size, clock) =>
  clock === "epochs" ? (EPOCHS * EXAMPLES.length) / size : Math.floor(BUDGET / (CALL + EXAMPLE * size));

/** Draw a walked path. Of many steps, the first 40 and the last 30 are strong, because those between them are a tangle. */
function trail(land, points, color) {
  const isLong = points.length > 200, strong = isLong ? [points.slice(0, 41), points.slice(-31)] : [points];
  if (isLong) land.line(points, { stroke: color, opacity: 0.55, style: "stroke-width: 0.8" });
  for (const part of strong) {
    land.line(part, { stroke: "#111", style: "stroke-width: 4.4" });
    land.line(part, { stroke: color, style: "stroke-width: 2.4" });
  }
  if (points.length <= 20) for (const point of points) land.dot(point, 3, { fill: color, stroke: "#111", "stroke-width": 1 });
}

export function render({ el }) {
  const state = structuredClone(FIRST);
  let balls;

  const target = `Target: with equal epochs, all three balls end less than ${TARGET} above the smallest loss. Each has its own learning rate.`;
  const { left, right, tell, close } = open(el, "Three balls", target, draw);
  const land = new Plot(left, {
    x: { from: -0.5, to: 3, ticks: [0, 1, 2, 3], label: "w₁" },
    y: { from: -2.2, to: 0.5, ticks: [-2, -1, 0], label: "w₂" },
    equal: true,
  });
  const curve = new Plot(right, {
    x: { from: 0, to: EPOCHS, ticks: [0, 1, 2, 3, 4, 5], label: "epochs" },
    y: { from: 1e-5, to: 10, ticks: [1e-4, 1e-2, 1], label: "loss − lowest", log: true },
    height: 230, isExtra: true,
  });
  const names = legend(right, SHADES, RADII);
  const rates = SIZES.map((size, i) =>
    slider(right, { label: `rate, B = ${size}`, min: 0.02, max: 1.5, step: 0.02 }, (rate) => set({ rates: state.rates.with(i, rate) })),
  );
  const race = player(left, { length: () => 100, rate: 20, draw, reset: () => set(structuredClone(FIRST)) });
  const seconds = `after equal seconds: ${CALL} µs per update + ${EXAMPLE} µs per example`;
  const clocks = choice(left, "Compare them", { epochs: "after equal epochs", seconds }, (clock) => set({ clock }));
  const placeStart = handle(land, "Start", {
    steps: [0.1, 0.1],
    get: () => state.start,
    set: ([w1, w2]) => set({ start: [clamp(round(w1, 0.05), -0.5, 3), clamp(round(w2, 0.05), -2.2, 0.5)] }),
  });
  measure();

  function set(change) {
    Object.assign(state, change);
    measure();
    race.change();
  }

  function measure() {
    balls = SIZES.map((size, i) => path(size, state.rates[i], updates(size, state.clock), state.start));
    clocks(state.clock);
    rates.forEach((place, i) => place(state.rates[i]));
  }

  function judge(share) {
    const ends = balls.map((points) => above(points.at(-1))), isRace = state.start[0] <= LINE;
    const inEpochs = state.clock === "epochs", isReached = isRace && inEpochs && ends.every((end) => end < TARGET);
    const first = SIZES[ends.indexOf(Math.min(...ends))], far = SIZES.filter((_, i) => !(ends[i] < TARGET)).join(", ");
    const reached = `✓ reached in ${balls.map((points) => points.length - 1).join(", ")} updates. Now compare equal seconds.`;
    const text = inEpochs ? (isReached ? reached : `Not yet: still too far away: B = ${far}.`) : `After equal seconds, B = ${first} is lowest.`;
    const news = race.isOver() ? text : "The balls are on their way.";
    tell(isRace ? news : "Drag the start to the left of the dashed line.", isReached && race.isOver());
    const height = (now) => (now < 1000 ? show(now, now < 0.1 ? 4 : 2) : "far");
    names(SIZES.map((size, i) => {
      const step = Math.floor(share * (balls[i].length - 1));
      return `B = ${size}: ${step} updates, ${height(above(balls[i][step]))} above lowest`;
    }));
  }

  function draw() {
    const share = race.now() / 100, isLong = state.clock === "epochs";
    judge(share);
    land.begin(`A bowl, darker where it is lower. Three balls start at (${state.start.map((w) => show(w)).join(", ")}).`);
    bowl(land, CURVATURES, LOWEST, ANGLE);
    land.line([[LINE, -3], [LINE, 1]], { stroke: "#111", "stroke-dasharray": "5 4", "stroke-width": 1.2 });
    land.text([LINE, -2.05], "start left of this line", { class: "halo", dx: 6 });
    curve.x = isLong
      ? { from: 0, to: EPOCHS, ticks: [0, 1, 2, 3, 4, 5], label: "epochs" }
      : { from: 0, to: BUDGET / 1000, ticks: [0, 0.5, 1, 1.5], label: "milliseconds" };
    curve.begin("How far each ball is above the smallest loss.");
    curve.line([[0, TARGET], [EPOCHS, TARGET]], { class: "guide" });
    const ends = balls.map((points) => {
      const time = share * (points.length - 1), step = Math.floor(time), [from, to] = [points[step], points[Math.ceil(time)]];
      return from.map((w, i) => w + (time - step) * (to[i] - w));
    });
    for (const i of [0, 2, 1]) {
      const points = balls[i], step = Math.floor(share * (points.length - 1));
      trail(land, [...points.slice(0, step + 1), ends[i]], SHADES[i]);
      const each = isLong ? SIZES[i] / EXAMPLES.length : (CALL + EXAMPLE * SIZES[i]) / 1000;
      const heights = points.slice(0, step + 1).map((point, t) => [t * each, above(point)]);
      curve.line(heights, { stroke: SHADES[i], style: `stroke-width: ${i ? 2.6 : 1}` });
    }
    land.text(LOWEST, "×", { class: "halo cross" }); // above the tangle of B = 1
    for (const i of [2, 1, 0]) land.dot(ends[i], RADII[i], { fill: SHADES[i], stroke: "#fff", "stroke-width": 2 }); // above all trails
    ends.forEach(([u, v], i) => {
      const isRight = u > 2.4;
      const place = { dx: (isRight ? -1 : 1) * 16, dy: 5 + 18 * (1 - i), "text-anchor": isRight ? "end" : "start" };
      land.text([u, v], `B = ${SIZES[i]}`, { class: "halo", "font-weight": 600, ...place }); // the labels of balls that meet are three lines
    });
    curve.text([curve.x.to, curve.y.to], `dashed: target, below ${TARGET}`, { class: "own", "text-anchor": "end", dx: -4, dy: 15 });
    placeStart();
  }

  return () => (race.close(), close());
}

export default { render };
