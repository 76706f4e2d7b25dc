"""In the edition for self-study, letters are judged and explained at once."""

import json

import pytest

from autograder.authoring.letters import expect_right
from lectrain.check import CheckFailed
from lectrain.data import DataError

KEYS = {
    "quiz": {"key": ["a"], "explain": {"a": "It holds.", "b": "It fails."}},
    "blanks": {"key": {"one": "b", "two": "a"}, "explain": {"one": "It follows.", "two": "It ends."}},
}


@pytest.fixture
def answers(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "self-study.json").write_text(json.dumps(KEYS))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("answer", [{"a"}, ["A"], (" a ",)])
def test_right_letters_are_confirmed_and_explained(answer, capsys):
    expect_right("quiz", answer, {"a"}, "ab")
    expected = (
        "✓ a, rightly marked: It holds.\n✓ b, rightly not marked: It fails.\n✓ quiz: you are right about 2 of 2\n"
    )
    assert capsys.readouterr().out == expected


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize(
    ("name", "answer", "form", "expected"),
    [
        (
            "quiz",
            {"b"},
            {"a"},
            "0 of 2: ✗ a, not marked, but it belongs to the answer: It holds.\n"
            "✗ b, marked, but it does not belong to the answer: It fails.",
        ),
        (
            "quiz",
            set(),
            {"a"},
            "1 of 2: ✗ a, not marked, but it belongs to the answer: It holds.\n✓ b, rightly not marked: It fails.",
        ),
        (
            "quiz",
            {"a", "b"},
            {"a"},
            "1 of 2: ✓ a, rightly marked: It holds.\n✗ b, marked, but it does not belong to the answer: It fails.",
        ),
        (
            "blanks",
            {"two": "A", "one": {"a"}},
            {"one": "a", "two": "a"},
            "1 of 2: ✗ one: b is right, and a is not: It follows.\n✓ two: a is right: It ends.",
        ),
    ],
)
def test_wrong_letters_are_named_and_explained(name, answer, form, expected, capsys):
    count, lines = expected.split(": ", 1)
    with pytest.raises(CheckFailed, match=f"^{name}: you are right about {count}$"):
        expect_right(name, answer, form, "ab")
    assert capsys.readouterr().out == f"{lines}\n"


@pytest.mark.usefixtures("answers")
def test_letters_that_do_not_exist_get_no_explanation():
    with pytest.raises(CheckFailed, match="'c' is not one of the letters"):
        expect_right("quiz", {"a", "c"}, {"a"}, "ab")
    with pytest.raises(NotImplementedError, match="not answered yet"):
        expect_right("quiz", None, {"a"}, "ab")


def test_without_the_file_of_answers_no_letter_is_judged(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"data/self-study.json was not found"):
        expect_right("quiz", {"a"}, {"a"}, "ab")
