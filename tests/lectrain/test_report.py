"""The boxes that a notebook shows for the results of checks, and for a picture that cannot be drawn yet."""

import linecache
import re
import sys

import pytest

from lectrain import report
from lectrain.check import (
    CheckFailed,
    checking,
    expect_answered,
    expect_close,
    expect_shape,
    expect_true,
    expect_untouched,
)


@pytest.fixture
def boxes(monkeypatch):
    """The boxes that are shown, as if a Jupyter kernel ran the test."""
    shown = []
    monkeypatch.setattr(report, "in_notebook", lambda: True)
    monkeypatch.setattr(report, "display", shown.append)
    monkeypatch.setattr(report, "results", {})
    return shown


def body(box):
    return box.data.replace(report.STYLE, "")


def failure(answer=(1, 2)):
    with pytest.raises(CheckFailed) as raised, checking("f", slide="Warm & up"):
        expect_close(answer, (1, 9), "f(<x>) is `x`", hint="Which `x`?")
    return raised.value


def test_a_passed_check_lists_its_properties_and_prints_nothing(boxes, capsys):
    with checking("f", slide="Warm-up", points=0.5):
        expect_true(True, "b < a", otherwise="b > a")
        expect_true(True, "a is first", otherwise="b is")
    (box,) = boxes
    assert repr(box) == "✓ f: 2 properties hold"
    assert body(box) == (
        '<div class="lectrain-check passed"><p><b><i>✓</i> f</b>: 2 properties hold, worth 0.5 points</p>'
        '<ul><li>b &lt; a</li><li>a is first</li></ul><p><span class="slide">slide: Warm-up</span></p></div>'
    )
    assert capsys.readouterr().out == ""


def test_a_passed_check_counts_those_that_pass_and_ends_with_the_dullest_property(boxes, monkeypatch):
    monkeypatch.setattr(checking, "answers", ("g", "f", "<h>"))
    failure()
    for name in ("g", "<h>", "g"):
        with checking(name, slide="Warm-up"):
            expect_untouched(abs, 1)
            expect_true(True, "a", otherwise="b")
    for box, dots, count in zip(boxes, ("●○○", "●○●", "●○●"), (1, 2, 2), strict=True):
        assert f"<small><span>{dots}</span> {count} of the notebook’s 3 answers</small>" in body(box)
    assert "<ul><li>a</li><li>its arguments stay as they were</li></ul>" in body(boxes[2])
    with checking("f", slide="Warm-up"):
        expect_true(True, "a", otherwise="b")
    assert "<small><span>★★★</span> 3 of the notebook’s 3 answers</small>" in body(boxes[-1])
    with checking("optional", slide="Warm-up"):
        expect_true(True, "a", otherwise="b")
    assert "<small>" not in body(boxes[-1])


def test_a_passed_check_begins_with_the_properties_that_tell_most(boxes):
    with checking("f", slide="Warm-up"):
        expect_untouched(abs, 1)
        expect_shape(1, (), "a number")
        expect_true(True, "below 2", otherwise="no")
        expect_shape(1, (), "it is 1")
        expect_close(1, 1, "it is 1")
    assert re.findall("<li>(.*?)</li>", body(boxes[0])) == [
        "it is 1", "below 2", "a number", "its arguments stay as they were",
    ]  # fmt: skip


@pytest.mark.parametrize("count", [10, 11])
def test_a_passed_check_folds_properties_if_they_are_more_than_ten(boxes, count):
    with checking("f", slide="Warm-up"):
        for number in range(count):
            expect_true(True, f"property {number}", otherwise="no")
    folded = "<li>property 7</li></ul><details><summary>3 more</summary><ul><li>property 8</li>"
    assert (folded in body(boxes[0])) == (count > 10)
    assert body(boxes[0]).count("<li>") == count


def test_a_failed_check_shows_each_part_once_on_its_own_line_and_the_text_of_the_error_is_as_before(boxes):
    error = failure()
    assert boxes == []  # only when the notebook shows the error: it may be caught
    for _ in range(2):  # IPython asks twice
        assert error._render_traceback_() == [f"CheckFailed: {error}"]
    (box,) = boxes
    assert repr(box) == str(error)
    title, fault, hint, slide = re.findall("<p>(.*?)</p>", body(box))
    assert title == "<b><i>✗</i> f</b>: f(&lt;x&gt;) is <code>x</code>"
    assert fault == "element 1 of 2 is wrong: got 2 (1 of 2 elements are wrong)."
    assert hint == "<em>Which <code>x</code>?</em>"
    assert slide == '<span class="slide">slide: Warm &amp; up</span>'


def test_an_unanswered_exercise_is_one_quiet_line(boxes):
    with pytest.raises(NotImplementedError) as raised, checking("f", slide="Warm-up"):
        raise NotImplementedError
    for _ in range(2):
        assert raised.value._render_traceback_() == ["NotImplementedError: f is not answered yet"]
    (box,) = boxes
    assert body(box) == '<div class="lectrain-check open"><p><b><i>○</i> f</b>: not answered yet</p></div>'


def test_an_answer_in_the_right_format_gets_a_box(boxes):
    expect_answered({"b"}, {"a"}, "ab")
    assert repr(boxes[0]) == "Noted: b. It is graded later."
    expect_answered(["b", "a"], ["a", "a"], "ab")
    expect_answered({"line 1": "b", "line 2": "a"}, {"line 2": "a", "line 1": "a"}, "ab")
    meanings = {"1: b": "yes", "1: a": "no", "a": "never"}
    expect_answered(["b", "a"], ["a", "a"], "ab", meanings)
    expect_answered(set(), {"a"}, "ab", meanings)
    many = ["b"], ["1: b", "2: a"], ["line 1: b", "line 2: a"], ["1: b, yes", "2: a, never"], ["no letter"]
    for box, noted in zip(boxes, many, strict=True):
        assert re.findall("<li>(.*?)</li>", body(box)) == noted


def test_outside_a_notebook_no_box_is_shown(monkeypatch, capsys):
    monkeypatch.setattr(report, "display", lambda box: pytest.fail("a box was shown"))
    with checking("f", slide="Warm-up"):
        expect_true(True, "a", otherwise="b")
    failure()._render_traceback_()
    assert capsys.readouterr().out == "✓ f: 1 property holds\n"


# --- pictures -------------------------------------------------------------------------------------------------------

PICTURE = "# ▸ Picture: a map\ndef draw():\n    return predict(2)[:, 1]\ndraw()"


class Shell:
    """What `_explain` uses of IPython."""

    def __init__(self):
        self.user_ns, self.lines = {"checking": checking, "expect_true": expect_true}, []

    def showtraceback(self, error, tb_offset):
        if hasattr(error[1], "_render_traceback_"):
            error[1]._render_traceback_()
        self.lines.append(f"traceback of {error[0].__name__}")

    def _showtraceback(self, kind, error, lines):
        self.lines += lines

    def run(self, source):
        name = f"<cell {len(linecache.cache)}>"
        linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
        try:
            exec(compile(source, name, "exec"), self.user_ns)
        except Exception:
            report._say_missing(self, *sys.exc_info())


@pytest.fixture
def shell(boxes):
    return Shell()


CHECK = 'with checking("predict", slide="S"):\n    expect_true(predict(2) == 2, "two", otherwise="no")'


def test_a_picture_names_the_answer_whose_check_did_not_pass(shell, boxes):
    shell.run("def predict(x):\n    return 1")
    shell.run(CHECK)
    shell.run(PICTURE)
    assert shell.lines[-1] == "This picture needs `predict`: see its check."
    assert "This picture needs <code>predict</code>: see its check." in body(boxes[-1])


def test_a_picture_names_an_unsolved_function_whose_check_was_not_run(shell):
    shell.run("def predict(x):\n    raise NotImplementedError()")
    shell.run(PICTURE)
    assert shell.lines == ["This picture needs `predict`: see its check."]


def test_an_error_that_no_check_explains_keeps_its_traceback(shell):
    shell.run("def predict(x):\n    return x")
    shell.run(PICTURE)
    shell.run(CHECK)  # passes
    shell.run(PICTURE)
    shell.run(PICTURE.replace("Picture", "Code"))
    assert shell.lines == ["traceback of TypeError"] * 3


def test_a_check_that_passes_later_is_no_longer_named(shell):
    shell.run("def predict(x):\n    return 1")
    shell.run(CHECK)
    shell.run("def predict(x):\n    return 2")
    shell.run(CHECK)
    shell.run(PICTURE)
    assert shell.lines[-1] == "traceback of TypeError"


def test_the_line_that_an_answer_replaces_shows_one_line(shell):
    shell.run("raise NotImplementedError()")
    assert shell.lines == ["Not answered yet."]
    shell.run('raise NotImplementedError("only in Python 4")')
    assert shell.lines[1:] == ["traceback of NotImplementedError"]
