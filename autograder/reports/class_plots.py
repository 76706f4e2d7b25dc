"""The plot of the class report, with its numbers as a table."""

import base64
import io
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from .templates import format_points

matplotlib.use("Agg")
BLUE, ORANGE = "#0072B2", "#D55E00"


@dataclass(frozen=True)
class Plot:
    """A plot and the same numbers as a table."""

    title: str
    png: str  # the image, encoded as base64
    alt: str  # the alternative text of the image
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def plot_histogram(scores: Sequence[float], max_score: float) -> Plot:
    """Plot the distribution of scores."""
    figure = Figure(figsize=(7, 2.8), layout="constrained")
    axes = figure.subplots()
    counts, edges, _ = axes.hist(
        scores, bins=10, range=(0, max(max_score, *scores) or 1), color=BLUE, edgecolor="white"
    )
    axes.axvline(statistics.fmean(scores), color=ORANGE, linestyle="--", label="mean")
    axes.set(xlabel="score (points)", ylabel="students")
    axes.set_xticks(edges, [format_points(edge) for edge in edges])
    axes.legend(frameon=False, loc="upper left")
    rows = tuple(
        (f"{format_points(low)} to {format_points(high)}", f"{count:.0f}")
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    )
    largest_range, largest_count = rows[int(np.argmax(counts))]
    alt = (
        f"Histogram of {len(scores)} scores. The most frequent range is {largest_range} points, with {largest_count} "
        f"{'student' if largest_count == '1' else 'students'}; the mean is {format_points(statistics.fmean(scores))}."
    )
    title = "Students per range of scores. A score on a boundary belongs to the higher range."
    return Plot(title, _png(figure), alt, ("points", "students"), rows)


def _png(figure: Figure) -> str:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=150)
    return base64.b64encode(image.getvalue()).decode()
