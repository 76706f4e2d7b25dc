"""Text from a notebook as one string: valid Unicode, without a terminal's control characters."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

MAX_LISTED_NAMES = 5
MAX_ESCAPES = 5_000  # nbconvert copies what follows each: 50 000 take 0.6 s, and a million characters of them 16 s
# A colour, which is kept, or in the group a control character, which is removed.
_COLOUR_OR_CONTROL = re.compile(r"\x1b\[[0-9;]{0,20}m|([\x00-\x08\x0b-\x1f\x7f-\x9f])")


def to_text(content: Any) -> str:
    """Return text from a notebook as one string that can be written as UTF-8.

    A list of strings is joined, as nbformat allows. Anything else counts as empty.
    """
    lines = content if isinstance(content, list) else [content]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode(errors="replace").decode()


def sanitise_text(text: Any) -> str:
    """Remove a terminal's control characters from text. Escape sequences for colours are kept, unless too many.

    Examples
    --------
    >>> sanitise_text("10 %\\r20 %")
    '10 %20 %'
    """
    text = to_text(text)
    keeps_colours = text.count("\x1b") <= MAX_ESCAPES
    # In one pass: a second one would keep colours that removing others has joined.
    return _COLOUR_OR_CONTROL.sub(lambda match: match.group() if keeps_colours and not match.group(1) else "", text)


def printable(text: str) -> str:
    """Write characters that could change the display, such as line breaks and control codes, as Python would.

    Examples
    --------
    >>> print(printable("hw\\x1b[2J.ipynb"))
    hw\\x1b[2J.ipynb
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def list_names(names: Iterable[str]) -> str:
    """List some names that students chose, and an ellipsis if there are more."""
    listed = [printable(name) for name in islice(names, MAX_LISTED_NAMES + 1)]
    return ", ".join([*listed[:MAX_LISTED_NAMES], "…"] if len(listed) > MAX_LISTED_NAMES else listed)
