"""Sliders that move a picture, with a static twin for wherever nobody can move them."""

import html
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from IPython.display import display
from ipywidgets import HTML, FloatSlider, VBox

from lectrain.plots import Image, draw_panels

LARGE = """<style>
.lectrain .widget-label, .lectrain .widget-readout { font-size: 22px; height: auto }
.lectrain { --jp-widgets-slider-handle-size: 26px; --jp-widgets-slider-track-thickness: 8px }
</style>"""  # to be read, and hit, on a beamer
LAYOUT: Any = {
    "layout": {"width": "34em", "height": "2.5em"},
    "style": {"description_width": "6em"},
    "readout_format": ".2f",
}


class Sliders(VBox):
    """Sliders below each other."""

    def __repr__(self) -> str:
        return "Sliders: run this cell to move them."  # what a page without a kernel shows in their place


def slide(
    draw: Callable[..., Any], *, alt: str, stills: Sequence[dict[str, float]], **ranges: tuple[float, float, float]
) -> None:
    """Let sliders move a picture.

    The picture starts as its own static twin: one panel for each of `stills`. The first slider that moves puts the
    live picture in its place, so a page without a kernel (an export, a graded notebook) still shows what matters.

    Parameters
    ----------
    draw : callable
        `draw(ax, **values)` draws into the axes, for one value of each slider.
    alt : str
        What the picture shows, in words; the sliders' values are added to it.
    stills : list of dict
        The values to show without sliders. The sliders start at the first.
    **ranges : (float, float, float)
        Lowest value, highest value and step of each slider.

    Examples
    --------
    >>> def line(ax, slope):
    ...     plots.curves(x, {"y": slope * x}, xlabel="x", ylabel="y", ax=ax)
    >>> slide(line, alt="A line.", stills=[{"slope": 1}, {"slope": -1}], slope=(-2, 2, 0.1))  # doctest: +SKIP
    """
    sliders = {
        name: FloatSlider(stills[0][name], min=low, max=high, step=step, description=name, **LAYOUT)
        for name, (low, high, step) in ranges.items()
    }

    def picture_of(settings: Sequence[dict[str, float]]) -> Image:
        panels = {_words(values): partial(draw, **values) for values in settings}
        return draw_panels(panels, alt=f"{alt} Here {'; '.join(panels)}.").image()

    shown = stills[0]

    def follow(_change: Any) -> None:
        nonlocal shown
        # The browser answers 0 with 4e-16 as soon as it has drawn a slider: nobody has moved it.
        values = {name: round(slider.value, 9) + 0.0 for name, slider in sliders.items()}
        if values == shown:
            return
        shown = values
        try:
            place.update(picture_of([values]))
        except Exception as error:  # it would otherwise end up in a log that nobody reads
            place.update(Image(f"<pre>{html.escape(repr(error))}</pre>", repr(error)))

    for slider in sliders.values():
        slider.observe(follow, names="value")
    display(Sliders([HTML(LARGE), *sliders.values()]).add_class("lectrain"))
    place = display(picture_of(stills), display_id=True)


def _words(values: dict[str, float]) -> str:
    return ", ".join(f"{name} = {value:.4g}" for name, value in values.items())
