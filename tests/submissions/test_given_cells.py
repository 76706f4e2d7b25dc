"""Cells that students get and nbgrader does not know are put back if they are gone."""

import nbformat
import pytest

from autograder.submissions.given_cells import restore_given

ANSWER = nbformat.v4.new_code_cell("def f(x):\n    return helper(x)", metadata={"nbgrader": {"grade_id": "answer"}})
TEST = nbformat.v4.new_code_cell("assert f(1)", metadata={"nbgrader": {"grade_id": "test"}})
IMPORTS = nbformat.v4.new_code_cell("import numpy as np\nfrom math import pi", id="setup")
HELPER = nbformat.v4.new_code_cell("def helper(x):\n    return pi * x", id="helper")
DEMO = nbformat.v4.new_code_cell("shown = 1", id="demo", metadata={"tags": ["demo"]})
TITLE = nbformat.v4.new_markdown_cell("# Title", id="title")


@pytest.fixture
def given():
    """A notebook with an answer, and the cells that students get around it."""
    cells = [TITLE, IMPORTS, ANSWER, HELPER, DEMO, TEST]
    return nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell) for cell in cells])


def sources(nb):
    return [cell.source for cell in nb.cells]


def test_given_cells_that_are_gone_are_put_back_above_those_that_need_them(given):
    submitted = nbformat.from_dict(given)
    submitted.cells = [cell for cell in submitted.cells if cell.id not in ("setup", "helper", "demo")]
    notes = restore_given(submitted, given)
    assert sources(submitted) == [cell.source for cell in (TITLE, IMPORTS, HELPER, ANSWER, TEST)]
    assert [note.partition(", so ")[2] for note in notes] == [
        "the cell that begins with `import numpy as np` was put back",
        "the cell that begins with `def helper(x):` was put back",
    ]


def code_cells(*codes):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])


@pytest.mark.parametrize(("codes", "submitted", "expected"), [
    (["import numpy as np\nN = 10"], ["N = 5", "np.ones(N)"], ["import numpy as np\nN = 10", "N = 5", "np.ones(N)"]),
    (["a = 1", "a = 2\nb = 3"], ["print(a)", "print(b)"], ["a = 1", "a = 2\nb = 3", "print(a)", "print(b)"]),
    (["lr = 0.1"], ["if True:\n    lr = 0.5", "print(lr)"], ["lr = 0.1", "if True:\n    lr = 0.5", "print(lr)"]),
    (["lr = 0.1"], ["for lr in (1, 2):\n    pass", "print(lr)"], ["lr = 0.1", "for lr in (1, 2):\n    pass", "print(lr)"]),
])  # fmt: skip
def test_cells_that_are_put_back_keep_their_order_and_the_student_s_values(codes, submitted, expected):
    nb = code_cells(*submitted)
    restore_given(nb, code_cells(*codes))
    assert sources(nb) == expected


def test_a_cell_that_no_other_needs_is_not_put_back(given):
    assert restore_given(nbformat.v4.new_notebook(cells=[TITLE]), given) == []


def test_a_given_cell_is_named_by_its_first_line_that_is_not_blank(given):
    given.cells[1].source = "\n\nfrom math import pi"
    (note,) = restore_given(nbformat.v4.new_notebook(cells=given.cells[2:]), given)
    assert note.endswith("the cell that begins with `from math import pi` was put back")


def test_the_unknown_names_of_a_module_are_not_said_to_be_lost(given):
    given.cells[1].source = "from math import *\nimport numpy as np"
    reader = nbformat.v4.new_code_cell("np.eye(2)")
    (note,) = restore_given(nbformat.v4.new_notebook(cells=[reader]), given)
    assert note.startswith("no plain statement gives `np` a value")


@pytest.mark.parametrize("replacement", [
    "import numpy as np\nimport math\npi = math.pi", "%matplotlib inline\nimport numpy as np\nfrom math import pi, e",
])  # fmt: skip
def test_a_given_cell_that_was_rewritten_is_not_put_back(given, replacement):
    submitted = nbformat.from_dict(given)
    submitted.cells[1].update(source=replacement, id="other")
    submitted.cells.insert(0, submitted.cells.pop(3))
    before = sources(submitted)
    assert restore_given(submitted, given) == []
    assert sources(submitted) == before


@pytest.mark.parametrize(
    "replacement", ["# import numpy as np\n# from math import pi", "import numpy as\nfrom math import pi"]
)
def test_a_given_cell_that_defines_nothing_any_more_is_put_back(given, replacement):
    submitted = nbformat.from_dict(given)
    submitted.cells[1].source = replacement
    assert len(restore_given(submitted, given)) == 1
    assert IMPORTS.source in sources(submitted)
