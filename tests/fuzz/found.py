"""Cases that the fuzzer found, each as small as possible, with the property that it violated.

They stay here after the repair. To add one: ``python -m tests.fuzz --kind notebook --seed 123 --shrink``.
"""

import json
from dataclasses import dataclass
from typing import Any

from tests.fuzz.cases import Case, NamesCase, NotebookCase
from tests.fuzz.names import Student


@dataclass(frozen=True)
class Found:
    """A case, and the property that it violated."""

    name: str
    property: str
    case: Case


def notebook(*cells: Any, **fields: Any) -> NotebookCase:
    """A notebook of the first assignment that consists of these cells."""
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields}
    return NotebookCase("01-sigmoid", "sigmoid", json.dumps(content).encode())


def markdown(source: str, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source, **fields}


def raw(source: str) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {}, "source": source}


def code(source: str, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], **fields}


PIPE = [("sigmoid.ipynb", "notebook"), ("data", "pipe")]
WRITTEN = "the graded notebook can be written"
INERT = "rendered Markdown has no active content"
SHOWN = "the page is written in time and without an exception"
SAME = "sanitising again changes nothing"
NO_FORMULA = "no cell of a table begins with a formula, at whichever character a spreadsheet splits it"
FOUND = (
    Found("attachments of a code cell that are not a mapping", WRITTEN, notebook(code("", attachments=False))),
    Found("an attachment of a code cell that is a number", WRITTEN, notebook(code("", attachments={"b": 1e308}))),
    Found("an attachment whose name is a lone surrogate", WRITTEN, notebook(code("", attachments={"\udfff": {}}))),
    Found("private-use characters as entities", SHOWN, notebook(markdown("&#xe000;9&#xe001;"))),
    Found("a long cell with a link to a script", INERT, notebook(markdown("x " * 5_001 + "[a](javascript:1)"))),
    Found("many formulas before a script", INERT, notebook(markdown("\\\\(" * 101 + "<script>1</script>"))),
    Found("an attachment without a name", SHOWN, notebook(markdown("![](attachment:)"))),
    Found("a formula with forty line breaks", SHOWN, notebook(markdown("$" + "\\\\(" * 40 + "$"))),
    Found("a link in a button", SAME, notebook(markdown("<button>["))),
    Found("a raw cell with very many tags", SAME, notebook(raw("<div>" * 20_001))),
    Found("a name that begins with a dot", "every student has a row", NamesCase((Student(".hidden"),))),
    Found("a pipe among the files", "Gradescope grades the others", NamesCase((Student("ada", files=PIPE),))),
    Found("a formula after a semicolon", NO_FORMULA, NamesCase((Student("a;=HYPERLINK(1)"),))),
    Found("a formula after a line break", NO_FORMULA, NamesCase((Student("ada", last_name="a\n=1"),))),
    Found("a formula after a quotation mark", NO_FORMULA, NamesCase((Student("ada", first_name='a";=1;"'),))),
)
