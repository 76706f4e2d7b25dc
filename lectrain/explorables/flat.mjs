// A walk along straight lines between networks, over the loss, with the answers to ten photos at each place. The numbers are stored.
import { NEW_DATA, Plot, choice, clamp, handle, legend, open, player, raster, round, show, slider, tag } from "./kit.mjs";
import { NAMES, PHOTOS, SIDE } from "./clothes.mjs";
import { LINES } from "./flat-data.mjs";

export const ALPHAS = LINES[0].training.map((_, k) => round(k / 40 - 0.25, 0.025));
export const FIRST = { line: 0, at: 30 }; // the place of α = 0.5 among the 61
const ENDS = [ALPHAS.indexOf(0), ALPHAS.indexOf(1)], LAST = LINES.length - 1;

/** The highest place between the two ends, and how far it is above the higher one. */
export function ridge({ training }) {
  const inside = training.slice(ENDS[0], ENDS[1] + 1), top = Math.max(...inside);
  return { at: ENDS[0] + inside.indexOf(top), height: top - Math.max(inside[0], inside.at(-1)) };
}

/** What the network at a place of a line sees on each photo: [class, probability in percent]. */
export const answers = ({ classes, percents }, at) =>
  classes.map((all, k) => [Number(all[at]), Number(percents[k].slice(2 * at, 2 * at + 2))]);

export function render({ el }) {
  const state = structuredClone(FIRST);

  // --- the page
  const target = "Target: choose the line from the trained network to its renumbered twin, which computes the same, and walk to the top of the ridge. Which photos does the network up there get wrong?";
  const { left, right, below, tell, close } = open(el, "A walk between networks", target, draw, "even");
  const curve = new Plot(left, {
    x: { from: -0.25, to: 1.25, ticks: [0, 0.5, 1], label: "α" },
    y: { from: 0, to: 3, ticks: [0, 1, 2, 3], label: "loss" },
    height: 238,
  });
  const names = legend(left, ["var(--ink)", NEW_DATA]);
  names(["training loss", "test loss"]);
  const photos = new Plot(right, {
    x: { from: 0, to: 5, ticks: [], label: "what this network sees, and its probability" },
    y: { from: 0, to: 2.9, ticks: [], label: "" },
    equal: true,
  });
  const labels = Object.fromEntries(LINES.map(({ name }, k) => [k, name]));
  const lines = choice(below, "Line", labels, (line) => set({ line: Number(line) }));
  for (const name of below.querySelectorAll("span")) {
    const [first, ...others] = name.textContent.replace("₀", "0").split("θ"); // the small zero of a font looks like an o
    name.textContent = first;
    for (const other of others) {
      name.append("θ");
      tag(name, "sub", { style: "line-height: 0" }, other[0]);
      name.append(other.slice(1));
    }
  }
  below.style.marginTop = "8px"; // apart from the legend
  const places = slider(below, { label: "walker’s place α", names: ALPHAS.map((alpha) => show(alpha, 3)) }, (at) => set({ at }));
  const walk = player(below, { length: () => state.at, rate: 14, draw, reset: () => set(structuredClone(FIRST)) });
  const placeWalker = handle(curve, "Place on the line", {
    steps: [0.025, 0],
    get: () => [ALPHAS[state.at], LINES[state.line].training[state.at]],
    set: ([alpha]) => set({ at: clamp(Math.round((alpha + 0.25) * 40), 0, ALPHAS.length - 1) }),
  });

  // --- what happens
  function set(change) {
    Object.assign(state, change);
    walk.end(); // the slider does not move by itself
  }

  /** Everything tells of the place where the walker is now. */
  function judge(line, now, seen) {
    const { at, height } = ridge(line), isOver = walk.isOver();
    const wrong = seen.flatMap(([answer], k) => (answer === k ? [] : [NAMES[k]]));
    const isTop = now === at && height > 0.01, isReached = isOver && isTop && state.line === LAST;
    const place = isTop ? `The top, ${show(height)} above the ends` : `Loss ${show(line.training[now])}`;
    const list = wrong.length > 3 ? `${wrong.length} of the ten photos` : wrong.join(", ") || "none of the ten photos";
    tell(`${isReached ? "✓ reached. " : state.line === LAST ? "" : "This is another line. "}${place}. Wrong: ${list}.`, isReached, !isOver);
    lines(String(state.line));
    places(now);
  }

  // --- the drawing
  function draw() {
    const line = LINES[state.line], at = Math.round(walk.now()), seen = answers(line, at);
    judge(line, at, seen);
    const points = (losses) => losses.map((value, k) => [ALPHAS[k], value]);
    curve.begin(`The training and the test loss on the line ${line.name}, and a walker at α = ${show(ALPHAS[at], 3)}.`);
    for (const end of [0, 1]) curve.line([[end, 0], [end, 3]], { class: "guide" });
    curve.line(points(line.test), { stroke: NEW_DATA, "stroke-dasharray": "6 3" });
    curve.line(points(line.training), { class: "curve ink" });
    curve.dot([ALPHAS[at], line.training[at]], 7, { fill: "#fff", stroke: "#111", "stroke-width": 2 });
    placeWalker();
    const row = right.clientWidth < 450 ? 1.85 : 1.45; // the texts keep their size
    photos.y = { ...photos.y, to: 2 * row };
    photos.begin(`At α = ${show(ALPHAS[at], 3)}: ${seen.map(([answer], k) => `${NAMES[k]}, seen as ${NAMES[answer]}`).join("; ")}.`);
    seen.forEach((answer, k) => drawPhoto(k, answer, row));
  }

  function drawPhoto(k, [answer, percent], row) {
    const x = k % 5, y = (k < 5 ? 2 : 1) * row, isWrong = answer !== k;
    const grey = (i, j) => Array(3).fill(Math.round(255 * PHOTOS[k][j * SIDE + i]));
    raster(photos, [x + 0.06, y - 0.94], [x + 0.94, y - 0.06], SIDE, SIDE, grey);
    const [left, above] = photos.at([x + 0.05, y - 0.05]), [far, low] = photos.at([x + 0.95, y - 0.95]);
    const frame = { x: left, y: above, width: far - left, height: low - above, fill: "none", stroke: "#D55E00", "stroke-width": 4 };
    if (isWrong) tag(photos.area, "rect", frame);
    const look = { "text-anchor": "middle", style: `font-weight: ${isWrong ? 700 : 400}; font-size: 0.93em` };
    photos.text([x + 0.5, y - 0.97], row > 1.5 ? NAMES[answer].split(" ").at(-1) : NAMES[answer], { ...look, dy: "1.17em" });
    photos.text([x + 0.5, y - 0.97], `${percent} %`, { ...look, dy: "2.4em" });
  }

  return () => (walk.close(), close());
}

export default { render };
