"""Draw docs/pictures/architecture.svg: what becomes of a notebook, and which room of `autograder` imports which.

Boxes and arrows are placed by hand; that each arrow is an import is checked in the code. Part of ``make pictures``.
"""

import ast
from itertools import pairwise
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

ROOT = Path(__file__).resolve().parents[1]
FLOW = {
    "solutions/": "you edit",
    "notebooks/": "generated",
    "submitted/": "handed in",
    "gradebook.db": "and records/",
    "feedback/": "and reports/",
}
STEPS = ["nbgrader\ngenerate", "they solve,\nyou collect", "autograder\ngrade", "feedback,\nreport"]
ROOMS = {  # place, modules, and what it does
    "cli": ((0, 3), {"cli", "matrix", "simulate", "release"}, "the commands"),
    "reports": ((1, 3), {"reports"}, "pages and exports"),
    "batch": ((0, 2), {"batch", "grader", "intake"}, "many submissions"),
    "plugin": ((1, 2), {"plugin", "repair", "forbidden"}, "one notebook"),
    "judge": ((1, 1), {"judge", "answers", "complaints", "diagnosis", "relations", "instead"}, "answers → verdict"),
    "exercises": ((0, 1), {"exercises", "questions", "author"}, "references, rules,\nmistakes, variants"),
    "exercise": ((1, 0), {"exercise"}, "the vocabulary"),
    "runner": ((2, 2), {"runner"}, "starts and limits it"),
    "probe": ((2, 0.5), {"probe"}, "calls the student's\nfunction"),
}  # fmt: skip
IMPORTS = ["cli batch", "cli reports", "reports exercises", "plugin runner", "plugin judge", "plugin exercises"]
IMPORTS += ["judge exercise", "exercises exercise"]
CALLS = ["batch plugin", "runner probe"]  # by the names in nbgrader_config.py; in another process
BLUE, ORANGE = "#0072B2", "#D55E00"


def room_of(module: str) -> str | None:
    return next((room for room, (_, modules, _) in ROOMS.items() if module in modules), None)


def arrows() -> set[tuple[str, str]]:
    """Which room imports which."""
    found = set()
    for file in (ROOT / "autograder").rglob("*.py"):
        parts = file.relative_to(ROOT / "autograder").with_suffix("").parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == len(parts):  # from the top of the package
                for name in [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]:
                    found.add((room_of(parts[0]), room_of(name)))
    return {(a, b) for a, b in found if a and b and a != b}


def box(ax: Axes, x: float, y: float, title: str, text: str, color: str, width: float = 2.4) -> FancyBboxPatch:
    place = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": color, "linewidth": 2}
    patch = ax.add_patch(FancyBboxPatch((x - width / 2, y - 0.42), width, 0.84, **place))
    ax.text(x, y + 0.2, title, ha="center", va="center", fontsize=13, color=color, fontfamily="monospace")
    ax.text(x, y - 0.2, text, ha="center", va="center", fontsize=11)
    return patch


def draw() -> Figure:
    picture = Figure(figsize=(11, 8.2), facecolor="white")
    ax = picture.add_axes((0, 0, 1, 1), xlim=(-0.6, 15.4), ylim=(-1.2, 9.1))
    ax.axis("off")
    arrow = {"arrowstyle": "-|>", "linewidth": 1.5, "color": "0.35"}
    called = {"color": ORANGE, "linestyle": "--"}
    places = [1.1 + 3.1 * i for i in range(len(FLOW))]
    for x, (title, text) in zip(places, FLOW.items(), strict=True):
        box(ax, x, 7.9, title, text, BLUE, width=2.05)
    for (a, b), step in zip(pairwise(places), STEPS, strict=True):
        ax.annotate("", (b - 1.25, 7.9), (a + 1.25, 7.9), arrowprops=arrow)
        ax.text((a + b) / 2, 7.1, step, ha="center", va="top", fontsize=11)
    at = {room: (1.9 + 5.2 * x, 0.3 + 1.75 * y) for room, ((x, y), _, _) in ROOMS.items()}
    sandbox = {"boxstyle": "round,pad=0.2", "facecolor": "#FBE9DD", "edgecolor": "none"}
    ax.add_patch(FancyBboxPatch((10.3, -0.6), 4.2, 3.1, zorder=-1, **sandbox))
    ax.text(
        12.4, -0.45, "the student's process, in a sandbox:\ninputs in, arrays out, no answers", ha="center", fontsize=11
    )
    boxes = {
        room: box(ax, *at[room], room, text, ORANGE if room == "probe" else BLUE, width=3)
        for room, (_, _, text) in ROOMS.items()
    }
    assert {tuple(pair.split()) for pair in IMPORTS} <= arrows()
    for pair in [*IMPORTS, *CALLS]:
        a, b = pair.split()
        line = arrow | {"patchA": boxes[a], "patchB": boxes[b], "shrinkA": 2, "shrinkB": 3}
        ax.annotate("", at[b], at[a], arrowprops=line | (called if pair in CALLS else {}))
    return picture


def main() -> None:
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "lectrain"}):
        draw().savefig(ROOT / "docs" / "pictures" / "architecture.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
