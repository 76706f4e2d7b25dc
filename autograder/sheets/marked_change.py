"""Underline what a question changes in a line of code."""

import re
from collections.abc import Sequence
from itertools import takewhile

from markupsafe import Markup


def mark_change(before: str, after: str) -> tuple[Markup, Markup]:
    """Underline two lines from the first word or sign in which they differ to the last.

    Examples
    --------
    >>> mark_change("n = p.sum(axis=0) + 1", "n = p.mean(axis=0) + 1")
    (Markup('n = p.<u>sum</u>(axis=0) + 1'), Markup('n = p.<u>mean</u>(axis=0) + 1'))
    >>> mark_change("i > 0", "i >= 0")
    (Markup('i <u>&gt;</u> 0'), Markup('i <u>&gt;=</u> 0'))
    """
    # brackets and commas are tokens of their own, other signs, as in `>=`, one token: a whole operator is underlined
    tokens = [re.findall(r"\w+|\s+|[()\[\],]|[^\w\s()\[\],]+", line) for line in (before, after)]
    start = _count_common(*tokens)
    end = _count_common(*(line[start:][::-1] for line in tokens))
    parts = [(line[:start], line[start : len(line) - end], line[len(line) - end :]) for line in tokens]
    first, second = (Markup("{}<u>{}</u>{}").format(*map("".join, part)) for part in parts)
    return first, second


def _count_common(first: Sequence[str], second: Sequence[str]) -> int:
    """Count the tokens with which two lists begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
