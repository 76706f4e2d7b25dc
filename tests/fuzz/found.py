"""Cases that the fuzzer found, each as small as possible, with the property that it violated.

They stay here after the repair.
"""

import base64
import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.fuzz.answers import HASH_MODULUS, to_frame
from tests.fuzz.cases import AnswersCase, Case, NamesCase, NotebookCase
from tests.fuzz.names import Student
from tests.grading.malformed import nested_list


@dataclass(frozen=True)
class Found:
    """A case, and the property that it violated."""

    name: str
    property: str
    case: Case


def file(content: bytes) -> NotebookCase:
    """A file in place of the notebook of the first assignment."""
    return NotebookCase("01-sigmoid", "sigmoid", content)


def notebook(*cells: Any, **fields: Any) -> NotebookCase:
    """A notebook of the first assignment that consists of these cells."""
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields}
    return file(json.dumps(content).encode())


def markdown(source: str, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source, **fields}


def raw(source: str) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {}, "source": source}


def code(source: str, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], **fields}


def array(dtype: str, shape: list[int]) -> dict[str, Any]:
    """An encoded array of zeros. If it would be very large, its bytes are missing."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    return {"array": dtype, "shape": shape, "data": base64.b64encode(bytes(size if size < 10**7 else 0)).decode()}


def answer(exercise: str, value: Any) -> AnswersCase:
    """The same value in place of the answer to each case of an exercise."""
    return AnswersCase(exercise, to_frame({"answers": [{"value": value}]}), is_repeated=True)


FORMULA_FILE = [("evil;=HYPERLINK(1).ipynb", "notebook")]
PIPE = [("sigmoid.ipynb", "notebook"), ("data", "pipe")]
WRITTEN = "the graded notebook can be written"
INERT = "rendered Markdown has no active content"
SHOWN = "the page is written in time and without an exception"
SAME = "sanitising again changes nothing"
JUDGED = "the answer is judged in time and memory"
SEARCHED = "the code is searched in time"
READ = "the notebook is read in time and memory"
NO_FORMULA = "no cell of a table begins with a formula, at whichever character a spreadsheet splits it"

COLLIDING = [{"int": hex(number * HASH_MODULUS)} for number in range(100_000)]
NESTED = "\n".join(" " * depth + f"def f{depth}(x):" for depth in range(60)) + ("\n" + " " * 60 + "x" + ".a" * 280) * 50
RARE = "".join(f"# a rare line that only two students have, number {number}\n" for number in range(7_500))
CUT_OFF = b'{"nbformat": 4, "cells": ["' + b'\\"' * 60_000 + b"\\"
CODES = {"tuple": [array("<i8", [400_000]), array("<U2000", [1])]}
EXPANDING = "='|a|b|\n" * 400 + "$$" * 6 + "<i id=x>" + "<x@y.z>" * 300
# Where math-core 0.9 searches a closing bracket, as a slow test in tests/reports/test_feedback.py finds them
BRACKET_SIGNS = "([⌈⌊⌜⌞⎰❲⟅⟦⟨⟪⟬⟮⦃⦅⦇⦉⦋⦍⦏⦑⦓⦕⦗⧘⧚⧼"
BRACKET_NAMES = (
    "lAngle lBrace lVert lang langle lbrace lbrack lceil lfloor lgroup llangle llbracket llcorner llparenthesis lmoustache "
    "lparen lvert ulcorner"
)
SIZED = (r"\bigl(", r"\Bigl\lbrace ", r"\biggl)", r"\Biggl|", r"\not(")  # as slow, whatever the bracket
BRACKETS = (*BRACKET_SIGNS, r"\{", *(f"\\{name} " for name in BRACKET_NAMES.split()), *SIZED)
IMPORT = "from scipy.special import expit"
FOUND = (
    Found("an empty array with a long axis", JUDGED, answer("minibatches", array("<i8", [2**40, 0]))),
    Found("an empty array with two long axes", JUDGED, answer("minibatches", array("<f8", [2**31, 2**31, 0]))),
    Found("an array of empty rows", JUDGED, answer("minibatches", array("<f8", [20_000, 0]))),
    Found("an array without a width of texts", JUDGED, answer("minibatches", array("<U0", [2**40]))),
    Found("private-use characters as entities", SHOWN, notebook(markdown("&#xe000;9&#xe001;"))),
    Found("private-use characters in a title", SHOWN, notebook(markdown('<b title="&#xe000;9&#xe001;">x</b>'))),
    Found("twelve thousand lines with a blank", SHOWN, notebook(code(" \n" * 12_000))),
    Found("many strings that are not closed", SHOWN, notebook(code('"""a\n' * 9_000))),
    Found("nested functions around long chains", SEARCHED, notebook(code(NESTED))),
    Found("many magics", SEARCHED, notebook(*[code("%x\n" * 16_000)] * 10)),
    Found("many names in a chain", SEARCHED, notebook(code("\n".join(f"a{i} = a{i - 1}" for i in range(3_500))))),
    Found("a set of colliding integers", JUDGED, answer("sigmoid", {"set": COLLIDING})),
    Found("a small set of colliding integers", JUDGED, answer("sigmoid", {"set": COLLIDING[:1_000]})),
    Found(
        "a dict with colliding keys", JUDGED, answer("sigmoid", {"dict": [[key, None] for key in COLLIDING[:9_000]]})
    ),
    Found("a frame of 6 MB", JUDGED, answer("sigmoid", {"list": [{"str": "x" * 1_000}] * 6_000})),
    Found("an integer with many digits", JUDGED, answer("sigmoid", {"int": "0x" + "f" * 1_000_000})),
    Found("many codes and a long name", JUDGED, answer("encode_labels", CODES)),
    Found("many long texts", JUDGED, answer("encode_labels", array("<U200", [1_000]))),
    Found("a value that is nested deeply", JUDGED, answer("sigmoid", nested_list(300))),
    Found("a million empty dicts", READ, notebook(extra=[{}] * 1_000_000)),
    Found("many empty outputs", READ, notebook(code("", outputs=[{}] * 400_000))),
    Found("many cells that are not cells", READ, notebook(*[{}] * 400_000)),
    Found("a number with a million digits", READ, file(b'{"nbformat": ' + b"9" * 10**6)),
    Found("a string that ends with half an escape", READ, file(CUT_OFF)),
    Found("lists nested deeply", READ, file(b"[" * 10**6)),
    Found("a prompt before an import", SEARCHED, notebook(code(f">>> {IMPORT}\n>>> sigmoid = expit"))),
    Found("comments before an import", SEARCHED, notebook(code("# x\n" * 30_000 + IMPORT))),
    Found("many marks of hidden tests", SHOWN, notebook(code('"""' + "BEGIN HIDDEN TESTS\n" * 6_000 + '"""'))),
    Found("many marks without line breaks", SHOWN, notebook(code("### BEGIN HIDDEN TESTS " * 6_000))),
    Found("a notebook that is named like a formula", NO_FORMULA, NamesCase((Student("ada", files=FORMULA_FILE),))),
    Found("rare lines of 400 kB", "solutions are compared in time", notebook(code(RARE))),
    Found("a notebook that is a pipe", READ, NamesCase((Student("ada", files=[("sigmoid.ipynb", "pipe")]),))),
    Found("a notebook that is a link", READ, NamesCase((Student("ada", files=[("sigmoid.ipynb", "link")]),))),
    Found("attachments of a code cell that are not a mapping", WRITTEN, notebook(code("", attachments=False))),
    Found("an attachment of a code cell that is a number", WRITTEN, notebook(code("", attachments={"b": 1e308}))),
    Found("an attachment whose name is a lone surrogate", WRITTEN, notebook(code("", attachments={"\udfff": {}}))),
    Found("a long cell with a link to a script", INERT, notebook(markdown("x " * 5_001 + "[a](javascript:1)"))),
    Found("many formulas before a script", INERT, notebook(markdown("\\\\(" * 101 + "<script>1</script>"))),
    Found("an attachment without a name", SHOWN, notebook(markdown("![](attachment:)"))),
    Found("a formula with forty line breaks", SHOWN, notebook(markdown("$" + "\\\\(" * 40 + "$"))),
    Found("a formula with brackets after scripts", SHOWN, notebook(markdown(f"${'(_)' * 60}$ ${'({(})' * 60}$"))),
    Found("formulas with each kind of bracket", SHOWN, notebook(markdown(" ".join(f"${b * 30}$" for b in BRACKETS)))),
    Found("a formula that defines a command", SHOWN, notebook(markdown("$\\def\\q{(}" + "\\q" * 60 + "$"))),
    Found(
        "a formula that defines a command everywhere", SHOWN, notebook(markdown("$\\gdef\\q{((}" + "\\q" * 30 + "$"))
    ),
    Found("a link in a button", SAME, notebook(markdown("<button>["))),
    Found("markup that is long when it is sanitised", SAME, notebook(markdown(EXPANDING))),
    Found("a raw cell with very many tags", SAME, notebook(raw("<div>" * 20_001))),
    Found("a raw cell with very many brackets", SAME, notebook(raw(">" * 20_001))),
    Found("a name that begins with a dot", "every student has a row", NamesCase((Student(".hidden"),))),
    Found("a pipe among the files", "Gradescope grades the others", NamesCase((Student("ada", files=PIPE),))),
    Found("a formula after a semicolon", NO_FORMULA, NamesCase((Student("a;=HYPERLINK(1)"),))),
    Found("a formula after a line break", NO_FORMULA, NamesCase((Student("ada", last_name="a\n=1"),))),
    Found("a formula after a quotation mark", NO_FORMULA, NamesCase((Student("ada", first_name='a";=1;"'),))),
)
