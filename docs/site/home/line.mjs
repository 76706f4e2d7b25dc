// The top of the home page: gradient descent turns a line until it separates photos, beside its path in the plane of weights.
// The loss is the squared error of w₁x₁ + w₂x₂, because the gradient of the log-loss is an exercise.
import { CLASS_0, CLASS_1, Plot, TAUGHT, bowl, clamp, handle, legend, open, player, round, show, slider, tag, walk } from "../../../lectrain/explorables/kit.mjs";

export const FIRST = { start: [-0.8, 0.3], lr: 0.15 }, STEPS = 40;
const SIZE = 0.6; // of a photo, in the units of its features

/** The squared error over the photos: its lowest place, its shape, and a step of gradient descent from a place. */
export function errorOf(X, signs) {
  const mean = (term) => X.reduce((sum, x, i) => sum + term(x, signs[i]), 0) / X.length;
  const [a, b, c] = [[0, 0], [0, 1], [1, 1]].map(([i, j]) => mean((x) => x[i] * x[j]));
  const [p, q] = [0, 1].map((i) => mean((x, sign) => x[i] * sign));
  const radius = Math.hypot((a - c) / 2, b);
  return {
    lowest: [c * p - b * q, a * q - b * p].map((part) => part / (a * c - b * b)),
    curvatures: [radius, -radius].map((r) => (a + c) / 2 + r),
    angle: Math.atan2(2 * b, a - c) / 2, // of the first curvature
    step: ([u, v], lr) => [u - lr * (a * u + b * v - p), v - lr * (b * u + c * v - q)],
  };
}

export const countWrong = (X, signs, w) => X.filter((x, i) => (w[0] * x[0] + w[1] * x[1]) * signs[i] < 0).length;

export function render({ el, shoes: { X, signs, photos } }) {
  const state = structuredClone(FIRST), error = errorOf(X, signs);
  let path;

  // --- the page
  const task = "Drag the ball. From there, gradient descent turns the line until it separates boots from sandals.";
  const { left, right, tell } = open(el, "A line that learns", task, draw);
  const columns = left.parentElement;
  tag(columns, "style", {}, "@container (min-width: 640px) { .columns { grid-template-columns: 22fr 23fr; } } style { display: none; }");
  const plane = new Plot(left, {
    x: { from: -2.2, to: 3.2, ticks: [-2, -1, 0, 1, 2, 3], label: "brightness x₁" },
    y: { from: -2.7, to: 2.1, ticks: [-2, -1, 0, 1, 2], label: "symmetry x₂" },
    equal: true,
  });
  const weights = new Plot(right, {
    x: { from: -0.9, to: 1.1, ticks: [-0.5, 0, 0.5, 1], label: "weight w₁" },
    y: { from: -0.55, to: 1.15, ticks: [-0.5, 0, 0.5, 1], label: "weight w₂" },
    equal: true,
  });
  legend(left, [CLASS_0, CLASS_1])(["sandals", "boots"]);
  const race = player(left, { length: () => STEPS, rate: 8, draw, reset: () => set(structuredClone(FIRST)) });
  const rates = slider(right, { label: "learning rate", min: 0.05, max: 1.15, step: 0.05 }, (lr) => set({ lr }));
  const placeStart = handle(weights, "Start", {
    color: "#fff",
    steps: [0.1, 0.1],
    get: () => state.start,
    set: ([w1, w2]) => set({ start: [clamp(round(w1, 0.02), -0.9, 1.1), clamp(round(w2, 0.02), -0.55, 1.15)] }),
  });
  measure();

  // --- what happens
  function set(change) {
    Object.assign(state, change);
    measure();
    race.change();
  }

  function measure() {
    path = [state.start];
    for (let t = 0; t < STEPS; t++) path.push(error.step(path[t], state.lr));
    rates(state.lr);
  }

  // --- the drawing
  function draw() {
    const time = race.now(), step = Math.min(Math.floor(time), STEPS - 1), part = Math.min(time - step, 1);
    const w = path[step].map((from, i) => from + part * (path[step + 1][i] - from));
    const wrong = countWrong(X, signs, w);
    tell(`Step ${Math.floor(time)}: ${wrong} of ${X.length} photos are on the wrong side.`, wrong <= 3);
    drawPhotos(w);
    weights.begin("A bowl, darker where the loss is lower. A path leads from the ball to its lowest point.");
    bowl(weights, error.curvatures, error.lowest, error.angle);
    walk(weights, path, step, part, TAUGHT);
    placeStart();
  }

  function drawPhotos(w) {
    plane.begin("Photos of sandals and boots, by brightness and symmetry, and a line between them.");
    const length = Math.hypot(...w) || 1e-9, normal = w.map((part) => part / length), far = 20;
    const at = (along, across) => plane.at([normal[0] * along - normal[1] * across, normal[1] * along + normal[0] * across]);
    // The colour is as strong as the model is sure: full where |w₁x₁ + w₂x₂| is 1.
    const [[x1, y1], [x2, y2]] = [at(-1 / length, 0), at(1 / length, 0)];
    const shade = tag(plane.area, "linearGradient", { id: "shade", gradientUnits: "userSpaceOnUse", x1, y1, x2, y2 });
    for (const [offset, color, opacity] of [[0, CLASS_0, 0.3], [0.5, "#fff", 0], [1, CLASS_1, 0.3]])
      tag(shade, "stop", { offset, "stop-color": color, "stop-opacity": opacity });
    tag(plane.area, "rect", { width: "100%", height: "100%", fill: "#fff" });
    tag(plane.area, "rect", { width: "100%", height: "100%", fill: "url(#shade)" });
    const side = (SIZE / (plane.x.to - plane.x.from)) * plane.width;
    X.forEach((x, i) => {
      const [cx, cy] = plane.at(x), place = { x: cx - side / 2, y: cy - side / 2, width: side, height: side };
      const one = tag(plane.area, "svg", { ...place, viewBox: `${28 * i} 0 28 28` });
      tag(one, "image", { href: photos, width: 28 * X.length, height: 28 });
    });
    const [from, to] = [at(0, -far), at(0, far)];
    for (const look of [{ stroke: "#fff", "stroke-width": 6 }, { stroke: "#111", "stroke-width": 2.5 }])
      tag(plane.area, "line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], ...look });
  }
}
