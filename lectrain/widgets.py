"""Sliders that change a picture, and explorables, with a static version of both for pages without a kernel."""

import base64
import html
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from IPython.display import display
from ipywidgets import HTML, FloatSlider, VBox

from lectrain.plots import side_by_side
from lectrain.report import STYLE, Box, in_notebook

EXPLORABLES = Path(__file__).with_name("explorables")
LAYOUT: Any = {"layout": {"width": "34em", "height": "2.5em"}, "style": {"description_width": "10em"}}
SYMBOLS = {"lr": "learning rate", "alpha": "α"}
Settings = Sequence[dict[str, float]]  # values of the sliders by name, for each panel
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def slide(draw: Callable[..., Any], *, title: str = "", alt: str, stills: Settings, **ranges: Any) -> None:
    """Show a picture with sliders that change it. Its `title` says what to look for.

    `ranges` are the minimum, maximum and step of each slider. Their names are symbols, such as `w1` or `alpha`;
    `log2_c` is the logarithm of `c`. `draw(ax, **values)` draws for the values of the sliders, which extend `alt`.

    At first there is one panel for each of the values `stills`, so that a page without a kernel (an export, a graded
    notebook) shows the important settings. When a slider moves, the first panel changes to the values of all sliders.
    """
    sliders = {}
    for name, (low, high, step) in ranges.items():
        look = {"description": _symbol(name), "readout_format": f".{len(f'{step:g}'.partition('.')[2])}f", **LAYOUT}
        sliders[name] = FloatSlider(stills[0][name], min=low, max=high, step=step, **look)

    def picture_of(settings: Settings) -> Box:
        names = [", ".join(equation(*pair) for pair in values.items()) for values in settings]
        panels = zip([f"{names[0]} (slider)", *names[1:]], [partial(draw, **v) for v in settings], strict=True)
        return side_by_side(dict(panels), title=title, alt=f"{alt} Here {'; '.join(names)}.", show=False).image()

    current = stills[0]

    def redraw(_change: Any) -> None:
        nonlocal current
        # When a browser has drawn a slider, it reports rounded values, such as 4e-16 for 0, before any move.
        values = {name: round(slider.value, 9) + 0.0 for name, slider in sliders.items()}
        if values == current:
            return
        current = values
        try:
            output.update(picture_of([values, *(still for still in stills[1:] if still != values)]))
        except Exception as error:  # otherwise it would only be logged
            output.update(Box(f"<pre>{html.escape(repr(error))}</pre>", repr(error)))

    for slider in sliders.values():
        slider.observe(redraw, names="value")
    box = VBox([HTML(STYLE), *sliders.values()]).add_class("lectrain")
    bundle = {**box._repr_mimebundle_(), "text/plain": "Sliders: run this cell to move them."}  # without a kernel
    display(bundle, raw=True)  # type: ignore[no-untyped-call]
    output = display(picture_of(stills), display_id=True)  # type: ignore[no-untyped-call]


def explore(name: str, *, alt: str) -> None:
    """Show an explorable: an experiment that the browser computes, in which you drag things and reach a target.

    It needs neither a kernel nor your functions. Where scripts are not run, it is a picture with the description `alt`.
    `name` is that of a module in the folder `explorables/`.
    """
    code = module_of(name)
    still = base64.b64encode((EXPLORABLES / f"{name}.png").read_bytes()).decode()
    image = f'<img alt="{html.escape(alt)}" style="width: 62rem; max-width: 100%" src="data:image/png;base64,{still}">'
    script = f'<script type="module">{code}\nreplaceStills("{name}", render);</script>'
    bundle = {"text/html": f'<div data-explorable="{name}">{image}</div>{script}', "text/plain": alt}
    if in_notebook():
        from anywidget import AnyWidget  # here, because it takes a while, and the grader does not need it

        widget: Any = type(f"Explorable_{name}", (AnyWidget,), {"_esm": code})()
        bundle = {**widget._repr_mimebundle_()[0], **bundle}  # JupyterLab shows the widget, and a website the rest
    display(bundle, raw=True)  # type: ignore[no-untyped-call]


def module_of(name: str) -> str:
    """The code of an explorable as one module, because neither a widget nor a page in a file can import another."""
    code = (EXPLORABLES / f"{name}.mjs").read_text(encoding="utf-8")
    imports = re.compile(r'^import .* from "\./(.+)\.mjs";\n', re.MULTILINE)
    return "".join(map(module_of, imports.findall(code))) + imports.sub("", code)


def equation(name: str, value: float) -> str:
    """Write the value of a variable as in mathematics.

    >>> equation("w1", -2.0), equation("log2_c", -2), equation("alpha", 0.95)
    ('w₁ = −2', 'c = 0.25', 'α = 0.95')
    """
    if name.startswith("log2_"):
        name, value = name.removeprefix("log2_"), 2**value
    return f"{_symbol(name)} = {value:.3g}".replace("-", "−")


def _symbol(name: str) -> str:
    if name.startswith("log2_"):
        return f"log₂ {_symbol(name.removeprefix('log2_'))}"
    return SYMBOLS.get(name) or re.sub(r"(?<=^[A-Za-z])\d+$", lambda digits: digits[0].translate(SUBSCRIPTS), name)
