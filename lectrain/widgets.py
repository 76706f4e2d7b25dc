"""Sliders that change a picture, with a static version for pages without a kernel."""

import html
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from IPython.display import display
from ipywidgets import HTML, FloatSlider, VBox

from lectrain.plots import Image, side_by_side

LARGE_FONT = """<style>
.lectrain .widget-label, .lectrain .widget-readout { font-size: 22px; height: auto }
.lectrain { --jp-widgets-slider-handle-size: 26px; --jp-widgets-slider-track-thickness: 8px }
</style>"""  # readable from a projector
LAYOUT: Any = {"layout": {"width": "34em", "height": "2.5em"}, "style": {"description_width": "6em"}}


class Sliders(VBox):
    """A column of sliders."""

    def __repr__(self) -> str:
        return "Sliders: run this cell to move them."  # a page without a kernel shows this instead


def slide(
    draw: Callable[..., Any], *, alt: str, stills: Sequence[dict[str, float]], **ranges: tuple[float, float, float]
) -> None:
    """Show a picture with sliders that change it.

    At first it shows one panel for each of `stills`, so that a page without a kernel (an export, a graded notebook)
    shows the important settings. When a slider moves, one picture with the current values of all sliders replaces them.

    Parameters
    ----------
    draw : callable
        `draw(ax, **values)` draws into the axes for the values of the sliders.
    alt : str
        A description of the picture. The values of the sliders are added to it.
    stills : list of dict
        The values to show at first. The sliders start at the first of them.
    **ranges : (float, float, float)
        Minimum, maximum and step of each slider.

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
        titles = [", ".join(f"{name} = {value:.4g}" for name, value in values.items()) for values in settings]
        panels = {title: partial(draw, **values) for title, values in zip(titles, settings, strict=True)}
        return side_by_side(panels, alt=f"{alt} Here {'; '.join(panels)}.", show=False).image()

    current = stills[0]

    def redraw(_change: Any) -> None:
        nonlocal current
        # When a browser has drawn a slider, it reports rounded values, such as 4e-16 for 0, before any move.
        values = {name: round(slider.value, 9) + 0.0 for name, slider in sliders.items()}
        if values == current:
            return
        current = values
        try:
            output.update(picture_of([values]))
        except Exception as error:  # otherwise it would only be logged
            output.update(Image(f"<pre>{html.escape(repr(error))}</pre>", repr(error)))

    for slider in sliders.values():
        slider.observe(redraw, names="value")
    display(Sliders([HTML(LARGE_FONT), *sliders.values()]).add_class("lectrain"))  # type: ignore[no-untyped-call]
    output = display(picture_of(stills), display_id=True)  # type: ignore[no-untyped-call]
