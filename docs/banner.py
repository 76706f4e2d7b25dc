"""Draw the banner of the README: gradient descent and momentum in a valley. ``make pictures`` runs it."""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lectrain.plots import COLORS, LANDSCAPE, RIVAL, TAUGHT  # noqa: E402

BANNER = ROOT / "docs" / "pictures" / "banner.png"
CURVATURES = np.array([0.25, 4.0])  # along the valley and across it
START = np.array([9.3, 1.1])
HALO = [withStroke(linewidth=4, foreground="white")]


def path(lr: float, alpha: float, num_steps: int) -> np.ndarray:
    """The weights of momentum from the start on, (num_steps + 1, 2). With alpha 0, it is gradient descent."""
    weights, v = [START], np.zeros(2)
    for _ in range(num_steps):
        v = alpha * v - lr * CURVATURES * weights[-1]
        weights.append(weights[-1] + v)
    return np.array(weights)


def main() -> None:
    """Draw the landscape, both paths and the name."""
    figure = Figure(figsize=(8.46, 1.3), dpi=200)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.axis("off")
    w1, w2 = np.linspace(-8, 10.2, 400), np.linspace(-1.6, 1.6, 120)
    loss = (CURVATURES[0] * w1**2 + CURVATURES[1] * w2[:, None] ** 2) / 2
    levels = loss.max() * np.linspace(0, 1, 22) ** 1.8
    ax.contourf(w1, w2, loss, levels, cmap=LANDSCAPE)
    ax.contour(w1, w2, loss, levels, colors="white", linewidths=0.7, alpha=0.55)
    for weights, color, dash in ((path(0.46, 0, 13), COLORS[RIVAL], "--"), (path(0.25, 0.6, 13), COLORS[TAUGHT], "-")):
        ax.plot(*weights.T, color=color, linestyle=dash, linewidth=2, path_effects=HALO)
        ax.plot(*weights.T, "o", color="white", markeredgecolor="black", markeredgewidth=0.6, markersize=5)
    ax.plot(*START, "o", color="white", markeredgecolor="black", markersize=10)
    ax.plot(0, 0, "X", color="white", markeredgecolor="black", markersize=11)
    ax.text(-7.5, 0, "lectrain", color="white", fontsize=46, fontfamily="Inter", weight="bold", va="center")
    ax.set(xlim=w1[[0, -1]], ylim=w2[[0, -1]])
    figure.savefig(BANNER)


if __name__ == "__main__":
    main()
