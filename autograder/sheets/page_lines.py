"""How many lines of a printed page a text takes."""

from collections.abc import Iterable
from unicodedata import east_asian_width

MAX_CHARACTERS = 80  # of a line on the page, in the type that `sheets.css` sets for print


def count_lines(texts: Iterable[str]) -> int:
    """The lines that texts take on the page. A wide character, such as a Chinese one, takes the place of two."""
    widths = (sum(2 if east_asian_width(character) in "WF" else 1 for character in text) for text in texts)
    return sum(1 + max(width - 1, 0) // MAX_CHARACTERS for width in widths)
