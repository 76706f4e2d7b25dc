// Gradient descent and a ball with friction race through a valley. You drag the start, and choose ε and α.
import { Plot, RIVAL, TAUGHT, arrivalOf, bowl, clamp, handle, legend, open, player, round, show, slider, walk } from "./kit.mjs";

export const CURVATURES = [1, 20]; // of the valley: along it (w₁) and across it (w₂)
export const BEST_RATE = 2 / (CURVATURES[0] + CURVATURES[1]); // of gradient descent
export const FIRST = { start: [9, 1.5], lr: 0.05, alpha: 0.95 };
const LIMIT = 100, CLOSE = 0.1, TARGET = 25, LINE = 8; // steps, distance, steps, and the w₁ behind which a race begins

/** The weights at steps 0 to `steps`. Along an eigenvector, the next w is (1 + α − ελ) w − α (w one step ago). */
export function path(start, lr, alpha, steps = LIMIT) {
  const points = [start, start.map((w, i) => w - lr * CURVATURES[i] * w)];
  for (let t = 1; t < steps; t++)
    points.push(start.map((_, i) => (1 + alpha - lr * CURVATURES[i]) * points[t][i] - alpha * points[t - 1][i]));
  return points;
}

/** The step from which on a path stays closer than 0.1 to the minimum, or null. */
export const arrival = (points) => arrivalOf(points, (point) => Math.hypot(...point) < CLOSE);

export const loss = (point) => (CURVATURES[0] * point[0] ** 2 + CURVATURES[1] * point[1] ** 2) / 2;

/** What the error along an eigenvector does, where x = ελ. */
export function regime(x, alpha) {
  if (x >= 2 * (1 + alpha)) return "diverges";
  if (alpha > (1 - Math.sqrt(x)) ** 2) return "swings";
  return x < 1 ? "creeps" : "jumps";
}

export function render({ el }) {
  const state = structuredClone(FIRST);
  let ball, plain, best = Infinity;

  const target = `Target: from the right of the dashed line, be closer than ${CLOSE} to the minimum after at most ${TARGET} steps, and stay there.`;
  const { left, right, tell, close } = open(el, "A race through the valley", target, draw);
  const valley = new Plot(left, {
    x: { from: -7, to: 10, ticks: [-6, -4, -2, 0, 2, 4, 6, 8, 10], label: "w₁" },
    y: { from: -4, to: 4, ticks: [-4, -2, 0, 2, 4], label: "w₂" },
    equal: true,
  });
  const curve = new Plot(right, {
    x: { from: 0, to: LIMIT, ticks: [0, 25, 50, 75, 100], label: "step" },
    y: { from: 1e-4, to: 1e3, ticks: [1e-4, 1e-2, 1, 1e2], label: "loss", log: true },
    height: 150,
  });
  const map = new Plot(right, {
    x: { from: 0, to: 4, ticks: [0, 1, 2, 3, 4], label: "ελ" },
    y: { from: 0, to: 1, ticks: [0, 0.5, 1], label: "α" },
    height: 190,
  });
  map.svg.parentElement.classList.add("goal"); // not on the cover, which would show where the target is reached
  const names = legend(left, [TAUGHT, RIVAL]);
  const rates = slider(left, { label: "learning rate ε", min: 0.005, max: 0.2, step: 0.005, digits: 3 }, (lr) => set({ lr }));
  const alphas = slider(left, { label: "momentum α", min: 0, max: 0.99, step: 0.01 }, (alpha) => set({ alpha }));
  const length = () => Math.min(LIMIT, Math.max(ball.steps ?? LIMIT, plain.steps ?? LIMIT) + 2);
  const isReached = () => state.start[0] >= LINE && ball.steps !== null && ball.steps <= TARGET;
  const race = player(left, { length, rate: 9, draw, reset });
  const placeStart = handle(valley, "Start", {
    steps: [0.5, 0.1],
    get: () => state.start,
    set: ([w1, w2]) => set({ start: [clamp(round(w1, 0.1), -4, 10), clamp(round(w2, 0.1), -4, 4)] }),
  });
  const placePair = handle(map, "Learning rate and α, across the valley", {
    color: TAUGHT,
    steps: [0.1, 0.01],
    get: () => [CURVATURES[1] * state.lr, state.alpha],
    set: ([x, a]) => set({ lr: clamp(round(x / CURVATURES[1], 0.005), 0.005, 0.2), alpha: clamp(round(a, 0.01), 0, 0.99) }),
  });
  measure();

  function set(change) {
    Object.assign(state, change);
    measure();
    race.change();
  }

  function reset() {
    best = Infinity;
    set(structuredClone(FIRST));
  }

  function measure() {
    const paths = [path(state.start, state.lr, state.alpha), path(state.start, BEST_RATE, 0)];
    [ball, plain] = paths.map((points) => ({ points, steps: arrival(points) }));
    if (isReached()) best = Math.min(best, ball.steps);
    const counts = [ball, plain].map(({ steps }) => (steps === null ? `more than ${LIMIT} steps` : `${steps} steps`));
    names([`momentum: needs ${counts[0]}`, `gradient descent at its best rate: needs ${counts[1]}`]);
    rates(state.lr);
    alphas(state.alpha);
  }

  function judge(step) {
    const { steps } = ball;
    if (state.start[0] < LINE) return tell("Drag the start to the right of the dashed line.", false);
    if (!race.isOver() && step < (steps ?? LIMIT)) return tell("The ball is on its way.", false); // the film does not begin with its end
    if (!isReached()) return tell(`Not yet: ${steps === null ? `it does not stay there within ${LIMIT} steps` : `${steps} steps`}.`, false);
    tell(`✓ reached in ${steps} steps.${best < steps ? ` Your best: ${best}.` : ""}`, true);
  }

  function draw() {
    const time = race.now(), step = Math.min(Math.floor(time), LIMIT - 1);
    judge(Math.floor(time));
    drawValley(step, Math.min(time - step, 1));
    const end = loss(ball.points[LIMIT]).toExponential(0);
    curve.begin(`The loss begins at ${show(loss(state.start), 1)}. After ${LIMIT} steps, that of momentum is ${end}.`);
    for (const [{ points }, color] of [[plain, RIVAL], [ball, TAUGHT]]) {
      const losses = points.map((point, t) => [t, loss(point)]);
      curve.line(losses, { stroke: color, opacity: 0.4 });
      curve.line(losses.slice(0, Math.floor(time) + 1), { stroke: color });
    }
    drawMap();
    placeStart();
    placePair();
  }

  function drawValley(step, part) {
    const place = state.start.map((w) => show(w, 1)).join(", ");
    valley.begin(`A valley, darker where it is lower. Two walkers start at (${place}). The minimum is at (0, 0).`);
    bowl(valley, CURVATURES);
    valley.line([[LINE, -4], [LINE, 4]], { stroke: "#111", "stroke-dasharray": "5 4", "stroke-width": 1.2 });
    walk(valley, plain.points, step, part, RIVAL);
    const { points, steps } = ball, from = Math.max(0, Math.min(step, steps ?? LIMIT) - TARGET); // older steps are thinner
    const old = points.slice(0, from + 1);
    valley.line(old, { class: "under", opacity: 0.9, style: "stroke-width: 3.2" });
    valley.line(old, { stroke: TAUGHT, style: "stroke-width: 1.4" });
    walk(valley, points.slice(from), step - from, part, TAUGHT);
    valley.text([0, 0], "×", { class: "halo cross" }); // above its tangle
  }

  function drawMap() {
    const [along, across] = CURVATURES.map((curvature) => curvature * state.lr), { alpha } = state, low = alpha > 0.5 ? 1.9 : -1; // of the labels
    map.begin(`The error along the valley ${regime(along, alpha)}, the error across it ${regime(across, alpha)}.`);
    const critical = Array.from({ length: 81 }, (_, k) => [k / 20, (1 - Math.sqrt(k / 20)) ** 2]);
    const regions = [critical, [[0, 0], ...critical.slice(0, 21)], [...critical.slice(20), [2, 0]]];
    regions.forEach((region, k) => map.line([...region, region[0]], { style: `fill: ${TAUGHT}; fill-opacity: ${[0.15, 0.55, 0.35][k]}; stroke-width: 1`, stroke: TAUGHT }));
    const creeps = [0.5, 0.42, "creeps", [0.55, 0.38], [0.2, 0.15]], jumps = [2.5, 0.05, "jumps", [2.45, 0.07], [1.8, 0.07]];
    for (const [x, a, name, ...leader] of [creeps, jumps, [2.3, 0.85, "swings"], [3.95, 0.3, "diverges"]]) {
      map.text([x, a], name, { class: "own", "text-anchor": x > 3 ? "end" : "start" });
      if (leader.length) map.line(leader, { class: "ink" }); // to a region that is too narrow for its name
      if (leader.length) map.dot(leader[1], 2.5, { style: "fill: var(--ink)" });
    }
    map.line([[along, alpha], [across, alpha]], { class: "curve ink" });
    map.dot([along, alpha], 6, { fill: "#fff", stroke: TAUGHT, "stroke-width": 3 });
    map.text([along, alpha], `λ = ${CURVATURES[0]}`, { class: "own", dy: `${low}em` });
    map.text([across, alpha], `λ = ${CURVATURES[1]}`, { class: "own", "text-anchor": across > 3.2 ? "end" : "start", dy: `${across - along < 1.3 ? 1.7 * low : low}em` });
  }

  return () => (race.close(), close());
}

export default { render };
