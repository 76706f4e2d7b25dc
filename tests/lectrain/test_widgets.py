"""Sliders and the static pictures for pages without a kernel. One function draws both."""

import pytest

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

    def display(content, display_id=False):
        displayed.append(FakeOutput(content))
        return displayed[-1]

    monkeypatch.setattr(widgets, "display", display)
    return displayed


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
    assert image.alt == "A line. Here slope = 1, height = 0; slope = -1, height = 0.5."
    assert 'alt="A line.' in image.data


def test_sliders_start_at_the_first_still_and_have_a_large_font(outputs, line):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.25))
    (box,) = outputs[0].history
    style, slope, height = box.children
    assert "font-size: 22px" in style.value
    assert (slope.description, slope.min, slope.max, slope.step, slope.value) == ("slope", -2, 2, 0.1, 1)
    assert (height.description, height.min, height.max, height.step, height.value) == ("height", 0, 1, 0.25, 0)
    assert "run this cell" in repr(box)  # the text that a page without a kernel shows instead


def test_moving_a_slider_replaces_the_stills_with_one_picture(outputs, line, settings_drawn):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, slope, height = outputs[0].history[0].children
    slope.value = 0.3
    height.value = 0.7
    assert settings_drawn[2:] == [(0.3, 0.0), (0.3, 0.7)]
    assert len(outputs) == 2
    assert [image.alt for image in outputs[1].history[1:]] == [
        "A line. Here slope = 0.3, height = 0.",
        "A line. Here slope = 0.3, height = 0.7.",
    ]


def test_the_stills_remain_until_a_slider_moves(outputs, line, settings_drawn):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, slope, height = outputs[0].history[0].children
    height.value, slope.value = -4e-16, 1 + 2e-16  # 0 and 1 as a browser reports them
    assert len(outputs[1].history) == 1
    slope.value = 1.1
    slope.value = 1
    assert [image.alt for image in outputs[1].history[1:]] == [
        "A line. Here slope = 1.1, height = 0.",
        "A line. Here slope = 1, height = 0.",
    ]


def test_an_error_while_sliding_is_shown_and_the_sliders_keep_working(outputs, line):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, slope, _ = outputs[0].history[0].children
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
