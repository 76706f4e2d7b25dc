"""The templates of all pages.

A page is one file. It loads nothing from elsewhere, and suits light and dark, wide and narrow screens. The class page,
which is for a projector, is always light. It alone has a script.
"""

import base64
import math
import re
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ..judging.points_as_text import format_points

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def heat(score: float, points: float, max_points: float) -> str:
    """Return the CSS class of a cell: from "heat-0" if no point is lost to "heat-4" if `max_points` are.

    Examples
    --------
    >>> heat(1, 1, 4), heat(0, 1, 4), heat(2, 4, 4), heat(0, 4, 4)
    ('heat-0', 'heat-1', 'heat-2', 'heat-4')
    """
    lost = max(points - score, 0.0) / max_points if max_points else 0.0
    return f"heat-{min(math.ceil(4 * lost - 1e-9), 4)}"  # scores are sums of floats


def inline_code(text: str) -> Markup:
    """Escape a text, and turn backticks into code elements.

    Examples
    --------
    >>> inline_code("is `a < b`?")
    Markup('is <code>a &lt; b</code>?')
    """
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def math_font() -> Markup:
    """Return the CSS that embeds a font for formulas: not every machine has one."""
    font = resources.files(__package__).joinpath("math_font", "lectrain-math.woff2").read_bytes()
    data = base64.b64encode(font).decode()
    return Markup(f'@font-face {{ font-family: "Lectrain Math"; src: url(data:font/woff2;base64,{data}); }}\n')


# Of all pages but the one for the projector. The page to hand in has no formulas, and so does without `math_font`.
PAGE_STYLE = Markup(resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8"))
TEMPLATES = Environment(
    loader=PackageLoader("autograder", "reports"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
TEMPLATES.globals |= {"policy": CONTENT_SECURITY_POLICY, "stylesheet": math_font() + PAGE_STYLE}
TEMPLATES.filters |= {"format_points": format_points, "heat": heat, "inline_code": inline_code}
