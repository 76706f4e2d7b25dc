"""Pictures have alt text and labelled axes, distinguish data by more than colour, and are shown once."""

import base64
import io
import itertools
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread

from lectrain import plots
from lectrain.report import Box

LABELS = np.arange(40) % 2
X = np.column_stack([np.random.default_rng(541).normal(size=(40, 2)) + 3 * LABELS[:, np.newaxis], np.ones(40)])
ALT = "A description."


def curves(**options):
    x = np.linspace(1, 5)
    return plots.curves(x, {"up": x, "down": -x}, xlabel="t (s)", ylabel="h (m)", **options)


def scatter_classes(**options):
    return plots.scatter_classes(X, LABELS, lines={"xᵀw = 0": [1, 2, 0.5]}, **options)


def paths_on_contours(**options):
    path = np.linspace([2, 2], [0, 0], 5)
    return plots.paths_on_contours(lambda w: w @ w, {"path": path}, xlim=(-3, 3), ylim=(-3, 3), **options)


def heat_map(**options):
    return plots.heat_map([[1.0, -2.0, 0.5]], columns="abc", xlabel="to", ylabel="from", **options)


DRAWINGS = [curves, scatter_classes, paths_on_contours]


def side_by_side(**options):
    return plots.side_by_side({d.__name__: lambda ax, d=d: d(ax=ax) for d in DRAWINGS}, **options)


@pytest.fixture
def displayed(monkeypatch):
    """The objects that a notebook would display."""
    objects = []
    monkeypatch.setattr(plots, "display", objects.append)
    return objects


@pytest.fixture
def not_rendered(monkeypatch):
    """Skip rendering the PNG, which takes most of the time, in tests of the figure itself."""
    monkeypatch.setattr(plots.Picture, "image", lambda self: Box("", ""))
    monkeypatch.setattr(plots, "display", lambda box: None)


def images(page):
    """The attributes of every image in HTML that contains only images, and boxes to scroll them in."""
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            assert tag in ("div", "img", "style", "svg", "image")  # the last two are the twin for dark pages
            if tag in ("img", "svg", "image"):
                found.append(dict(attributes))

    Reader().feed(page)
    return found


# --- shown once, with alt text --------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [*DRAWINGS, heat_map, side_by_side])
def test_a_picture_is_shown_once_with_its_alt_text_and_returned(draw, displayed):
    figure = draw(alt=ALT)
    assert isinstance(figure, Figure)
    (image,) = displayed
    attributes, *twin = images(image.data)
    assert attributes["alt"] == ALT
    assert bool(twin) == (attributes["class"] == "lectrain-map")
    assert not twin or (twin[0]["class"], twin[0]["aria-label"]) == ("lectrain-dark", ALT)
    assert repr(image) == ALT  # for a terminal
    kind, code = attributes["src"].split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(code).startswith(b"\x89PNG")
    assert "max-width: min(100%, 62rem)" in attributes["style"]


@pytest.mark.parametrize(("tones", "kind"), [("gray", "lectrain-map"), (plots.AMOUNTS, "lectrain-chart")])
def test_amounts_turn_on_a_dark_page_so_that_zero_is_dark_there_and_photos_do_not(tones, kind, displayed):
    plots.side_by_side({"a": lambda ax: ax.imshow([[-1, 0, 1]], cmap=tones)}, alt=ALT)
    assert images(displayed[0].data)[0]["class"] == kind


def test_the_twin_for_dark_pages_is_dark_around_the_same_map_whose_labels_turn(displayed):
    plots.paths_on_contours(lambda w: w @ w, {}, xlim=(-3, 3), ylim=(-2, 2), alt=ALT)
    image, _, twin = images(displayed[0].data)
    sources = image["src"].partition(",")[2], twin["href"].partition(",")[2]
    light, dark = (imread(io.BytesIO(base64.b64decode(source)))[..., :3] for source in sources)
    middle = tuple(slice(int(0.4 * size), int(0.6 * size)) for size in light.shape[:2])
    assert (light[0] > 0.99).all()
    assert (dark[0] < 0.1).all()
    is_same = (abs(light - dark) < 0.01).all(axis=2)
    assert is_same[middle].all()
    assert 0.3 < is_same.mean() < 0.9


@pytest.mark.parametrize("draw", [*DRAWINGS, heat_map, side_by_side])
@pytest.mark.parametrize("alt", [{}, {"alt": ""}, {"alt": None}])
def test_a_picture_without_alt_text_is_rejected(draw, alt, displayed):
    with pytest.raises(TypeError, match="alt"):
        draw(**alt)
    assert displayed == []


@settings(max_examples=20)
@given(st.text(min_size=1).filter(lambda s: "\r" not in s and "\x00" not in s))
def test_alt_text_may_contain_any_characters(alt):
    picture = plots.Picture(figsize=(1, 1))
    picture.alt = alt
    (attributes,) = images(picture.image().data)
    assert attributes["alt"] == alt


@pytest.mark.parametrize("draw", [*DRAWINGS, heat_map])
def test_a_panel_is_drawn_into_the_given_axes_and_not_shown(draw, displayed):
    figure = Figure()
    ax = figure.add_subplot()
    assert draw(ax=ax) is figure
    assert ax.has_data()
    assert displayed == []


def test_drawing_changes_neither_rcparams_nor_pyplot_figures(displayed):
    import matplotlib.pyplot as plt

    before = dict(matplotlib.rcParams)
    for draw in (*DRAWINGS, side_by_side):
        draw(alt=ALT)
    assert dict(matplotlib.rcParams) == before
    assert plt.get_fignums() == []


def test_a_drawing_that_raises_an_error_is_not_shown(displayed):
    with pytest.raises(ZeroDivisionError):
        plots.paths_on_contours(lambda w: 1 / 0, {}, alt=ALT)
    assert displayed == []


def test_landscapes_have_the_same_colours_in_pictures_and_in_explorables():
    kit = (Path(plots.__file__).parent / "explorables" / "kit.mjs").read_text(encoding="utf-8")
    sea = np.array(json.loads(re.search(r"const SEA = (.*);", kit)[1]))
    tones = plots.LANDSCAPE(np.linspace(0, 1, len(sea)))[:, :3]
    np.testing.assert_allclose(255 * tones, sea, atol=2)  # of 255: a colour map has 256 steps


def test_a_picture_finds_its_fonts():
    """In a notebook, a warning of Matplotlib would be shown above the picture, in red."""
    draw = (
        "from lectrain import plots; plots.curves([1, 100], {'∇L': [1, 2]}, xlabel='z', ylabel='p', log='x', alt='A.')"
    )
    title = "plots.side_by_side({'Loss: xᵀw': lambda ax: ax.set(xlabel='$x_1$')}, alt='A.', show=False).image()"
    finished = subprocess.run([sys.executable, "-c", f"{draw}; {title}"], capture_output=True, text=True, check=True)
    assert finished.stderr == ""


# --- readable -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [*DRAWINGS, heat_map, side_by_side])
def test_every_axis_is_labelled(draw, not_rendered):
    for ax in draw(alt=ALT).axes:
        assert ax.get_ylabel()
        assert ax.get_xlabel() or ax.get_label() == "<colorbar>"


@pytest.mark.parametrize("draw", DRAWINGS)
def test_the_legend_names_all_data(draw, not_rendered):
    (ax,) = (ax for ax in draw(alt=ALT).axes if ax.get_label() != "<colorbar>")
    assert len(ax.get_legend().get_texts()) == len(ax.get_legend_handles_labels()[1]) > 0


def test_thirty_curves_have_different_styles_and_five_differ_in_colour_and_in_dashes(not_rendered):
    ys = {f"curve {k}": np.arange(3) + k for k in range(30)}
    lines = plots.curves(np.arange(3), ys, xlabel="x", ylabel="y", alt=ALT).axes[0].lines
    colors, dashes = [line.get_color() for line in lines], [str(line._dash_pattern) for line in lines]
    assert len({*zip(colors, dashes, strict=True)}) == 30
    assert len({*colors[:5]}) == len({*dashes[:5]}) == 5


def test_classes_differ_in_colour_and_in_marker(not_rendered):
    clouds = plots.scatter_classes(np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 6, alt=ALT)
    collections = clouds.axes[0].collections
    assert len({tuple(c.get_facecolor()[0]) for c in collections}) == 6
    assert len({c.get_paths()[0].vertices.tobytes() for c in collections}) == 6


def luminance(color):
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in matplotlib.colors.to_rgb(color))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("color", [*plots.COLORS, *plots.shades(6)])
def test_every_colour_contrasts_with_white(color):
    assert 1.05 / (luminance(color) + 0.05) >= 3  # WCAG 2's minimum for graphics


def test_shades_become_darker():
    lightness = [luminance(color) for color in plots.shades(6)]
    assert sorted(lightness, reverse=True) == lightness
    assert lightness[0] > 2 * lightness[-1]


def rendered(ys, **options):
    figure = plots.curves(np.arange(9), ys, xlabel="x", ylabel="y", alt=ALT, **options)
    figure.image()
    return figure.axes[0]


def test_curves_have_their_names_at_their_ends(displayed):
    ax = rendered({"rises": np.arange(9), "stays": np.zeros(9), "stays a little higher": np.full(9, 0.2)})
    assert ax.get_legend() is None
    texts = sorted(ax.texts, key=lambda text: text.xy[1])
    names = {text.get_text().replace("\n", " "): text for text in texts}
    assert [*names] == ["stays", "stays a little higher", "rises"]
    assert names["rises"].xy[1] == pytest.approx(0.95, abs=0.04)  # next to the end of the curve
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in texts]
    assert all(below.y1 <= above.y0 for below, above in itertools.pairwise(boxes))
    assert all(1.05 / (luminance(text.get_color()) + 0.05) >= 4.5 for text in ax.texts)  # WCAG 2's minimum for text


@pytest.mark.parametrize(
    "ys",
    [
        {f"curve {k}": np.arange(9) + 1e-3 * k for k in range(6)},  # the names would be far from the ends
        {"leaves the picture": np.where(np.arange(9) < 5, 0.5, np.nan), "stays": np.zeros(9)},
        {"il " * 24: np.arange(9)},
    ],
)
def test_curves_without_room_for_names_keep_the_legend(ys, displayed):
    assert [text.get_text() for text in rendered(ys).get_legend().get_texts()] == [*ys]


# --- positions ------------------------------------------------------------------------------------------------------


def test_curves_have_the_logarithmic_axes_that_are_named(not_rendered):
    x = np.linspace(1, 9)
    (ax,) = plots.curves(x, {"y": x}, xlabel="x", ylabel="y", log="y", alt=ALT).axes
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")


def test_a_curve_has_the_colour_that_is_chosen_for_it(not_rendered):
    ys = {"first": [0, 1], "second": [1, 0]}
    lines = plots.curves([0, 1], ys, colors=(2, 5), xlabel="x", ylabel="y", alt=ALT).axes[0].lines
    assert [line.get_color() for line in lines] == [plots.COLORS[2], plots.COLORS[5]]


def test_chosen_points_are_circled(not_rendered):
    chosen = np.arange(len(X)) % 5 == 0
    *_, circles = plots.scatter_classes(X, LABELS, circles={"some": chosen}, alt=ALT).axes[0].collections
    np.testing.assert_array_equal(circles.get_offsets(), X[chosen, :2])
    assert circles.get_label() == "some"
    assert len(circles.get_facecolor()) == 0  # the point inside stays visible


def test_a_circled_point_is_in_front_of_another_class_at_the_same_place(not_rendered):
    points, labels = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]]), np.array([0, 0, 1])
    (ax,) = plots.scatter_classes(points, labels, circles={"wrong": [True, False, False]}, alt=ALT).axes
    there = [c for c in ax.collections if c.get_offsets().tolist() == [[1, 2]] and len(c.get_facecolor())]
    front = max(there, key=lambda cloud: cloud.get_zorder())
    assert matplotlib.colors.to_hex(front.get_facecolor()[0]) == plots.COLORS[0].lower()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["class 0", "class 1", "wrong"]


def test_the_legend_of_a_scatter_plot_covers_no_point(not_rendered):
    figure = plots.scatter_classes(X, LABELS, lines={"line": [1, 1, 0]}, circles={"all": LABELS >= 0}, alt=ALT)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    legend, below = ax.get_legend().get_window_extent(), ax.xaxis.get_tightbbox()
    assert legend.y1 < below.y0


weight = st.floats(-5, 5, allow_subnormal=False)


@settings(max_examples=25, deadline=None)
@given(st.lists(weight, min_size=2, max_size=3))
def test_a_decision_line_is_where_the_logit_is_zero_and_its_arrow_points_to_class_1(w):
    assume(np.hypot(w[0], w[1]) > 1e-3)
    ax = Figure().add_subplot()
    plots.scatter_classes(X, LABELS, lines={"line": w}, ax=ax)
    (line,) = ax.lines
    bias = w[2] if len(w) == 3 else 0.0
    for point in (line.get_xy1(), line.get_xy2()):
        scale = abs(bias) + np.hypot(*w[:2])  # of the numbers that are added, a few units from the origin
        assert abs(np.dot(w[:2], point) + bias) <= 1e-9 * scale
    (arrow,) = ax.texts
    direction = np.subtract(arrow.xy, arrow.xyann)
    assert np.dot(direction, w[:2]) > 0
    assert abs(np.dot(direction, np.subtract(line.get_xy2(), line.get_xy1()))) < 1e-6 * np.linalg.norm(direction)


def test_zero_weights_draw_no_line(not_rendered):
    assert len(plots.scatter_classes(X, LABELS, lines={"none": [0, 0, 1]}, alt=ALT).axes[0].lines) == 0


def test_axis_limits_do_not_depend_on_the_line(not_rendered):
    boxes = {
        tuple(plots.scatter_classes(X, LABELS, lines={"line": w}, alt=ALT).axes[0].axis())
        for w in ([1, 1, 0], [1, -1, 99], [0, 1, 3], [0, 0, 0])
    }
    assert len(boxes) == 1


def test_paths_start_with_a_circle_and_end_with_a_star(not_rendered):
    path = np.array([[2.0, 1.0], [1.0, 1.0], [0.0, 0.5]])
    figure = plots.paths_on_contours(lambda w: w @ w, {"a": path, "b": -path}, xlim=(-3, 3), ylim=(-2, 2), alt=ALT)
    first, start, end, *_ = figure.axes[0].lines
    assert first.get_xydata().tolist() == path.tolist()
    assert (start.get_marker(), start.get_xydata().tolist()) == ("o", [[2.0, 1.0]])
    assert (end.get_marker(), end.get_xydata().tolist()) == ("*", [[0.0, 0.5]])
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["a", "b", "start", "end"]


def test_a_path_that_leaves_the_numbers_ends_where_it_is_still_finite(not_rendered):
    path = np.array([[2.0, 1.0], [1.0, 1.0], [np.inf, np.nan]])
    figure = plots.paths_on_contours(lambda w: w @ w, {"a": path}, xlim=(-3, 3), ylim=(-2, 2), alt=ALT)
    assert figure.axes[0].lines[2].get_xydata().tolist() == [[1.0, 1.0]]


def test_a_landscape_is_darker_where_it_is_lower(not_rendered):
    figure = plots.paths_on_contours(lambda w: w @ w, {}, xlim=(-3, 3), ylim=(-2, 2), minimum=(0, 0), alt=ALT)
    (ax,) = figure.axes
    filled = ax.collections[0]
    tones = [luminance(color[:3]) for color in filled.to_rgba((filled.levels[:-1] + filled.levels[1:]) / 2)]
    assert sorted(tones) == tones
    assert [line.get_label() for line in ax.lines] == ["minimum"]
    (bar,) = ax.child_axes
    assert bar.get_ylabel() == "loss"


def test_a_heat_map_has_the_layout_and_the_numbers_of_the_matrix(not_rendered):
    M = np.arange(6).reshape(2, 3)
    (ax,) = plots.heat_map(M, rows=["top", "below"], xlabel="to", ylabel="from", alt=ALT).axes
    assert [text.get_text() for text in ax.texts] == list("012345")
    top, bottom = (ax.transData.transform(text.get_position())[1] for text in (ax.texts[0], ax.texts[3]))
    assert top > bottom
    assert [label.get_text() for label in ax.get_yticklabels()] == ["top", "below"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2"]
    (ax,) = plots.heat_map(M / 2, xlabel="to", ylabel="from", alt=ALT).axes
    assert [text.get_text() for text in ax.texts] == ["0.00", "0.50", "1.00", "1.50", "2.00", "2.50"]


@pytest.mark.parametrize("M", [[[0.0, 1.0]], [[-1.0, 0.5]]])
def test_zero_is_white_in_every_heat_map(M, not_rendered):
    (ax,) = plots.heat_map(np.array(M), xlabel="to", ylabel="from", alt=ALT).axes
    cells = ax.collections[0]
    assert cells.norm.vmin == -cells.norm.vmax
    assert min(cells.to_rgba(0.0)) > 0.98


def test_the_errors_of_a_confusion_matrix_set_its_scale(not_rendered):
    M = np.array([[900, 3], [40, 800]])
    (ax,) = plots.heat_map(M, errors=True, xlabel="to", ylabel="from", alt=ALT).axes
    assert [text.get_text() for text in ax.texts] == ["900", "3", "40", "800"]
    assert ax.collections[0].get_clim() == pytest.approx((-88, 88))
    assert ax.collections[0].get_array().tolist() == [[None, 3], [40, None]]


def test_images_fill_a_grid_and_share_a_colour_scale(displayed):
    figure = plots.images(np.arange(7 * 4).reshape(7, 2, 2), list("abcdefg"), alt=ALT)
    assert [ax.get_title("left") for ax in figure.axes] == list("abcdefg")
    assert figure.axes[0].get_gridspec().nrows == 2
    assert {(ax.images[0].norm.vmin, ax.images[0].norm.vmax) for ax in figure.axes} == {(0, 27)}
    assert [images(image.data)[0]["alt"] for image in displayed] == [ALT]


@pytest.mark.parametrize(("n", "rows"), [(1, 1), (2, 1), (3, 1), (4, 2), (7, 3)])
def test_panels_fill_rows_of_at_most_three(n, rows, not_rendered):
    figure = plots.side_by_side({f"panel {k}": lambda ax: curves(ax=ax) for k in range(n)}, alt=ALT)
    assert [ax.get_title("left") for ax in figure.axes] == [f"Panel {k}" for k in range(n)]
    assert all(isinstance(ax, Axes) for ax in figure.axes)
    assert figure.axes[0].get_gridspec().nrows == rows


def test_panels_with_equal_legends_share_one(displayed):
    """Legends that a cell has hidden, or that differ, are left as they are."""

    def legends_of(*names, visible=True):
        def draw(name, ax):
            ax.plot([0, 1], label=name)
            ax.legend().set_visible(visible)

        panels = {f"panel {k}": lambda ax, name=name: draw(name, ax) for k, name in enumerate(names)}
        figure = plots.side_by_side(panels, alt=ALT)
        return len(figure.legends), sum(ax.get_legend() is not None for ax in figure.axes)

    assert legends_of("a", "a", "a") == (1, 0)
    assert legends_of("a", "b") == (0, 2)
    assert legends_of("a") == (0, 1)
    assert legends_of("a", "a", visible=False) == (0, 2)


def test_dots_of_short_steps_are_thinned(not_rendered):
    path = np.column_stack([np.linspace(2, 1.9, 100), np.zeros(100)])
    figure = plots.paths_on_contours(lambda w: w @ w, {"a": path}, xlim=(-3, 3), ylim=(-2, 2), alt=ALT)
    dots = figure.axes[0].collections[-1].get_offsets()
    assert dots.tolist() == [[2, 0]]


def test_titles_of_panels_do_not_overlap(not_rendered):
    titles = [f"z0 = 1, z1 = 0, z2 = -1, T = {T}, shift = 100" for T in (0.1, 0.3, 5)]
    figure = plots.side_by_side({title: lambda ax: curves(ax=ax) for title in titles}, alt=ALT)
    figure.draw_without_rendering()
    boxes = [ax.title.get_window_extent() for ax in figure.axes]
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))
    assert boxes[-1].x1 < figure.bbox.x1
    assert not any(" =" in ax.get_title() for ax in figure.axes)  # no line begins with a number


@pytest.mark.parametrize("M", [np.linspace(-1, 1, 41), np.linspace(0, 1, 41)], ids=["signed", "amounts"])
def test_numbers_in_a_heat_map_contrast_with_their_cells(M, not_rendered):
    (ax,) = plots.heat_map(M[None], xlabel="to", ylabel="from", alt=ALT).axes
    (mesh,) = ax.collections
    for value, text in zip(M, ax.texts, strict=True):
        cell, ink = luminance(mesh.to_rgba(value)), luminance(text.get_color())
        assert (max(cell, ink) + 0.05) / (min(cell, ink) + 0.05) > 4.5, value  # WCAG 2's minimum for text
