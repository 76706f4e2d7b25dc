"""Sliders and the static pictures for pages without a kernel. One function draws both."""

import pytest
from ipywidgets.widgets.widget import _instances

from lectrain import plots, widgets


class FakeOutput:
    """An output of a notebook cell. It keeps every object it has shown."""

    def __init__(self, content):
        self.history = [content]

    def update(self, content):
        self.history.append(content)


@pytest.fixture
def outputs(monkeypatch):
    """The outputs of the cell: the sliders, then the picture."""
    displayed = []

    def display(content, display_id=False, raw=False):
        displayed.append(FakeOutput(content))
        return displayed[-1]

    monkeypatch.setattr(widgets, "display", display)
    return displayed


def children(output):
    """What the first output shows: a style, and the sliders."""
    model_id = output.history[0]["application/vnd.jupyter.widget-view+json"]["model_id"]
    return _instances[model_id].children


@pytest.fixture
def settings_drawn():
    """The settings that `line` was called with, in order."""
    return []


@pytest.fixture
def line(settings_drawn):
    def draw(ax, slope, height):
        settings_drawn.append((slope, height))
        if slope == 0:
            raise ValueError("no <slope>")
        plots.curves([0, 1], {"y": [height, height + slope]}, xlabel="x", ylabel="y", ax=ax)

    return draw


STILLS = [{"slope": 1.0, "height": 0.0}, {"slope": -1.0, "height": 0.5}]


def test_the_stills_are_drawn_at_first(outputs, line, settings_drawn):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, picture = outputs
    assert settings_drawn == [(1.0, 0.0), (-1.0, 0.5)]
    (image,) = picture.history
    assert image.text == "A line. Here slope = 1, height = 0; slope = −1, height = 0.5."
    assert 'alt="A line.' in image.data


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("w1", -2.0, "w₁ = −2"),
        ("b", 0.0, "b = 0"),
        ("B", 28.0, "B = 28"),
        ("lr", 0.225, "learning rate = 0.225"),
        ("log2_c", -2.0, "c = 0.25"),
        ("alpha", 0.95, "α = 0.95"),
        ("shift", 0.5, "shift = 0.5"),
    ],
)
def test_titles_are_mathematics(name, value, expected):
    assert widgets.equation(name, value) == expected


def test_a_slider_shows_the_digits_of_its_step(outputs):
    ranges = {"B": (1, 200, 1), "log2_lr": (-7, 0, 0.125), "w1": (0, 1, 0.1)}
    still = dict.fromkeys(ranges, 1)
    widgets.slide(lambda ax, **_: curve(ax), alt="A line.", stills=[still], **ranges)
    _, *sliders = children(outputs[0])
    assert [slider.readout_format for slider in sliders] == [".0f", ".3f", ".1f"]
    assert [slider.description for slider in sliders] == ["B", "log₂ learning rate", "w₁"]


def curve(ax):
    plots.curves([0, 1], {"y": [0, 1]}, xlabel="x", ylabel="y", ax=ax)


def test_sliders_start_at_the_first_still_and_have_a_large_font(outputs, line):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.25))
    style, slope, height = children(outputs[0])
    assert "font-size: 18px" in style.value
    assert (slope.description, slope.min, slope.max, slope.step, slope.value) == ("slope", -2, 2, 0.1, 1)
    assert (height.description, height.min, height.max, height.step, height.value) == ("height", 0, 1, 0.25, 0)
    assert "run this cell" in outputs[0].history[0]["text/plain"]  # the text that a page without a kernel shows instead


def test_moving_a_slider_changes_the_first_panel_and_keeps_the_others(outputs, line, settings_drawn):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, slope, height = children(outputs[0])
    slope.value = 0.3
    height.value = 0.7
    assert settings_drawn[2:] == [(0.3, 0.0), (-1.0, 0.5), (0.3, 0.7), (-1.0, 0.5)]
    assert len(outputs) == 2
    assert [image.text for image in outputs[1].history[1:]] == [
        "A line. Here slope = 0.3, height = 0; slope = −1, height = 0.5.",
        "A line. Here slope = 0.3, height = 0.7; slope = −1, height = 0.5.",
    ]


def test_the_stills_remain_until_a_slider_moves(outputs, line, settings_drawn):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, slope, height = children(outputs[0])
    height.value, slope.value = -4e-16, 1 + 2e-16  # 0 and 1 as a browser reports them
    assert len(outputs[1].history) == 1
    slope.value = 1.1
    slope.value = 1
    assert [image.text for image in outputs[1].history[1:]] == [
        "A line. Here slope = 1.1, height = 0; slope = −1, height = 0.5.",
        "A line. Here slope = 1, height = 0; slope = −1, height = 0.5.",
    ]


def test_an_error_while_sliding_is_shown_and_the_sliders_keep_working(outputs, line):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, slope, _ = children(outputs[0])
    slope.value = 0
    assert "no &lt;slope&gt;" in outputs[1].history[-1].data
    slope.value = 0.5
    assert "<img" in outputs[1].history[-1].data


def test_an_error_while_drawing_the_stills_is_raised_in_the_cell(outputs, line):
    with pytest.raises(ValueError, match="no <slope>"):
        widgets.slide(line, alt="A line.", stills=[{"slope": 0, "height": 0}], slope=(-2, 2, 0.1), height=(0, 1, 0.1))


def test_alt_text_is_required(outputs, line):
    with pytest.raises(TypeError, match="alt"):
        widgets.slide(line, stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
