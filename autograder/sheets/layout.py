"""Estimate how much of a printed page a sheet takes, and mark what a question changes in a line.

The estimate errs on the large side; a test prints every known sheet.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from markupsafe import Markup

from .questions import Kind, Question

MAX_ORDINARY_HEIGHT = 270  # mm, estimated: a higher sheet is set in smaller type
MAX_HEIGHT = 325  # mm, estimated for ordinary type: what fits a page in smaller type, on Letter paper too
LINE, BOX, TEXT = 4.9, 13.0, 5.6  # mm: a line of code, the heading and frame of a box, a line of text
HEADING = 24.0  # mm: the title and two lines for the person
SPACE, LETTERS = 7.0, 8 * TEXT  # mm: around a question; the list of letters
CHARACTERS = 80  # of code or text in a line


def estimate_height(boxes: Iterable[Sequence[str]], questions: Sequence[Question]) -> float:
    """Estimate the height of a sheet in ordinary type, in mm, from the lines of the code and of each input."""
    height = HEADING + sum(BOX + LINE * _count_lines(lines) for lines in boxes)
    for question in questions:
        height += SPACE + TEXT * (1 + _count_lines([question.text]) + _count_lines(question.options))
        if question.kind is Kind.CHANGE:
            height += 5 + LINE * _count_lines([f"before: {question.before}", f"after:  {question.after}"])
    return height + LETTERS * any(question.kind is Kind.CHANGE for question in questions)


def mark_change(before: str, after: str) -> tuple[Markup, Markup]:
    """Underline the words and signs in which two lines differ.

    Examples
    --------
    >>> mark_change("n = p.sum(axis=0) + 1", "n = p.mean(axis=0) + 1")
    (Markup('n = p.<u>sum</u>(axis=0) + 1'), Markup('n = p.<u>mean</u>(axis=0) + 1'))
    >>> mark_change("i > 0", "i >= 0")
    (Markup('i <u>&gt;</u> 0'), Markup('i <u>&gt;=</u> 0'))
    """
    tokens = [re.findall(r"\w+|\s+|[()\[\],]|[^\w\s()\[\],]+", line) for line in (before, after)]
    start = _count_common(*tokens)
    end = _count_common(*(line[start:][::-1] for line in tokens))
    parts = [(line[:start], line[start : len(line) - end], line[len(line) - end :]) for line in tokens]
    first, second = (Markup("{}<u>{}</u>{}").format(*map("".join, part)) for part in parts)
    return first, second


def _count_common(first: Sequence[str], second: Sequence[str]) -> int:
    """Count the tokens with which two lists begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _count_lines(texts: Sequence[str]) -> int:
    return sum(1 + max(len(text) - 1, 0) // CHARACTERS for text in texts)
