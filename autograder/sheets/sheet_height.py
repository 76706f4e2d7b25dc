"""Estimate how much of a printed page a sheet takes.

The numbers follow the sizes that `sheets.css` sets for print. The estimate errs on the large side: a browser prints the
known sheets with 86 to 90 % of their estimated height, and in smaller type with 70 to 75 %. So both limits fit the
255 mm of a page: `tests/sheets/test_pages.py` prints every known sheet. After a change of a size, measure again: the
height of a `.sheet` in Chromium with print media, 182 mm wide, divided by `Sheet.height`.
"""

from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from .change_effects import Effect
from .questions import Kind, Question

MAX_CODE_LINES = 22  # of the page
MAX_CHARACTERS = 80  # of a line on the page, in ordinary type
MAX_CODE_CHARACTERS = 74  # of a line of code there, which begins with its number
MAX_ORDINARY_HEIGHT = 270  # mm, estimated: a higher sheet is set in smaller type
MAX_HEIGHT = 325  # mm, estimated for ordinary type: a higher one does not fit in smaller type either
LINE_MM = 4.9  # a line of code
BOX_MM = 13.0  # the heading and frame of a box
TEXT_MM = 5.6  # a line of text
LETTERS_MM = len(Effect) * TEXT_MM  # the list of the letters for changes: in one column, though two are printed
HEADING_MM = 24.0  # the title and two lines for the person
SPACE_MM = 7.0  # around a question
CHANGE_SPACE_MM = 5.0  # around the two lines of a change


def estimate_height(boxes: Iterable[Sequence[str]], questions: Sequence[Question]) -> float:
    """Estimate the height of a sheet in ordinary type, in mm, from the lines of the code and of each input."""
    height = HEADING_MM + sum(BOX_MM + LINE_MM * count_code_lines(lines) for lines in boxes)
    for question in questions:
        # one line more, for the answer
        height += SPACE_MM + TEXT_MM * (1 + _count_lines([question.text, *question.options]))
    changes = [question for question in questions if question.kind is Kind.CHANGE]
    for change in changes:
        height += CHANGE_SPACE_MM + LINE_MM * _count_lines([f"before: {change.before}", f"after:  {change.after}"])
    return height + LETTERS_MM if changes else height


def count_code_lines(lines: Iterable[str]) -> int:
    """The lines that numbered lines of code take on the page."""
    return _count_lines(lines, MAX_CODE_CHARACTERS)


def _count_lines(texts: Iterable[str], max_characters: int = MAX_CHARACTERS) -> int:
    """The lines that texts take on the page. A wide character, such as a Chinese one, takes the place of two."""
    widths = (sum(2 if east_asian_width(character) in "WF" else 1 for character in text) for text in texts)
    return sum(1 + max(width - 1, 0) // max_characters for width in widths)
