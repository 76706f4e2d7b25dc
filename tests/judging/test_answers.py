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
    ("# hint", "# hnit", "double, 'adds half' has a line 'hnit'; the known ones are hint, names, otherwise"),
    ("# hint", "# words", "double, 'adds half' has a line 'words'; the known ones are hint"),
    ("a float\n", "a float\n# hint: Why?\n", "size_B, 'a float' has a line 'hint'; the known ones are none"),
    ("size_A = -1\n", "", "size_A, size_B, 'negative' has no code: write the answer below it"),
    ("size_B = math.e\n", "", "size_B, 'a float' has no code: write the answer below it"),
    ("\n\ntry:\n", "\n\nprint()\ntry:\n", "answers.py, line 3 defines no name: move it into the cells that need it"),
    *(
        ("halves?\n", f"halves?\n{line}\n", f"double, 'adds half' has the line '{line}': write '# NAME: …'")
        for line in ("#hint: How many halves?", "# adds", "#  Or wholes?", "#")
    ),
    *(
        (line, mistyped, f"answers.py: '{mistyped}' must be '# %% wrong NAME: …'")
        for line, mistyped in (
            ("# %% wrong double: adds half", "# %% wrnog double: adds half"),
            ("# %% right size_B: a float", "# %% right size_B, a float"),
            ("# %% right size_B: a float", "#%% right size_B: a float"),
        )
    ),
])  # fmt: skip
def test_what_the_format_does_not_know_is_an_error(tmp_path, old, new, message):
    """Otherwise a mistyped line would be lost, or join what stands above it."""
    assert FILE.count(old) == 1
    with pytest.raises(ValueError, match=re.escape(message)):
        read(tmp_path, FILE.replace(old, new))


def test_a_long_line_continues_below(tmp_path):
    answers = read(tmp_path, FILE.replace("halves?\n", "halves?\n#   Or wholes?\n"))
    assert answers["double", "adds half"].field("hint") == "How many halves? Or wholes?"
