"""In the edition for self-study, letters are judged and explained, and solutions offered."""

import json
from collections import Counter, defaultdict
from types import SimpleNamespace

import pytest

from autograder.authoring import letters, solution_offer
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
    monkeypatch.setattr(letters, "_wrong", defaultdict(set))
    monkeypatch.setattr(solution_offer, "_failures", Counter())


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
    ("name", "earlier", "answer", "form", "expected"),
    [
        (
            "quiz",
            set(),
            {"b"},
            {"a"},
            "0 of 2: ✗ a, not marked, but it belongs to the answer: It holds.\n"
            "✗ b, marked, but it does not belong to the answer: It fails.",
        ),
        (
            "blanks",
            {"one": "a", "two": "b"},
            {"two": "A", "one": {"a"}},
            {"one": "a", "two": "a"},
            "1 of 2: ✗ one: b is right, and a is not: It follows.\n✓ two: a is right: It ends.",
        ),
    ],
)
def test_after_a_second_wrong_answer_all_letters_are_named_and_explained(name, earlier, answer, form, expected, capsys):
    count, lines = expected.split(": ", 1)
    with pytest.raises(CheckFailed, match="Think again"):
        expect_right(name, earlier, form, "ab")
    assert capsys.readouterr().out == ""
    with pytest.raises(CheckFailed, match=f"^{name}: you are right about {count}$"):
        expect_right(name, answer, form, "ab")
    assert capsys.readouterr().out == f"{lines}\n"


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize(
    ("name", "wrong", "form", "text"),
    [
        ("quiz", [{"a", "b"}, ["B", "a"], ["a", "b", "a"]], {"a"}, "quiz: you are right about 1 of 2. Think"),
        (
            "blanks",
            [{"one": "a", "two": "a"}, {"two": "A", "one": "a"}],
            {"one": "a", "two": "a"},
            r"blanks: you are right about 1 of 2 \(two\)\. Think",
        ),
        ("blanks", [{"one": "a", "two": "b"}], {"one": "a", "two": "a"}, r"blanks: you are right about 0 of 2\. Think"),
    ],
)
def test_the_first_wrong_answer_and_its_repetition_do_not_show_the_key(name, wrong, form, text, capsys):
    for answer in wrong:
        with pytest.raises(CheckFailed, match=text) as raised:
            expect_right(name, answer, form, "ab")
        assert not any(reason in str(raised.value) for reason in KEYS[name]["explain"].values())
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("answers")
def test_a_third_failure_of_code_and_each_later_one_point_to_the_solution(capsys):
    def run(error: Exception | None) -> bool:
        solution_offer._count_failure(SimpleNamespace(error_in_exec=error))
        return "unfold the solution below" in capsys.readouterr().out

    failed = CheckFailed("wrong", name="sigmoid")
    others = [None, ValueError(), NotImplementedError(), CheckFailed("format"), CheckFailed("2 of 3", name="quiz")]
    assert [run(error) for error in (failed, failed, *3 * others, failed, None, failed)] == (
        2 * [False] + 15 * [False] + [True, False, True]
    )


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
