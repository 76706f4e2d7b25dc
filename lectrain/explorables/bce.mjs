// Two balls start at bad weights. One rolls down the squared error, the other the log-loss. The photos are beads on the S.
import { CLASS_0, CLASS_1, Plot, RIVAL, TAUGHT, arrivalOf, arrow, clamp, depth, glyphs, handle, legend, mark, open, paint, player, round, show, slider, tag, walk } from "./kit.mjs";
import { logLoss, probability, squaredSlope } from "./logits.mjs";
import { PHOTOS } from "./shoes.mjs";

// Each loss and its slope for an example of label 0. For label 1, both are mirrored.
export const LOSSES = [
  { name: "MSE", loss: (z) => probability(z) ** 2 / 2, slope: squaredSlope },
  { name: "log-loss", loss: logLoss, slope: probability },
];
export const RATES = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];
export const FIRST = { start: [-5, -5], rates: [0, 0] }; // the rates as places in the list
export const STEPS = 200;
const LINE = -5, GOOD = 0.9, COLORED = [RIVAL, TAUGHT], GRID = 45, ARROW = 6, OUTER = 16;
const BEADS = PHOTOS.filter((_, i) => i % 8 === 0);

const side = (photo) => 1 - 2 * photo[2]; // 1 for label 0, −1 for label 1
const logit = (w, photo) => w[0] * photo[0] + w[1] * photo[1];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

export const height = ({ loss }, w) => mean(PHOTOS.map((photo) => loss(side(photo) * logit(w, photo))));
export const accuracy = (w) => mean(PHOTOS.map((photo) => (logit(w, photo) >= 0 === Boolean(photo[2]) ? 1 : 0)));

/** The weights before the first step and after each one. */
export function path({ slope }, rate, start, steps = STEPS) {
  const points = [start];
  for (let t = 0; t < steps; t++) {
    const pushes = PHOTOS.map((photo) => side(photo) * slope(side(photo) * logit(points[t], photo)));
    points.push(points[t].map((w, k) => w - rate * mean(pushes.map((push, i) => push * PHOTOS[i][k]))));
  }
  return points;
}

/** The step from which on the accuracy stays at least 0.9, or null. */
export const arrival = (points) => arrivalOf(points, (w) => accuracy(w) >= GOOD);

export function render({ el }) {
  const state = structuredClone(FIRST);
  let paths;

  const target = `Target: start on or left of the dashed line, and bring both balls to an accuracy of ${GOOD} within ${STEPS} steps.`;
  const { left, right, below, tell, close } = open(el, "Two losses, one start", target, draw, "even");
  const lands = [left, right].map((column) => new Plot(column, {
    x: { from: -8, to: 10, ticks: [-5, 0, 5, 10], label: "w₁" },
    y: { from: -6, to: 6, ticks: [-5, 0, 5], label: "w₂" }, equal: true,
  }));
  const curves = [left, right].map((column) => new Plot(column, {
    x: { from: -OUTER - 1, to: OUTER + 1, ticks: [-10, 0, 10], label: "z of 25 photos" },
    y: { from: -0.06, to: 1.06, ticks: [0, 0.5, 1], label: "p" }, height: 120, isExtra: true,
  }));
  for (const [i, column] of [left, right].entries())
    glyphs(tag(column, "div", { class: "extra" }), [["●", CLASS_0, "sandal"], ["▲", CLASS_1, "ankle boot"], ["→", COLORED[i], "push of the loss"]]);
  const rates = LOSSES.map(({ name }, i) =>
    slider(below, { label: `rate, ${name}`, names: RATES.map(String) }, (rate) => set({ rates: state.rates.with(i, rate) })),
  );
  const names = legend(below, COLORED);
  const race = player(below, { length: () => STEPS, rate: 25, draw, reset: () => set(structuredClone(FIRST)) });
  const placeStart = handle(lands[0], "Start", {
    steps: [0.5, 0.5],
    get: () => state.start,
    set: ([w1, w2]) => set({ start: [clamp(round(w1, 0.5), -8, 10), clamp(round(w2, 0.5), -6, 6)] }),
  });
  const heights = LOSSES.map((loss) => landscape(loss, lands[0])), lows = LOSSES.map(lowest);
  measure();

  function set(change) {
    Object.assign(state, change);
    measure();
    race.change();
  }

  function measure() {
    paths = LOSSES.map((loss, i) => path(loss, RATES[state.rates[i]], state.start));
    rates.forEach((place, i) => place(state.rates[i]));
  }

  function judge(step) {
    const steps = paths.map(arrival), isRace = state.start[0] <= LINE, isReached = isRace && !steps.includes(null);
    const stuck = LOSSES.filter((_, i) => steps[i] === null).map(({ name }) => name).join(" and ");
    const reached = `✓ reached in ${steps.join(" and ")} steps. Does it still hold farther out?`;
    const missed = `Not yet: ${stuck} ${stuck.includes("and") ? "have" : "has"} not arrived.`;
    const news = !race.isOver() ? "The balls are on their way." : isReached ? reached : missed;
    tell(isRace ? news : "Drag the start to the left of the dashed line.", isReached && race.isOver());
    names(LOSSES.map(({ name }, i) => `${name}: accuracy ${accuracy(paths[i][step]).toFixed(2)} after ${step} steps`));
  }

  function draw() {
    const time = race.now(), step = Math.min(Math.floor(time), STEPS - 1);
    judge(Math.floor(time));
    LOSSES.forEach(({ name, slope }, i) => {
      const end = paths[i].at(-1).map((w) => show(w, 1)).join(", ");
      lands[i].begin(`The landscape of the ${name}, darker where it is lower. After ${STEPS} steps, the ball is at (${end}).`);
      paint(lands[i], (point) => tone(heights[i], point), 200);
      lands[i].line([[LINE, -7], [LINE, 9]], { class: "over", "stroke-dasharray": "5 4" });
      lands[i].text([LINE + 0.3, 5.1], "← start", { class: "halo" });
      lands[i].text(lows[i], "×", { class: "halo cross" });
      lands[i].text(lows[i], "minimum", { dx: 14, dy: "0.35em", style: "fill: #fff" });
      walk(lands[i], paths[i], step, Math.min(time - step, 1), COLORED[i]);
      drawBeads(curves[i], paths[i][Math.round(time)], slope, COLORED[i]);
      lands[i].text([9.6, 5.1], `${name}: dark is low`, { "text-anchor": "end", style: "fill: #fff; font-weight: 600" });
    });
    placeStart();
  }

  function drawBeads(curve, w, slope, color) {
    curve.begin("The S of the probability over z. 25 photos are beads on it, some with arrows as long as the push of the gradient.");
    curve.line(Array.from({ length: 171 }, (_, k) => [k / 5 - 17, probability(k / 5 - 17)]), { class: "curve axis" });
    const beads = BEADS.map((photo) => {
      const z = clamp(logit(w, photo), -OUTER, OUTER);
      return { at: [z, probability(z)], label: photo[2], push: side(photo) * slope(side(photo) * z) };
    });
    const strong = beads.filter(({ push }) => Math.abs(push) > 0.1).sort((a, b) => Math.abs(b.push) - Math.abs(a.push));
    const meets = (a, b) => Math.abs(a.at[0] - b.at[0]) < ARROW + 1 && Math.abs(a.at[1] - b.at[1]) < 0.12;
    const clear = strong.reduce((some, bead) => (some.some((other) => meets(other, bead)) ? some : [...some, bead]), []);
    for (const { at, label } of beads) mark(curve, at, label, 4);
    for (const { at, push } of clear) arrow(curve, at, [at[0] - ARROW * push, at[1]], { stroke: color, style: "stroke-width: 2" });
    if (!clear.length) curve.text([9, 0.5], "hardly any push", { class: "own", "text-anchor": "middle" });
  }

  return () => (race.close(), close());
}

/** The minimum of a loss: the step to a neighbour is halved when no neighbour is lower. */
export function lowest(loss) {
  let best = [2, 2];
  for (let size = 1; size > 0.01; ) {
    const around = [[1, 0], [-1, 0], [0, 1], [0, -1]].map((way) => best.map((w, k) => w + size * way[k]));
    const next = [best, ...around].reduce((a, b) => (height(loss, b) < height(loss, a) ? b : a));
    [best, size] = [next, next === best ? size / 2 : size];
  }
  return best;
}

/** The heights of a landscape, from 0 to 1, on a grid over a plot: closer levels at the bottom. */
function landscape(loss, { x, y }) {
  const at = (axis, k) => axis.from + (k / GRID) * (axis.to - axis.from);
  const rows = Array.from({ length: GRID + 1 }, (_, j) => Array.from({ length: GRID + 1 }, (_, i) => height(loss, [at(x, i), at(y, j)])));
  const low = Math.min(...rows.flat()), high = Math.max(...rows.flat());
  return { x, y, rows: rows.map((row) => row.map((value) => Math.sqrt((value - low) / (high - low)))) };
}

/** The colour of a point, whose height is on a plane between those of the grid. */
function tone({ x, y, rows }, [w1, w2]) {
  const [u, v] = [[x, w1], [y, w2]].map(([axis, w]) => (GRID * (w - axis.from)) / (axis.to - axis.from));
  const [i, j] = [Math.floor(u), Math.floor(v)], across = (row) => row[i] + (u - i) * (row[i + 1] - row[i]);
  return depth(Math.floor(14 * (across(rows[j]) + (v - j) * (across(rows[j + 1]) - across(rows[j])))) / 14);
}

export default { render };
