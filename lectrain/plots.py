"""Plots in one style: colours that colour-blind people can distinguish, with dashes or markers as well.

Every function draws a new picture, shows it with the description `alt` and returns it. If it has parameters `panel`, it
can draw into `ax`, a panel of `side_by_side`, and accepts what `Axes.set` does, such as `xlabel`, a text with the unit.

A colour of `COLORS` means the same in all notebooks. Learning rates, batch sizes and other quantities have `shades`:
the larger, the darker. A landscape is a sea: the deeper, the darker. Positive numbers are brown, negative ones purple.
"""

import base64
import html
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np
from IPython.display import display
from matplotlib import colormaps, font_manager, rc_context, rc_params_from_file
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage, imread, imsave
from matplotlib.patheffects import withStroke

from lectrain import report

# Okabe and Ito's palette without yellow and sky blue. Orange is darker, so that each has a contrast of 3 with white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B87F00", "#000000")
CLASS_0, CLASS_1 = 0, 1  # blue and red
TAUGHT = 2  # green: what the notebook teaches, or class 2
RIVAL = 3  # pink: what it is compared with
NEW_DATA = 4  # ochre: data that is not used for training
TRAINING = 5  # black: training data, measured values
DASHES: Any = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))  # 5 dashes and 6 colours give 30 pairs
MARKERS = ("o", "^", "s", "D", "v", "P", "X")
CLASSES = LinearSegmentedColormap.from_list("classes", [COLORS[0], "white", COLORS[1]])  # class 0, p = 0.5, class 1
LANDSCAPE = LinearSegmentedColormap.from_list("sea", ["#0B1F4B", "#13508C", "#3A97BD", "#A0D8CC", "#FBF7E4"])
AMOUNTS = LinearSegmentedColormap.from_list("amounts", ["#2D004B", "#8073AC", "white", "#E08214", "#7F3B08"])
MAPS = (AxesImage, ContourSet, QuadMesh)  # in which dark means something, but for `AMOUNTS`
PAPER = {"boxstyle": "round", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}  # below words on a map
HALO, THIN_HALO = ([withStroke(linewidth=w, foreground="white", joinstyle="round")] for w in (4, 2.5))  # of lines
ARROW: Any = {"arrowstyle": "simple,tail_width=0.12", "color": "black", "lw": 0, "path_effects": THIN_HALO}  # one shape
BELOW: Any = {"fontsize": 10, "ncols": 2, "loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": 5}
Panel = Axes | None
Names = Sequence[str] | None
Named = Mapping[str, Any]  # labels in the legend, and the data of each
Marks = Named | None
Colors = Sequence[int | str]
Function = Callable[[np.ndarray], Any]
Drawn = Figure | SubFigure
STYLE = rc_params_from_file(str(Path(__file__).with_name("lectrain.mplstyle")), use_default_template=False)
for font in Path(__file__).with_name("fonts").glob("*.otf"):
    font_manager.fontManager.addfont(font)  # this process only; Matplotlib's own font fills in what Inter lacks, as ∇


class Picture(Figure):
    """A Matplotlib figure with a description."""

    alt = ""

    @rc_context(STYLE)
    def image(self) -> report.Box:
        """Render the picture as HTML, because JupyterLab gives a PNG no alt text."""
        for ax in self.axes:
            _label_ends(ax)
        legends: list[Any] = [legend for ax in self.axes if (legend := ax.get_legend()) and legend.get_visible()]
        names = [tuple(text.get_text() for text in legend.get_texts()) for legend in legends]
        if len({*names}) == 1 < len(legends):  # equal ones are drawn once, below all panels
            columns = max(1, int(12 * self.get_figwidth() / (max(map(len, names[0])) + 8)))  # 12 letters in an inch
            look: Any = {"fontsize": 10, "handlelength": 3, "loc": "outside lower center", "frameon": False}
            self.legend(legends[0].legend_handles, names[0], ncols=columns, **look)
            for legend in legends:
                legend.remove()
        self.draw_without_rendering()  # the layout measures where a title was drawn before
        area = self.get_tightbbox().padded(0.1)  # without empty margins
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=144, bbox_inches=area)
        panels = [panel for ax in self.axes for panel in (ax, *ax.child_axes)]
        maps = {ax for ax in panels for part in ax.get_children() if isinstance(part, MAPS) and part.cmap != AMOUNTS}
        # Most are as wide as a check. On a phone, they are scrolled, because smaller text would be unreadable.
        style = f"width: {7.8 * area.width:.1f}rem; max-width: min(100%, 62rem); min-width: {3.3 * area.width:.1f}rem"
        alt, source, kind = html.escape(self.alt), _encode(file), "lectrain-map" if maps else "lectrain-chart"
        markup = f'<img alt="{alt}" class="{kind}" style="{style}" src="{source}">'
        if maps:  # as an SVG, because a page that knows no classes leaves out such an element
            twin = f'<image href="{_encode(_darken(file, maps, area))}" width="100%" height="100%"/>'
            box = f'viewBox="0 0 {area.width:.2f} {area.height:.2f}"'
            markup += f'<svg class="lectrain-dark" role="img" aria-label="{alt}" {box} style="{style}">{twin}</svg>'
        return report.Box(f'{report.STYLE}<div style="overflow-x: auto" tabindex="0">{markup}</div>', self.alt)

    def _ipython_display_(self) -> None:
        """Show nothing as the last line of a cell: the picture is shown already."""


def _encode(file: io.BytesIO) -> str:
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _darken(file: io.BytesIO, maps: Iterable[Any], area: Any) -> io.BytesIO:
    """A picture for dark pages: all but the maps is turned as the style sheet turns charts."""
    pixels = imread(io.BytesIO(file.getvalue()))[..., :3]
    turned = 2 * pixels @ np.array([[0.213], [0.715], [0.072]]) - pixels
    dark = np.clip(1.2 * (0.92 - 0.84 * turned), 0, 1)  # its invert, hue-rotate, brightness
    for ax in maps:
        x, y = ((ax.get_window_extent().get_points() / ax.figure.dpi - area.min) * 144).round().astype(int).T
        dark[-y[1] : -y[0] or None, x[0] : x[1]] = pixels[-y[1] : -y[0] or None, x[0] : x[1]]
    twin = io.BytesIO()
    imsave(twin, dark, format="png")
    return twin


@contextmanager
def _new_picture(alt: str, size: tuple[float, float] | None, show: bool = True) -> Iterator[Picture]:
    if not alt:
        raise TypeError("alt= is missing: describe in a sentence what the picture shows, for readers who cannot see it")
    with rc_context(STYLE):
        picture = Picture(figsize=size, layout="compressed")
        picture.alt = alt
        yield picture
        if show:
            display(picture.image())  # type: ignore[no-untyped-call]


@contextmanager
def _axes(alt: str = "", ax: Panel = None, *, size: Any = None, xlabel: str, ylabel: str, **m: Any) -> Iterator[Axes]:
    """The given axes, or those of a new picture."""
    if ax is None:
        with _new_picture(alt, size) as picture:
            yield picture.add_subplot(xlabel=xlabel, ylabel=ylabel, **m)
    else:
        ax.set(xlabel=xlabel, ylabel=ylabel, **m)
        yield ax


def curves(x: Any, ys: Named, *, log: str = "", colors: Colors = COLORS, **panel: Any) -> Drawn:
    """Draw curves over one axis. Their names are written at their ends if there is room, else in a legend.

    `x` has the shape (n,), and so have the heights `ys` of each curve. `log` names the logarithmic axes, such as "xy".
    `colors` are indices in `COLORS`, such as `TAUGHT`, or `shades`.
    """
    with _axes(**panel) as ax:
        ax.set(**{f"{axis}scale": "log" for axis in log})
        for (label, y), color, dash in _styled(ys.items(), colors, DASHES):
            ax.plot(x, y, label=label, color=color, linestyle=dash)
        ax.legend().set_gid("curves")
    return ax.figure


def scatter_classes(
    X: Any, labels: Any, *, lines: Marks = None, circles: Marks = None, names: Names = None, **panel: Any
) -> Drawn:
    """Draw labelled points and decision lines xᵀw = 0. An arrow points to the side of a line where xᵀw > 0.

    The points are the rows of `X`, of the shape (n, 2), or (n, 3) with a column of ones. `labels` are their classes,
    int (n,), and `names` the names of the classes. `lines` are weights w, `circles` are groups of points, bool (n,).
    """
    X, labels = np.asarray(X, dtype=float), np.asarray(labels)
    margins = 0.1 * np.ptp(X, axis=0) + 0.1
    xlim, ylim, *_ = zip(X.min(axis=0) - margins, X.max(axis=0) + margins, strict=True)  # fixed, whatever the lines are
    with _axes(**{"xlabel": "x₁", "ylabel": "x₂", "xlim": xlim, "ylim": ylim, **panel}) as ax:
        for k, color, marker in _styled(np.unique(labels), COLORS, MARKERS):
            look: Any = {"color": color, "marker": marker, "edgecolor": "white", "lw": 0.5}  # no arrow hides points
            ax.scatter(*X[labels == k, :2].T, **look, label=names[k] if names else f"class {k}", zorder=4)
            for chosen in (circles or {}).values():  # above other points at the same place
                ax.scatter(*X[(labels == k) & chosen, :2].T, **look, zorder=4.1)
        for label, chosen in (circles or {}).items():
            ax.scatter(X[chosen, 0], X[chosen, 1], s=110, label=label, fc="none", ec="black", zorder=4.1)
        for (label, w), dash in _styled((lines or {}).items(), DASHES):
            _decision_line(ax, np.asarray(w, dtype=float), label, dash)
        ax.legend(handlelength=1.5, **BELOW)
    return ax.figure


def heat_map(M: Any, *, columns: Names = None, rows: Names = None, errors: bool = False, **panel: Any) -> Drawn:
    """Draw a matrix as cells. Numbers have two decimals unless all are whole. Positive is brown, negative purple.

    With `errors`, it is a confusion matrix, whose diagonal is grey, so that the errors are seen.
    """
    M = np.asarray(M)
    toned = np.ma.array(M, mask=np.diag([True] * len(M))) if errors else M
    top = 2.2 * max(np.ceil(abs(toned)).max(), 1e-12)  # the same tones for all matrices up to 1, none too dark for text
    digits = 0 if (np.round(M) == M).all() else 2
    with _axes(size=(max(6.4, 0.9 * M.shape[1]), max(2.5, 0.5 * len(M) + 1.5)), facecolor="0.87", **panel) as ax:
        ax.pcolor(toned, cmap=AMOUNTS, vmin=-top, vmax=top, edgecolors="0.85")
        for (i, j), value in np.ndenumerate(M):
            ax.text(j + 0.5, i + 0.5, f"{value:.{digits}f}".replace("-", "−"), fontsize=10, ha="center", va="center")
        slant: Any = {"rotation": 40, "ha": "right"} if max(map(len, columns or [""])) > 10 else {}
        across, down = np.arange(M.shape[1]), np.arange(len(M))
        ax.set_xticks(across + 0.5, columns or map(str, across), rotation_mode="anchor", **slant)
        ax.set_yticks(down + 0.5, rows or map(str, down))
        ax.invert_yaxis()
        ax.grid(visible=False)
    return ax.figure


def images(pictures: Any, names: Sequence[str], *, title: str = "", alt: str) -> Picture:
    """Draw small grey images (n, height, width) with their names, in rows of five, and a `title` above all."""
    rows = -(-len(names) // 5)
    with _new_picture(alt, (8, min(2.3 * rows, 6))) as grid:
        grid.suptitle(title, x=0.005, ha="left", weight="bold", size=13)
        for number, (picture, name) in enumerate(zip(pictures, names, strict=True), start=1):
            ax = grid.add_subplot(rows, 5, number, frame_on=False, xticks=(), yticks=())
            ax.imshow(picture, cmap="gray", vmin=0, vmax=np.max(pictures))
            ax.set_title(name, fontsize=10, weight="normal" if title else "bold")
    return grid


def paths_on_contours(
    loss: Function, paths: Named, *, minimum: Any = None, colors: Colors = (TAUGHT, RIVAL), **panel: Any
) -> Drawn:
    """Draw the paths of weights in the landscape of a loss: the darker, the lower. Both axes have the same scale.

    A path consists of weights (T + 1, 2). A circle marks its start, a star its end, dots the way, at first white, and
    a cross the `minimum` (2,).
    """
    with _axes(xlabel="w₁", ylabel="w₂", aspect="equal", **panel) as ax:
        _landscape(ax, loss)
        for (label, path), color, dash in _styled(paths.items(), colors, DASHES):
            _path(ax, np.asarray(path, dtype=float), label, color, dash)
        for label, marker, size in (("start", "o", 9), ("end", "*", 16)) if paths else ():
            ax.plot([], [], marker, color="white", markeredgecolor="black", markersize=size, label=label)
        if minimum is not None:
            ax.plot(*minimum, "X", color="white", markeredgecolor="black", markersize=10, label="minimum", zorder=4)
        ax.grid(visible=False)
        if paths:
            ax.legend(**BELOW)
    return ax.figure


def side_by_side(
    panels: Named, *, alt: str, title: str = "", columns: int = 3, height: float = 3.8, show: bool = True
) -> Picture:
    """Draw several panels in one picture: their names, and functions that draw into given axes.

    `title` says what the picture shows. At most `columns` panels are in a row, each with a `height` in inches.
    """
    rows = -(-len(panels) // columns)
    columns = -(-len(panels) // rows)  # four panels: two rows of two
    with _new_picture(alt, (8.8 if columns < 3 else 10.4, height * rows), show) as picture:
        axes = [picture.add_subplot(rows, columns, number + 1) for number in range(len(panels))]
        for ax, (name, draw) in zip(axes, panels.items(), strict=True):
            draw(ax)
            start = name[0].upper() if name[:2].isascii() and name[1:2].isalpha() else name[:1]  # not w, θf
            text = (start + name[1:]).replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
            ax.set_title(fill(text, 96 // columns), weight="normal" if title else "bold")
        picture.suptitle(title, x=0.01, ha="left", weight="bold", size=13)
        _say_once(axes, columns)
    return picture


def _say_once(axes: list[Axes], columns: int) -> None:
    """Leave labels and colour bars at the outer panels, if those of all panels are equal."""
    outer = {"xlabel": axes[-columns:], "ylabel": axes[::columns]}
    for label in outer:
        if len({getattr(ax, f"get_{label}")() for ax in axes}) == 1:
            for ax in set(axes).difference(outer[label]):
                ax.set(**{label: ""})
    bars = {ax: bar for ax in axes for bar in ax.child_axes}
    if len({bar.get_ylim() for bar in bars.values()}) == 1 and len(bars) == len(axes):
        for ax in set(axes).difference(axes[columns - 1 :: columns]):
            bars[ax].remove()


def note(ax: Axes, text: str, point: Any, place: Any) -> None:
    """Write a remark about a point, both in the units of the axes, with an arrow from `place`, the text's centre."""
    arrow = {**ARROW, "shrinkB": 5, "connectionstyle": "arc3,rad=0.15"}
    ax.annotate(text, point, place, arrowprops=arrow, bbox=PAPER, ha="center", va="center", zorder=7)


def shades(n: int) -> list[str]:
    """Colours for `n` increasing values of a quantity: the larger, the darker."""
    return [to_hex(colormaps["viridis"](tone)) for tone in np.linspace(0.55, 0, n)]


def _styled(items: Iterable[Any], *styles: Iterable[Any]) -> Iterator[Any]:
    """Combine each item with the next colour, dash or marker. A number is an index in `COLORS`."""
    looks = ([COLORS[look] if isinstance(look, int) else look for look in style] for style in styles)
    return zip(items, *map(cycle, looks), strict=False)


def _label_ends(ax: Axes) -> None:
    """Replace the legend that `curves` made by names at the ends of the curves, if each is close to its curve there."""
    legend = ax.get_legend()
    lines: Sequence[Any] = ax.get_legend_handles_labels()[0]
    if not lines or not legend or legend.get_gid() != "curves" or any(line.get_marker() != "None" for line in ax.lines):
        return
    ax.autoscale_view()
    names = [fill(str(line.get_label()), 20) for line in lines]
    rows = max(name.count("\n") + 1 for name in names)
    places = _apart([_end_height(ax, line) for line in lines], rows * 14 / 72 * ax.figure.dpi / ax.bbox.height)
    if places is None or rows > 3 or ax.bbox.width < 2.6 * ax.figure.dpi:
        return  # names would be far from their curves, or take too much of a narrow panel
    legend.remove()
    for line, name, place in zip(lines, names, places, strict=True):
        look: Any = {"color": [0.78 * part for part in to_rgb(line.get_color())], "fontsize": 10}  # more contrast
        ax.annotate(name, (1, place), (5, 0), "axes fraction", "offset points", va="center", **look)


def _end_height(ax: Axes, line: Any) -> float:
    """Where a curve ends, as a share of the height of the axes; nan if that is not at the right edge."""
    points = (ax.transScale + ax.transLimits).transform(line.get_xydata())
    points = points[((points >= -0.01) & (points <= 1.01)).all(axis=1)]
    return float(points[-1, 1]) if len(points) and points[-1, 0] >= 0.9 else np.nan


def _apart(heights: Sequence[float], height: float) -> np.ndarray | None:
    """Places for names of a height, close to the given heights and in their order, or None if there are none."""
    order, distances = np.argsort(heights), height * np.arange(len(heights))
    ends = np.take(heights, order)
    places = np.maximum.accumulate(ends - distances) + distances
    places -= np.mean(places - ends)
    is_clear = (np.diff(ends) >= 0.01).all() and (abs(places - ends) <= 0.12).all()  # false for nan
    return places[np.argsort(order)] if is_clear else None


def _landscape(ax: Axes, loss: Function) -> None:
    w1, w2 = np.linspace(*ax.get_xlim(), 61), np.linspace(*ax.get_ylim(), 61)
    heights = np.array([[float(loss(np.array([a, b]))) for a in w1] for b in w2])
    low, high = np.nanmin(heights), np.nanmax(heights)
    levels = low + max(high - low, 1e-9) * np.linspace(0, 1, 15) ** 2  # closer at the bottom, as a valley is flat there
    tones = ax.contourf(w1, w2, heights, levels, cmap=LANDSCAPE)
    ax.contour(w1, w2, heights, levels, colors="white", linewidths=0.6, alpha=0.8)
    digits = 1 - int(np.floor(np.log10(levels[-1] - levels[0])))
    ticks: Any = {"ticks": levels[::7], "format": lambda level, _: f"{round(level, digits) + 0:g}"}
    ax.figure.colorbar(tones, cax=ax.inset_axes((1.03, 0, 0.035, 1)), label="loss", **ticks)  # as high as the axes


def _path(ax: Axes, path: np.ndarray, label: str, color: str, dash: Any) -> None:
    ends: Any = {"color": "white", "markeredgecolor": "black", "zorder": 3.2}
    numbers = path[np.isfinite(path).all(axis=1)]  # the rest may have left the picture
    width = 2.2 if len(path) < 200 else 1  # many steps are a tangle
    ax.plot(*path.T, label=label, color=color, ls=dash, lw=width, path_effects=HALO, zorder=3)
    ax.plot(*numbers[0], marker="o", markersize=9, **ends)
    ax.plot(*numbers[-1], marker="*", markersize=17, **ends)
    way = np.cumsum(np.hypot(*np.diff(numbers, axis=0, prepend=numbers[:1]).T))
    some = numbers[np.unique(way // max(np.ptp(ax.get_xlim()) / 40, way[-1] / 60), return_index=True)[1]]
    tones = LinearSegmentedColormap.from_list("steps", ["white", color])
    ax.scatter(some[:, 0], some[:, 1], s=20, c=range(len(some)), cmap=tones, ec="black", lw=0.4, zorder=3.1)


def _decision_line(ax: Axes, w: np.ndarray, label: str, dash: Any) -> None:
    normal, bias = w[:2], (w[2] if len(w) == 3 else 0.0)
    if not normal.any():
        return  # xᵀw is constant: there is no line
    centre = np.array([np.mean(ax.get_xlim()), np.mean(ax.get_ylim())])
    start = centre - (normal @ centre + bias) / (normal @ normal) * normal  # the line's point closest to the centre
    ax.axline(start, start + normal[::-1] * (-1, 1), color="black", linestyle=dash, label=label)
    ax.set_aspect("equal")  # otherwise the arrow would not look perpendicular
    ax.annotate("", start + normal / np.hypot(*normal), start, arrowprops={**ARROW, "mutation_scale": 25}, zorder=6)
