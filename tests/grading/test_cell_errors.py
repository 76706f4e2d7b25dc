"""Errors of cells are read from outputs that the student's process wrote, and may have forged."""

import pytest
from nbformat.v4 import new_output

from autograder.grading.cell_errors import CellError, read_error


def output_at(line, name="E", message="no", before=""):
    traceback = f"{before}{name}  Traceback (most recent call last)\nCell In[7], line {line}\n----> {line} code"
    return new_output("error", ename=name, evalue=message, traceback=[traceback])


@pytest.mark.parametrize(
    ("stated", "line", "text"), [("2", 2, "1 / 0"), ("7", None, ""), ("0", None, ""), (5000 * "9", None, "")]
)
def test_the_line_of_the_cell_is_read_if_it_can_be_one(stated, line, text):
    assert read_error(output_at(stated), "x = 1\n1 / 0") == CellError("E", "no", line, text)


def test_of_an_error_that_another_one_caused_the_line_of_the_cell_is_read():
    library = "E  Traceback (most recent call last)\nFile style.py:1, in use(style)\n----> 1 rc(style)\n\nE: no\n\n"
    assert read_error(output_at(2, before=library), "x = 1\nuse('seaborn')").line == 2


@pytest.mark.parametrize(("file", "line", "says"), [
    ("123456.py", 1, "is not valid Python: unterminated string"),
    ("<tokenize>", 1, "is not valid Python: unterminated string"),
    ("<string>", 2, "fails: SyntaxError: unterminated string (detected at line 1) (<string>, line 1)"),
    ("broken.py", 2, "fails: SyntaxError: unterminated string (detected at line 1) (broken.py, line 1)"),
])  # fmt: skip
def test_the_line_of_another_text_is_not_taken_for_one_of_the_cell(file, line, says):
    message = f"unterminated string (detected at line 1) ({file}, line 1)"
    traceback = ["Traceback (most recent call last):", "  Cell In[7], line 2\n    run(text)", f"  File {file}:1\n    '"]
    error = read_error(
        new_output("error", ename="SyntaxError", evalue=message, traceback=traceback), "x = 1\nrun(text)"
    )
    assert error.line == line
    assert error.clause("cell [7]").endswith(says)


def test_a_text_with_a_long_name_is_not_taken_for_the_cell():
    message = f"invalid syntax ({300 * 'a'}.py, line 1)"
    error = read_error(new_output("error", ename="SyntaxError", evalue=message, traceback=[]), "run(text)")
    assert error.clause("cell [7]").startswith("cell [7] fails: SyntaxError: invalid syntax (aaa")


def test_a_wrong_indentation_is_in_the_cell_although_its_place_is_a_string():
    message = "unindent does not match any outer indentation level"
    output = new_output("error", ename="IndentationError", evalue=f"{message} (<string>, line 2)", traceback=["E", "x"])
    error = read_error(output, "if x:\n  y\n z")
    assert error.clause("cell [7]") == f"line 2 of cell [7], `y`, is not valid Python: {message}"


@pytest.mark.parametrize(("name", "message", "says"), [
    ("ValueError", "wrong mean (sum/n)", "cell [7] fails: ValueError: wrong mean (sum/n)"),
    ("ImportError", "cannot import name 'f' from 'm' (/a b/m.py)", "cell [7] fails: cannot import name 'f' from 'm'"),
])  # fmt: skip
def test_the_end_of_a_message_is_taken_for_a_path_only_in_an_import(name, message, says):
    error = read_error(new_output("error", ename=name, evalue=message, traceback=[]), "")
    assert error.clause("cell [7]") == says


@pytest.mark.parametrize(("line", "name", "message", "says"), [
    ("raise RuntimeError('see (12.py, line 9)')", "RuntimeError", "see (12.py, line 9)", "see (12.py, line 9)."),
    ("raise ImportError", "ImportError", "", "fails: ImportError."),
    ('print(f"loss {a:.3f")', "SyntaxError", "f-string: expecting '}' (1.py, line 1)", "expecting '}'."),
    ('f"{a b}"', "SyntaxError", "Perhaps you forgot a comma? (1.py, line 1)", "Perhaps you forgot a comma?"),
])  # fmt: skip
def test_an_error_is_one_sentence_without_the_place_in_its_message(line, name, message, says):
    sentence = read_error(output_at(1, name, message), line).sentence("cell [1]")
    assert sentence.startswith("Line 1 of cell [1]")
    assert sentence.endswith(says)


def test_lines_are_counted_as_python_does():
    assert read_error(output_at(2), "# a\u2028b\n1 / 0").text == "1 / 0"


def test_blank_lines_at_the_top_are_counted_although_ipython_does_not():
    assert read_error(output_at(2), "\n \nx = 1\n1 / 0").line == 4
