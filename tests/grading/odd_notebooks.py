"""Odd notebooks that students hand in: edits of a solved notebook, the points of each, and what its page must say.

An edit is a function of the notebook. Each notebook can be what an honest student made, so none may call for a person.
"""

import copy
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from tests.conftest import REPOSITORY, SIGMOID_AUTOMATIC_POINTS, exercises

from .conftest import ASSIGNMENT, index_of

FULL = float(SIGMOID_AUTOMATIC_POINTS)
# `sigmoid_prime` and `predict_proba` call it
WITHOUT_SIGMOID = FULL - sum(exercises[name].points for name in ("sigmoid", "sigmoid_prime", "predict_proba"))
Edit = Callable[[NotebookNode], object]

RELEASED = nbformat.read(REPOSITORY / "notebooks" / ASSIGNMENT / "sigmoid.ipynb", 4)
GOOD = "def sigmoid(z):\n    e = np.exp(-np.abs(z))\n    return np.where(np.asarray(z) >= 0, 1, e) / (1 + e)"

WRONG = "def sigmoid(z):\n    return np.asarray(z) * 3.3 + np.cos(z)"


@dataclass(frozen=True)
class Odd:
    """An odd notebook."""

    edit: Edit  # it changes a solved notebook in place
    score: float = FULL
    says: str = ""  # a regular expression that the text of the feedback page must match


def cell_with_id(nb: NotebookNode, cell_id: str) -> NotebookNode:
    return next(cell for cell in nb.cells if cell.get("id") == cell_id)


def answer(name: str, source: str | Callable[[str], str]) -> Edit:
    """Replace the answer to an exercise, or the cell with the imports."""

    def edit(nb: NotebookNode) -> None:
        cell = cell_with_id(nb, "setup") if name == "setup" else nb.cells[index_of(nb, f"{name}-solution")]
        cell.source = source if isinstance(source, str) else source(cell.source)

    return edit


def above(grade_id: str, source: str, new_cell: Callable[[str], NotebookNode] = new_code_cell) -> Edit:
    return lambda nb: nb.cells.insert(index_of(nb, grade_id), new_cell(source))


def below(grade_id: str, source: str) -> Edit:
    return lambda nb: nb.cells.insert(index_of(nb, grade_id) + 1, new_code_cell(source))


def prepended(line: str) -> Callable[[str], str]:
    return lambda source: f"{line}\n{source}"


def all_of(*edits: Edit) -> Edit:
    return lambda nb: [edit(nb) for edit in edits]


def remove(cell_id: str) -> Edit:
    return lambda nb: nb.cells.remove(cell_with_id(nb, cell_id))


def each(change: Callable[[NotebookNode], object]) -> Edit:
    return lambda nb: [change(cell) for cell in nb.cells]


def move_to_end(nb: NotebookNode) -> None:
    cell = nb.cells[index_of(nb, "sigmoid-solution")]
    nb.cells.remove(cell)
    nb.cells.append(cell)


def double_the_tests(nb: NotebookNode) -> None:
    for cell in [cell for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")]:
        nb.cells.insert(nb.cells.index(cell), copy.deepcopy(cell) | {"id": f"copy-of-{cell.id}"})


def letters_in_the_text(nb: NotebookNode) -> None:
    index = index_of(nb, "sigmoid-quiz-solution")
    nb.cells[index].source = cell_with_id(RELEASED, nb.cells[index].id).source
    nb.cells[index - 1].source += "\n\nMy answer: a, b"


def untouched_copy_below(nb: NotebookNode) -> None:
    index = index_of(nb, "sigmoid-solution")
    stub = cell_with_id(RELEASED, "sigmoid-solution").source
    nb.cells.insert(index + 1, copy.deepcopy(nb.cells[index]) | {"id": "copy", "source": stub})


def words_below(nb: NotebookNode) -> None:
    cell = nb.cells[index_of(nb, "sigmoid-threshold")]
    nb.cells.insert(nb.cells.index(cell) + 1, new_markdown_cell(cell.source))
    cell.source = "YOUR ANSWER HERE"


def without_metadata(nb: NotebookNode) -> None:
    for number, cell in enumerate(nb.cells):
        cell.update(metadata={}, id=f"cell-{number}")


STUB = answer("sigmoid", cell_with_id(RELEASED, "sigmoid-solution").source)
STILL_RAISES = (
    r"Cell \[4\] defines sigmoid, but cell \[5\] below it still raises NotImplementedError: move your code into"
)
# the card of the question, and no message in the box above all cards
ONLY_NOT_ANSWERED = "^(?!.*(Messages from grading|still contains|No code cell of your notebook)).*○ not answered yet"
NO_MODULE = r"line 1 of cell \[1\], {}, fails: No module named '{}'. The grader does not have it. Answer without it"

ODD = {
    "uses what an experiment binds": Odd(below("sigmoid", "largest = X.max()  # experiments are not run")),
    # --- imports and magics
    "an import that fails in the first line": Odd(answer("setup", prepended("import pandas as pd")), FULL, NO_MODULE.format("import pandas as pd", "pandas")),
    "an import of a file of the student's": Odd(answer("sigmoid", "from helper import sigmoid"), WITHOUT_SIGMOID, r"if it is a file of yours, copy its code into the notebook.*sigmoid is not defined: line 1 of cell \[4\]"),
    "a decorator of a missing module": Odd(answer("sigmoid", f"from numba import njit\n@njit\n{GOOD}"), WITHOUT_SIGMOID, r"sigmoid is not defined: line 1 of cell \[4\], from numba import njit, fails: No module named 'numba'"),
    "mounting a drive in Colab": Odd(answer("setup", prepended("from google.colab import drive\ndrive.mount('/content/drive')"))),
    "a folder of another computer": Odd(answer("setup", prepended("import os\nos.chdir(r'C:\\Users\\me')")), FULL, r"Line 2 of cell \[1\], os.chdir"),
    "a reset": Odd(above("predict-proba-solution", "%reset -f")),
    "quotes of a newer Python": Odd(answer("sigmoid", "def sigmoid(z):\n    d = {'a': 1}\n    return f'{d['a']}'"), WITHOUT_SIGMOID, "is not valid Python" if sys.version_info < (3, 12) else ""),
    "a letter of another alphabet": Odd(answer("sigmoid-prime-step", "sigmoid_prime_step = {'missing line': '\u0441'}")),
    "pip": Odd(answer("setup", prepended("%pip install numpy\n!pip install numpy"))),
    "a window for pictures": Odd(answer("setup", prepended("%matplotlib qt"))),
    "a backend that waits": Odd(above("sigmoid", "import matplotlib\nmatplotlib.use('TkAgg')\nimport matplotlib.pyplot as plt\nplt.plot([1])\nplt.show(block=True)")),
    "no cell of imports": Odd(remove("setup"), FULL, "no plain statement gives checking, data, expect_answered, .* a value, so the cell that begins with # ▸ Code: imports was put back"),
    "imports in a comment": Odd(answer("setup", "# import numpy as np"), FULL, "was put back"),
    "no given function": Odd(remove("fragile-sigmoid")),
    "changed names of magics": Odd(all_of(answer("sigmoid", prepended("%%timeit")), above("sigmoid-solution", "sigmoid_1 = 3")), WITHOUT_SIGMOID, "^(?!.*did you mean).*it is not defined when its check runs"),
    "a magic that keeps the definition": Odd(answer("sigmoid", prepended("%%time"))),
    # --- syntax
    "an open bracket": Odd(answer("sigmoid", "def sigmoid(z):\n    e = np.exp(-np.abs(z)\n    return e"), WITHOUT_SIGMOID, r"sigmoid is not defined: line 2 of cell \[4\], e = np.exp\(-np.abs\(z\), is not valid Python: '\(' was never closed"),
    "a wrong indentation": Odd(answer("sigmoid", "def sigmoid(z):\n    e = np.exp(-z)\n  return e"), WITHOUT_SIGMOID, r"line 3 of cell \[4\], return e, is not valid Python: unindent does not match"),
    "quotes of a word processor": Odd(answer("sigmoid-predictions", "sigmoid_predictions = [“b”, “b”]"), FULL - 1, r"is not valid Python: invalid character '“'"),
    "an answer in two halves": Odd(all_of(answer("sigmoid", "def sigmoid(z):\n    e = np.exp(-np.abs(z))"), above("sigmoid", "    return 1 / (1 + e)")), WITHOUT_SIGMOID, "is not valid Python: 'return' outside function"),
    "a text that is no Python": Odd(above("sigmoid", "x = 1\n\neval('1 +')"), FULL, r"Line 3 of cell \[\d+\], eval\('1 \+'\), fails: SyntaxError: invalid syntax \(<string>, line 1\)"),
    "letters without quotes": Odd(answer("sigmoid-predictions", "sigmoid_predictions = [a, b]"), FULL - 1, r"sigmoid_predictions = \[a, b\], fails: NameError: name 'a' is not defined"),
    # --- where the answer is
    "an untouched copy below its answer": Odd(untouched_copy_below, FULL, "cell sigmoid-solution occurred 2 times: the last that was edited counts"),
    "an answer above the stub": Odd(all_of(STUB, above("sigmoid-solution", GOOD)), FULL, "cell sigmoid-solution was unchanged: your answer above it is graded"),
    "an answer above a stub with a remark": Odd(all_of(STUB, answer("sigmoid", lambda source: f"# see above\n{source}"), above("sigmoid-solution", GOOD)), WITHOUT_SIGMOID, STILL_RAISES),
    "letters in the text of the question": Odd(letters_in_the_text, FULL - 2, "not answered yet"),
    "an answer in words in a cell of its own": Odd(words_below, FULL, "the answer to sigmoid-threshold is in a cell of your own.*A person has yet to grade|A person has yet to grade.*the answer to sigmoid-threshold is in a cell of your own"),
    "no metadata": Odd(without_metadata, FULL, "A person has yet to grade.*the answer to sigmoid-threshold is in a cell of your own"),
    "an answer between stub and check": Odd(all_of(STUB, above("sigmoid", GOOD))),
    "an answer below its check": Odd(all_of(STUB, below("sigmoid", GOOD)), FULL - 4, r"Cell \[6\] defines sigmoid only after its check: move your code up into cell \[4\]"),
    "a last line that raises": Odd(answer("sigmoid", f"{GOOD}\n".replace("    return", "    # YOUR CODE HERE\n    raise NotImplementedError()\n    return")), WITHOUT_SIGMOID, r"Cell \[4\] still contains the line raise NotImplementedError\(\): delete it when your answer is complete"),
    "an answer that was begun below an import that fails": Odd(all_of(answer("sigmoid", "def sigmoid(z):\n    e = np.exp(-np.abs(z))\n    raise NotImplementedError()"), above("sigmoid-solution", "from helpers import *")), WITHOUT_SIGMOID, r"Cell \[5\] still contains the line raise NotImplementedError\(\): delete it"),
    "an answer that was deleted above an import that fails": Odd(all_of(remove("sigmoid-solution"), below("sigmoid", "from helpers import *")), WITHOUT_SIGMOID, "^(?!.*too late)"),
    "an answer of which only the line that raises is left": Odd(answer("sigmoid", "# YOUR CODE HERE\nraise NotImplementedError()"), WITHOUT_SIGMOID, "No code cell of your notebook defines or imports sigmoid, except perhaps inside"),
    "a function without a body": Odd(answer("sigmoid", "def sigmoid(z):\n    # later\n    raise NotImplementedError"), WITHOUT_SIGMOID, r"Cell \[4\] still contains the line raise NotImplementedError\(\).*It uses sigmoid, which is not answered yet"),
    "a name like that of a blank answer": Odd(all_of(STUB, above("sigmoid-solution", "sigmoids = 3")), WITHOUT_SIGMOID, r"sigmoid\(z\) 0 of 4 ○ not answered yet slide"),
    "a quiz without a letter": Odd(answer("sigmoid-quiz", "sigmoid_quiz = set()"), FULL - 2, ONLY_NOT_ANSWERED),
    "an answer that calls a missing one": Odd(STUB, WITHOUT_SIGMOID, "It uses sigmoid, which is not answered yet"),
    "an answer in a text cell": Odd(all_of(STUB, above("sigmoid", f"```\n{GOOD}\n```", new_markdown_cell)), WITHOUT_SIGMOID, "not answered yet"),
    "an answer whose cell is now text": Odd(lambda nb: nb.cells[index_of(nb, "sigmoid-solution")].update(cell_type="markdown"), FULL, "cell sigmoid-solution was a markdown cell: changed back to code"),
    "an answer under a magic below its check": Odd(all_of(STUB, below("sigmoid", f"%%time\n{GOOD}")), FULL - 4, r"Cell \[6\] defines sigmoid only after its check"),
    "an answer at the end": Odd(move_to_end, WITHOUT_SIGMOID, "defines sigmoid too late: move it above the checks that need it"),
    "an answer that was deleted": Odd(remove("sigmoid-solution"), WITHOUT_SIGMOID, "No code cell of your notebook defines or imports sigmoid, except perhaps inside"),
    "another spelling": Odd(answer("sigmoid", GOOD.replace("sigmoid", "Sigmoid")), WITHOUT_SIGMOID, r"sigmoid is not defined: did you mean Sigmoid of cell \[4\]\?"),
    "a helper in a cell of its own": Odd(all_of(answer("sigmoid", "def sigmoid(z):\n    return stable(z)"), above("sigmoid-solution", GOOD.replace("sigmoid", "stable")))),
    "an answer that calls a wrong one": Odd(answer("sigmoid", WRONG), WITHOUT_SIGMOID, r"It uses sigmoid, which is not right yet: correct sigmoid first"),
    "an answer above a trial that calls a wrong one": Odd(all_of(answer("sigmoid", WRONG), answer("sigmoid-prime", f"{WRONG.replace('sigmoid', 'sigmoid_prime')}\nsigmoid(sigmoid_prime(1))")), WITHOUT_SIGMOID, r"sigmoid_prime\(z\) 0 of 3 ✗ not yet (?!It uses)"),
    "an answer that catches the error of a missing one": Odd(all_of(STUB, answer("sigmoid-prime", "def sigmoid_prime(z):\n    try:\n        return sigmoid(z) * (1 - sigmoid(z))\n    except Exception:\n        return np.asarray(z) * 3.3 + np.cos(z)")), WITHOUT_SIGMOID, r"sigmoid_prime\(z\) 0 of 3 ✗ not yet It uses sigmoid, which is not answered yet"),
    "two definitions": Odd(above("sigmoid", "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))"), FULL - 1, r"cell \[5\] defines sigmoid again, after cell \[4\]: the later definition counts"),
    "two definitions in a cell": Odd(answer("sigmoid", f"{GOOD}\n\ndef sigmoid(z):\n    return z + 7"), WITHOUT_SIGMOID, r"cell \[4\] defines sigmoid more than once"),
    "a helper that was deleted": Odd(all_of(answer("sigmoid", "def sigmoid(z):\n    return stable(z)"), above("sigmoid-solution", "tab = 5")), WITHOUT_SIGMOID, "No code cell of your notebook defines or imports stable"),
    "another spelling of a helper": Odd(all_of(answer("sigmoid", "def sigmoid(z):\n    return stable(z)"), above("sigmoid-solution", GOOD.replace("sigmoid", "Stable"))), WITHOUT_SIGMOID, r"stable is not defined: did you mean Stable of cell \[4\]\?"),
    "a helper that is defined again": Odd(all_of(answer("sigmoid", "def helper(z):\n    return np.exp(-np.abs(z))\n\n" + GOOD.replace("np.exp(-np.abs(z))", "helper(z)")), above("sigmoid-prime-solution", "def helper(z):\n    return z")), FULL - 6, r"cell \[\d+\] defines helper again, after cell \[4\]"),
    "a function that becomes a number": Odd(above("sigmoid", "data = 0\nsigmoid = sigmoid(data)"), WITHOUT_SIGMOID, r"cell \[5\] defines sigmoid again, after cell \[4\]"),
    "numpy that becomes a number": Odd(above("sigmoid-solution", "np = 5"), WITHOUT_SIGMOID, r"cell \[4\] defines np again, after cell \[1\]: the later definition counts"),
    "a name of Python that an answer uses": Odd(all_of(answer("sigmoid", GOOD.replace("np.abs", "abs")), above("sigmoid-solution", "abs = 5")), WITHOUT_SIGMOID, r"Cell \[4\] uses the name abs again, which is Python's own"),
    "a given name that a check uses": Odd(above("nan-logit-solution", "fragile_sigmoid = fragile_sigmoid(np.ones(2))"), FULL),
    "numpy that is deleted": Odd(above("sigmoid", "del np"), WITHOUT_SIGMOID, r"Cell \[5\] deletes np\."),
    "an error above an answer": Odd(answer("sigmoid", prepended("print(weights)")), WITHOUT_SIGMOID, r"sigmoid is not defined: line 1 of cell \[4\], print\(weights\), fails: NameError"),
    "an error below an answer": Odd(answer("sigmoid", f"{GOOD}\nassert sigmoid(0) == 0.4"), FULL, r"Line 4 of cell \[4\], assert sigmoid\(0\) == 0.4, fails: AssertionError"),
    # --- checks and cells
    "no checks": Odd(lambda nb: [nb.cells.remove(cell) for cell in list(nb.cells) if cell.metadata.get("nbgrader", {}).get("locked")]),
    "every check twice": Odd(double_the_tests),
    "a check that was edited": Odd(lambda nb: nb.cells[index_of(nb, "sigmoid")].update(source="assert True"), FULL, "cell sigmoid is read-only but was edited"),
    "other cell ids": Odd(lambda nb: [cell.update(id=f"cell-{i}") for i, cell in enumerate(nb.cells)]),
    "ends of lines of Windows": Odd(each(lambda cell: cell.update(source=cell.source.replace("\n", "\r\n")))),
    "tabs": Odd(answer("sigmoid", lambda source: source.replace("    ", "\t"))),
    # --- what a notebook changes for the cells below
    "an exit in its own cell": Odd(above("sigmoid-solution", "import sys\nsys.exit()"), FULL, r"Cell \[4\] ends with SystemExit: the lines below it in this cell were not run"),
    "SystemExit": Odd(above("sigmoid-solution", "raise SystemExit")),
    "another folder": Odd(above("sigmoid-solution", "import os\nos.chdir('/')")),
    "a thread that prints": Odd(above("sigmoid-solution", "import threading, time\ndef work():\n    while True: time.sleep(0.01); print('x')\nthreading.Thread(target=work).start()")),
    "warnings as errors": Odd(below("sigmoid_predictions", "import warnings\nwarnings.simplefilter('error')")),
    "errors of floating point": Odd(below("sigmoid_predictions", "np.seterr(all='raise')")),
    "a fixed seed": Odd(below("sigmoid_predictions", "np.random.seed(0)")),
    "names of Python that are used again": Odd(below("sigmoid_predictions", "sum = len = list = max = 0")),
    "print that is gone": Odd(below("sigmoid_predictions", "print = None")),
    "much output": Odd(above("sigmoid", "print('x' * 50_000_000)"), FULL, "output exceeded its limit"),
    "ctypes": Odd(below("sigmoid_quiz", "import ctypes\nprint(ctypes.sizeof(ctypes.c_int))")),
    "a file that the notebook writes": Odd(above("sigmoid-solution", "%%writefile helper.py\nx = 1")),
    # --- questions and files
    "input": Odd(answer("nan-logit", "nan_logit = int(input('a number: '))"), FULL - 1, "input\\(\\) is not available during grading: assign a value instead"),
    "a file that is not there": Odd(answer("nan-logit", "nan_logit = int(open('answer.txt').read())"), FULL - 1, "nan_logit is not defined: line 1 .* FileNotFoundError"),
    "a program of its own": Odd(above("sigmoid-solution", "from multiprocessing import Pool\nwith Pool(2) as pool: pool.map(abs, [1])")),
    "a return that only prints": Odd(answer("sigmoid", "def sigmoid(z):\n    print(1 / (1 + np.exp(-z)))"), WITHOUT_SIGMOID, "It returns None \\(is a return missing\\?\\)"),
}  # fmt: skip


def text_of(page: str) -> str:
    """The text of a feedback page above the notebook, and of its verdicts."""
    top, notebook = page.split("<h2>Your notebook</h2>")
    sections = re.findall(r"<section class=.*?</section>", notebook, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", " ".join([top.split("<main")[1], *sections])))
