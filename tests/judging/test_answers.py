"""Known answers are read from percent cells, each with what it needs of the head of its file."""

import re

import pytest

from autograder.judging.answers import read_answers

FILE = '''"""Known answers."""

try:
    import math
except ImportError:
    math = None

def half(x):
    return x / 2

def double(x):
    return 4 * half(x)

# %% wrong double: adds half
# hint: How many halves?
def half(x):
    return 3 * x / 8

# %% wrong size_A, size_B: negative
size_A = -1

# %% right size_B: a float
size_B = math.e
'''


def read(folder, text=FILE):
    (folder / "answers.py").write_text(text)
    return {(answer.exercise, answer.name): answer for answer in read_answers(folder / "answers.py", {})}


def test_an_answer_may_be_one_function_that_the_head_of_the_file_uses(tmp_path):
    answer = read(tmp_path)["double", "adds half"]
    assert (answer.is_right, answer.field("hint"), answer.value(2)) == (False, "How many halves?", 3)
    assert answer.code.count("def half") == 1
    assert "math" not in answer.code


def test_a_function_of_the_head_keeps_its_decorators(tmp_path):
    head = "@np.vectorize\ndef step(x):\n    return 1.0 if x > 0 else 0.0\n\n"
    answer = read(tmp_path, head + "# %% right size: a step\nsize = step([1, -1])\n")["size", "a step"]
    assert answer.value.tolist() == [1, 0]


def test_a_statement_before_the_first_cell_must_define_a_name(tmp_path):
    with pytest.raises(ValueError, match=r"answers.py, line 3 defines no name: move it into the cells that need it"):
        read(tmp_path, FILE.replace("try:\n", "print()\ntry:\n", 1))


def test_statements_of_the_head_may_share_a_line(tmp_path):
    answer = read(tmp_path, "import math; import os\ne = 2; half = math.e / e\n# %% right size: half\nsize = half\n")
    assert answer["size", "half"].value == pytest.approx(1.359, abs=1e-3)


def test_a_cell_may_be_an_answer_to_several_exercises(tmp_path):
    answers = read(tmp_path)
    assert {key: answer.value for key, answer in answers.items() if "size" in key[0]} == {
        ("size_A", "negative"): -1, ("size_B", "negative"): -1, ("size_B", "a float"): pytest.approx(2.718, abs=1e-3),
    }  # fmt: skip
    assert answers["size_B", "negative"].code == "size_B = -1\n"


def test_an_answer_that_defines_another_name_is_an_error(tmp_path):
    answer = read(tmp_path, "# %% right odds: mistyped\nods = 1\n")["odds", "mistyped"]
    with pytest.raises(ValueError, match=r"answers.py: odds, 'mistyped' does not define odds"):
        _ = answer.value


@pytest.mark.parametrize(("old", "new", "message"), [
    ("# hint", "# hnit", "double, 'adds half' has a line 'hnit'; known here are hint, names, otherwise"),
    ("# hint", "# words", "double, 'adds half' has a line 'words'; known here are hint"),
    ("a float\n", "a float\n# hint: Why?\n", "size_B, 'a float' has a line 'hint'; known here are none"),
])  # fmt: skip
def test_a_line_with_a_name_that_nothing_reads_is_an_error(tmp_path, old, new, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, FILE.replace(old, new))


@pytest.mark.parametrize("code", ["size_A = -1\n", "size_B = math.e\n"])
def test_a_cell_without_code_is_an_error(tmp_path, code):
    with pytest.raises(ValueError, match=r"size_.* has no code: write the answer below it"):
        read(tmp_path, FILE.replace(code, ""))


@pytest.mark.parametrize("line", ["#hint: How many halves?", "# adds", "#  Or wholes?", "#"])
def test_another_comment_below_the_first_line_is_an_error(tmp_path, line):
    with pytest.raises(ValueError, match=f"double, 'adds half' has the line '{re.escape(line)}': write '# NAME: …'"):
        read(tmp_path, FILE.replace("halves?\n", f"halves?\n{line}\n"))


def test_a_long_line_continues_below(tmp_path):
    answers = read(tmp_path, FILE.replace("halves?\n", "halves?\n#   Or wholes?\n"))
    assert answers["double", "adds half"].field("hint") == "How many halves? Or wholes?"


@pytest.mark.parametrize(
    ("line", "mistyped"),
    [
        ("# %% wrong double: adds half", "# %% wrnog double: adds half"),
        ("# %% right size_B: a float", "# %% right size_B, a float"),
        ("# %% right size_B: a float", "#%% right size_B: a float"),
    ],
)
def test_a_mistyped_first_line_does_not_join_what_stands_above_it(tmp_path, line, mistyped):
    with pytest.raises(ValueError, match=f"answers.py: '{mistyped}' must be '# %% wrong NAME: …'"):
        read(tmp_path, FILE.replace(line, mistyped))
