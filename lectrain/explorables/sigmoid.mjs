// A line between two classes is dragged by its arrow. Beside it, the photos are beads on the S: the longer the arrow, the farther apart.
import { CLASS_0, CLASS_1, Plot, TAUGHT, arrow, clamp, glyphs, handle, mark, open, paint, player, round, show } from "./kit.mjs";
import { probability } from "./logits.mjs";
import { PHOTOS } from "./shoes.mjs";

export const FIRST = { foot: [0.4, 0.8], arrow: [1, 2] }; // a point of the line, and (w₁, w₂)
const TARGET = 12, SHOWN = 0.4; // photos on the wrong side, and how long an arrow is drawn for weights of length 1

/** The weights w₁, w₂ and b of the line through a point. */
export const weights = ({ foot, arrow: [w1, w2] }) => [w1, w2, -(w1 * foot[0] + w2 * foot[1])];
export const logit = ([w1, w2, b], [x1, x2]) => w1 * x1 + w2 * x2 + b;
export const isWrong = (w, photo) => logit(w, photo) >= 0 !== Boolean(photo[2]);

/** How many photos are on the wrong side, and how many have a probability below 0.1 for their true class. */
export function mistakes(w) {
  const wrong = PHOTOS.filter((photo) => isWrong(w, photo));
  return [wrong.length, wrong.filter((photo) => probability((2 * photo[2] - 1) * logit(w, photo)) < 0.1).length];
}

export function render({ el }) {
  const state = structuredClone(FIRST);

  // --- the page
  const target = `Target: at most ${TARGET} of the ${PHOTOS.length} photos are on the wrong side. Boots belong on the side of the arrow. Drag its end and its foot.`;
  const { left, right, tell, close } = open(el, "A line between sandals and boots", target, draw, "even");
  const plane = new Plot(left, {
    x: { from: -2.4, to: 3.4, ticks: [-2, -1, 0, 1, 2, 3], label: "brightness x₁" },
    y: { from: -2.9, to: 2.1, ticks: [-2, -1, 0, 1, 2], label: "symmetry x₂" },
    equal: true,
  });
  const curve = new Plot(right, {
    x: { from: -12, to: 12, ticks: [-10, -5, 0, 5, 10], label: "z = w₁x₁ + w₂x₂ + b" },
    y: { from: -0.04, to: 1.04, ticks: [0, 0.5, 1], label: "probability p" },
    height: 250,
  });
  glyphs(right, [["●", CLASS_0, "sandal"], ["▲", CLASS_1, "ankle boot"], ["○", "inherit", "on the wrong side"]]);
  const growth = player(left, { length: () => 100, rate: 40, draw, reset: () => set(structuredClone(FIRST)) });
  const place = ([x, y], step) => [clamp(round(x, step), -2.4, 3.4), clamp(round(y, step), -2.9, 2.1)];
  const placeFoot = handle(plane, "Foot of the arrow", {
    color: "#fff",
    steps: [0.05, 0.05],
    get: () => state.foot,
    set: (point) => set({ foot: place(point, 0.05) }),
  });
  const placeTip = handle(plane, "End of the arrow", {
    color: TAUGHT,
    steps: [0.04, 0.04],
    get: () => tip(1),
    set(point) {
      const way = place(point, 0.01).map((value, i) => round((value - state.foot[i]) / SHOWN, 0.1));
      if (Math.hypot(...way) > 0.3) set({ arrow: way });
    },
  });

  // --- what happens
  function tip(share) {
    return state.foot.map((value, i) => value + share * SHOWN * state.arrow[i]);
  }

  function set(change) {
    Object.assign(state, change);
    growth.change();
  }

  function judge(w) {
    const [wrong, sure] = mistakes(w), isReached = wrong <= TARGET;
    tell(`${isReached ? "✓ reached: " : "Not yet: "}${wrong} on the wrong side, ${sure} of them far out (z beyond ±2.2).`, isReached, !growth.isOver());
  }

  // --- the drawing
  function draw() {
    const share = Math.max(growth.now(), 1) / 100, w = weights(state).map((weight) => share * weight);
    const [w1, w2, b] = w.map((weight) => show(weight, 1));
    judge(w);
    plane.begin(`200 photos and the line ${w1} x₁ + ${w2} x₂ + ${b} = 0. The plane is coloured by the probability.`);
    paint(plane, (point) => tint(probability(logit(w, point))), 90);
    drawLine();
    for (const photo of PHOTOS) drawPhoto(plane, photo, photo, w);
    arrow(plane, state.foot, tip(share), { stroke: "#fff", style: "stroke-width: 6" });
    arrow(plane, state.foot, tip(share), { stroke: "#111", style: "stroke-width: 3" });
    plane.text([-2.3, -2.8], `w₁ = ${w1}, w₂ = ${w2}, b = ${b}`, { class: "halo" });
    placeFoot();
    placeTip();
    curve.begin("The S from 0 to 1 over z, and the photos on it as beads.");
    const grid = Array.from({ length: 121 }, (_, k) => k / 5 - 12);
    curve.line([[0, 0], [0, 1]], { class: "guide" });
    curve.line(grid.map((z) => [z, probability(z)]), { stroke: TAUGHT });
    for (const photo of PHOTOS) {
      const z = clamp(logit(w, photo), -12, 12);
      drawPhoto(curve, [z, probability(z)], photo, w);
    }
  }

  function drawLine() {
    const [w1, w2] = state.arrow, length = Math.hypot(w1, w2), along = [(-8 * w2) / length, (8 * w1) / length];
    const ends = [-1, 1].map((side) => state.foot.map((value, i) => value + side * along[i]));
    plane.line(ends, { stroke: "#111", style: "stroke-width: 1.6" });
  }

  function drawPhoto(plot, point, photo, w) {
    mark(plot, point, photo[2], 3.8);
    if (!isWrong(w, photo)) return;
    for (const look of [{ stroke: "#fff", "stroke-width": 2.8 }, { stroke: "#111", "stroke-width": 1.4 }]) plot.dot(point, 6.5, { fill: "none", ...look });
  }

  return () => (growth.close(), close());
}

/** From the pale colour of class 0 over white to that of class 1. */
function tint(p) {
  const far = p < 0.5 ? [143, 193, 222] : [240, 176, 128], share = Math.abs(2 * p - 1);
  return far.map((part) => Math.round(255 + share * (part - 255)));
}

export default { render };
