"""The sentences of a notebook's core, as a student reads them."""

import re
from pathlib import Path

import nbformat

from tests.conftest import REPOSITORY
from tests.test_minutes import core_of

BLOCK = re.compile(r"\$\$.*?\$\$|```.*?```|<details>.*?</details>(?:\s*</details>)*", re.DOTALL)
LINK = re.compile(r"!?\[([^]]*)\]\([^)]*\)")
END = re.compile(r"(?<=[.?!:])[*_”)]*\s+(?=[“*_(`$>A-Z0-9])")
NO_RESULTS = ("# ", "## Predict first", "## Quiz")  # the title's table, questions
NOT_PROSE = re.compile(r"\s*(?:\||#|\* \*\*[a-h]\*\*|<)")


def notebook_of(name: str) -> Path:
    """The source of the notebook with this name."""
    (path,) = (REPOSITORY / "solutions").glob(f"*/{name}.ipynb")
    return path


def sentences(name: str, optional: bool = False) -> list[str]:
    """The sentences of a notebook's core, or of all of it, without formulas in blocks, folds, headings, tables and choices.

    The title, predictions, quizzes and model answers are left out, too.
    """
    nb, texts = nbformat.read(notebook_of(name), 4), []
    for cell in nb.cells if optional else core_of(nb):
        is_answer = cell.metadata.get("nbgrader", {}).get("solution")
        if cell.cell_type == "markdown" and not is_answer and not cell.source.startswith(NO_RESULTS):
            for paragraph in re.split(
                r"\n\s*\n|\n(?=\s*(?:[*>|#]|\d+\.) )", BLOCK.sub("", LINK.sub(r"\1", cell.source))
            ):
                if not NOT_PROSE.match(paragraph):
                    texts.append(normalise(paragraph))
    return [sentence.strip() for text in texts for sentence in END.split(text) if sentence.strip()]


def normalise(text: str) -> str:
    """Single spaces, without the marks of lists, quotations and emphasis."""
    text = re.sub(r"^(?:(?:[*>]|\d+\.)\s+)+", "", text.strip())
    return re.sub(r"\s+", " ", re.sub(r"\*\*|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])", "", text))


def has_a_number(sentence: str) -> bool:
    """Whether a sentence states a number outside code and formulas, or a rounded one (≈) inside a formula."""
    rounded = re.search(r"\\approx|≈", sentence)
    outside = re.sub(r"`[^`]*`|\$[^$]*\$", "", sentence)
    return bool(rounded or re.search(r"\d", outside))
