"""Every question about every known right answer is answered a second time, from the printed text."""

import functools
import os
from collections import Counter

import pytest

from autograder.sheets.questions import Kind
from autograder.sheets.refused_code import CannotAsk
from autograder.sheets.selection import LETTER_KINDS
from autograder.sheets.student_sheet import Sheet

from .known_code import Known, held_out, variants
from .replay import answer

SEED = 0
# For a thorough test: LECTRAIN_SEEDS=20, as for the kill matrix. All take a minute.
EVERY = 1 if "LECTRAIN_SEEDS" in os.environ else 6


@functools.cache
def sheets_of_variants() -> list[tuple[Known, Sheet | str]]:
    return [(known, known.sheet(SEED)) for known in variants()]


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("group", ["variants", "held out"])
def test_a_second_way_from_the_printed_text_gives_every_key(group):
    made = sheets_of_variants() if group == "variants" else [(known, known.sheet(SEED)) for known in held_out()]
    sheets = [(known, sheet) for known, sheet in made if isinstance(sheet, Sheet)]
    wrong = [
        (known.exercise, known.name, question.text, question.key, found)
        for known, sheet in sheets
        for question in sheet.questions
        if (found := answer(sheet, known.code().imports, question)) != list(question.key)
    ]
    assert wrong == []
    assert len(sheets) >= 0.65 * len(made)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_second_way_gives_the_key_of_every_possible_question_about_some_answers():
    wrong, count = [], 0
    for known in (*variants(), *held_out())[::EVERY]:
        try:
            sheet, questions = known.all_questions(SEED)
        except CannotAsk:
            continue
        count += len(questions)
        for question in questions:
            if (found := answer(sheet, known.code().imports, question)) != list(question.key):
                wrong.append((known.exercise, known.name, question.text, question.after, question.key, found))
    assert wrong == []
    assert count > 2500 / EVERY


def test_most_variants_have_three_questions():
    made = [sheet for _, sheet in sheets_of_variants()]
    sheets = [sheet for sheet in made if isinstance(sheet, Sheet)]
    assert len(sheets) >= 0.8 * len(made)
    for sheet in sheets:
        assert len(sheet.questions) == 3
        assert sum(question.kind in LETTER_KINDS for question in sheet.questions) <= 2


def test_no_letter_is_a_good_guess():
    questions = [q for _, sheet in sheets_of_variants() if isinstance(sheet, Sheet) for q in sheet.questions]
    changes = Counter(letter for q in questions if q.kind is Kind.CHANGE for letter in q.key)
    outputs = Counter(letter for q in questions if q.kind is Kind.OUTPUT for letter in q.key)
    assert max(changes.values()) <= 0.4 * changes.total()
    assert len(changes) >= 6
    assert max(outputs.values()) <= 0.4 * outputs.total()
