"""What all pages have in common: one file, no script, no request, both colour schemes, readable on a phone."""

import re
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def points(number: float) -> str:
    """Points as people write them: 3, 2.5, 0.33.

    >>> points(3.0), points(1 / 3), points(-0.0)
    ('3', '0.33', '0')
    """
    return f"{round(number, 2) + 0.0:g}"


def in_words(text: str) -> Markup:
    """A sentence in which code stands between backticks.

    >>> in_words("is `a < b`?")
    Markup('is <code>a &lt; b</code>?')
    """
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def style() -> Markup:
    """The style sheet of every page, to be put into it."""
    return Markup(resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8"))


PAGES = Environment(
    loader=PackageLoader("autograder", "reports"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
PAGES.globals |= {"policy": POLICY, "style": style()}
PAGES.filters |= {"points": points, "in_words": in_words}
