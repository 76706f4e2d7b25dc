"""Estimate how much of a printed page a sheet takes. It errs on the large side; a test prints every known sheet."""

from collections.abc import Iterable, Sequence

from .questions import Kind, Question

MAX_ORDINARY_HEIGHT = 270  # mm, estimated: a higher sheet is set in smaller type
MAX_HEIGHT = 325  # mm, estimated for ordinary type: what fits a page in smaller type, on Letter paper too
LINE, BOX, TEXT = 4.9, 13.0, 5.6  # mm: a line of code, the heading and frame of a box, a line of text
HEADING, SPACE, LETTERS = 18.0, 7.0, 8 * TEXT  # mm: name and title, the space around a question, the list of letters
CHARACTERS = 80  # of code or text in a line


def estimate_height(boxes: Iterable[Sequence[str]], questions: Sequence[Question]) -> float:
    """Estimate the height of a sheet in ordinary type.

    Parameters
    ----------
    boxes : iterable of sequence of str
        The lines of the code and of each input.
    questions : sequence of Question

    Returns
    -------
    float
        In mm.
    """
    height = HEADING + sum(BOX + LINE * _count_lines(lines) for lines in boxes)
    for question in questions:
        height += SPACE + TEXT * (1 + _count_lines([question.text]) + _count_lines(question.options))
        if question.kind is Kind.CHANGE:
            height += 5 + LINE * _count_lines([f"before: {question.before}", f"after:  {question.after}"])
    return height + LETTERS * any(question.kind is Kind.CHANGE for question in questions)


def _count_lines(texts: Sequence[str]) -> int:
    return sum(1 + max(len(text) - 1, 0) // CHARACTERS for text in texts)
