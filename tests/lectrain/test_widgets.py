"""The sliders and their static twin: both are drawn by the same function."""

import pytest

from lectrain import plots, widgets


class Place:
    """Stands for an output in the notebook."""

    def __init__(self, thing):
        self.history = [thing]

    def update(self, thing):
        self.history.append(thing)


@pytest.fixture
def shown(monkeypatch):
    places = []

    def display(thing, display_id=False):
        places.append(Place(thing))
        return places[-1]

    monkeypatch.setattr(widgets, "display", display)
    return places


@pytest.fixture
def drawn():
    return []


@pytest.fixture
def line(drawn):
    def draw(ax, slope, height):
        drawn.append((slope, height))
        if slope == 0:
            raise ValueError("no <slope>")
        plots.curves([0, 1], {"y": [height, height + slope]}, xlabel="x", ylabel="y", ax=ax)

    return draw


STILLS = [{"slope": 1.0, "height": 0.0}, {"slope": -1.0, "height": 0.5}]


def test_without_a_frontend_the_stated_values_are_drawn(shown, line, drawn):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, picture = shown
    assert drawn == [(1.0, 0.0), (-1.0, 0.5)]
    (image,) = picture.history
    assert image.alt == "A line. Here slope = 1, height = 0; slope = -1, height = 0.5."
    assert 'alt="A line.' in image.data


def test_sliders_start_at_the_first_still_and_are_large(shown, line):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.25))
    (box,) = shown[0].history
    style, slope, height = box.children
    assert "font-size: 22px" in style.value
    assert (slope.description, slope.min, slope.max, slope.step, slope.value) == ("slope", -2, 2, 0.1, 1)
    assert (height.description, height.min, height.max, height.step, height.value) == ("height", 0, 1, 0.25, 0)
    assert "run this cell" in repr(box)  # what a page without a kernel shows in their place


def test_a_slider_that_moves_puts_the_live_picture_in_the_place_of_the_twin(shown, line, drawn):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, slope, height = shown[0].history[0].children
    slope.value = 0.3
    height.value = 0.7
    assert drawn[2:] == [(0.3, 0.0), (0.3, 0.7)]
    assert len(shown) == 2
    assert [image.alt for image in shown[1].history[1:]] == [
        "A line. Here slope = 0.3, height = 0.",
        "A line. Here slope = 0.3, height = 0.7.",
    ]


def test_the_twin_stays_until_somebody_moves_a_slider(shown, line, drawn):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, slope, height = shown[0].history[0].children
    height.value, slope.value = -4e-16, 1 + 2e-16  # what a browser makes of 0 and 1
    assert len(shown[1].history) == 1
    slope.value = 1.1
    slope.value = 1
    assert [image.alt for image in shown[1].history[1:]] == [
        "A line. Here slope = 1.1, height = 0.",
        "A line. Here slope = 1, height = 0.",
    ]


def test_a_failure_while_sliding_is_shown_and_does_not_stop_the_sliders(shown, line):
    widgets.slide(line, alt="A line.", stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
    _, slope, _ = shown[0].history[0].children
    slope.value = 0
    assert "no &lt;slope&gt;" in shown[1].history[-1].data
    slope.value = 0.5
    assert "<img" in shown[1].history[-1].data


def test_a_failure_at_the_start_is_the_cells_failure(shown, line):
    with pytest.raises(ValueError, match="no <slope>"):
        widgets.slide(line, alt="A line.", stills=[{"slope": 0, "height": 0}], slope=(-2, 2, 0.1), height=(0, 1, 0.1))


def test_alt_text_is_asked_for(shown, line):
    with pytest.raises(TypeError, match="alt"):
        widgets.slide(line, stills=STILLS, slope=(-2, 2, 0.1), height=(0, 1, 0.1))
