"""The plots of the class report, each with its numbers as a table."""

import base64
import io
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from .class_data import QuestionKey
from .class_statistics import ExerciseStatistics
from .templates import format_points

matplotlib.use("Agg")
BLUE, ORANGE = "#0072B2", "#D55E00"
MAX_TITLE_CHARACTERS = 40  # in a plot


@dataclass(frozen=True)
class Plot:
    """A plot and the same numbers as a table.

    Attributes
    ----------
    png : str
        The image, encoded as base64.
    alt : str
        The alternative text of the image.
    """

    title: str
    png: str
    alt: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def plot_histogram(scores: Sequence[float], max_score: float) -> Plot:
    """Plot the distribution of scores.

    Parameters
    ----------
    scores : sequence of float
        At least one.
    """
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


def plot_mean_shares(exercises: Sequence[ExerciseStatistics], titles: Mapping[QuestionKey, str]) -> Plot | None:
    """Plot the mean share of the points that each exercise earned.

    Parameters
    ----------
    titles : mapping of (str, str) to str
        The title of each exercise, by its key.

    Returns
    -------
    Plot or None
        None if nothing has been graded.
    """
    with_scores = [exercise for exercise in exercises if exercise.num_answers and exercise.points]
    if not with_scores:
        return None
    names = [_short(titles[exercise.key]) for exercise in with_scores]
    shares = [100 * exercise.mean / exercise.points for exercise in with_scores]
    figure = Figure(figsize=(7, 0.8 + 0.3 * len(shares)), layout="constrained")
    axes = figure.subplots()
    axes.barh(range(len(names)), shares, color=BLUE)
    axes.set_yticks(range(len(names)), [name.replace("$", r"\$") for name in names])
    axes.invert_yaxis()  # the first exercise at the top
    axes.set(xlabel="mean share of the points (%)", xlim=(0, 100))
    lowest, name = min(zip(shares, names, strict=True))
    alt = f"Bars of the mean share of points for {len(shares)} exercises. The lowest is {name} with {lowest:.0f} %."
    rows = tuple((name, f"{share:.0f} %") for name, share in zip(names, shares, strict=True))
    return Plot("Mean share of the points per exercise", _png(figure), alt, ("exercise", "share"), rows)


def _short(title: str) -> str:
    return title if len(title) <= MAX_TITLE_CHARACTERS else f"{title[: MAX_TITLE_CHARACTERS - 1]}…"


def _png(figure: Figure) -> str:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=150)
    return base64.b64encode(image.getvalue()).decode()
