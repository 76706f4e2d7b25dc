"""Answers that can be guessed are judged at the due date, with the extension of the student."""

import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from autograder.class_report import class_report
from autograder.class_report.class_data import ClassData
from autograder.cli import app
from autograder.course import CourseError
from autograder.exports import export, semester
from autograder.grading import batch, due_dates, extensions, records, result_key
from autograder.grading.tables import read_rows as read_table
from autograder.judging.verdict import Status
from autograder.reports import feedback_writer
from tests.conftest import add_settings

from .conftest import ASSIGNMENT, submit

LETTERS = {"nan_logit": 1.0, "sigmoid_prime_step": 1.0, "sigmoid_quiz": 2.0}


def set_due_date(course, hours):
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=due_dates.now() + timedelta(hours=hours))


def grade(course):
    (record,) = batch.grade(course, ASSIGNMENT)
    return record


def scores_of(record, status):
    return {
        verdict.exercise: verdict.score
        for verdict in record.verdicts
        if all(finding.status is status for finding in verdict.findings)
    }


def page_of(course):
    feedback_writer.write_all(course, ASSIGNMENT)
    return (course.feedback_folder("ada", ASSIGNMENT) / "sigmoid.html").read_text()


def test_letters_are_received_before_the_due_date_and_judged_after_it(course, solved):
    set_due_date(course, hours=1)
    submit(course, solved)
    before = grade(course)
    assert scores_of(before, Status.RECEIVED) == dict.fromkeys(LETTERS, 0)
    assert before.letters_due
    assert "received; judged at the due date" in page_of(course).lower()
    assert grade(course) == before  # it is up to date until then
    assert _feedback_for_moodle(course).endswith("; without the answers that are judged at the due date")
    (row,) = semester.read_table(course, [ASSIGNMENT])
    assert semester.Remark.RECEIVED in row.entries[0].remarks
    report = class_report.write(ClassData.read(course, ASSIGNMENT)).read_text()
    assert "1 answer is not graded by hand" in report
    assert "3 answers are judged at the due date, such as quizzes" in report
    for kind in export.ROWS:
        result = CliRunner().invoke(app, ["export", kind, ASSIGNMENT, "--course-dir", str(course.root)])
        assert result.exit_code == 0
        assert "without the answers that are judged at the due date, which count as 0 so far: ada\n" in result.output
    set_due_date(course, hours=-1)
    after = grade(course)
    assert scores_of(after, Status.RECEIVED) == {}
    assert after.score == before.score + sum(LETTERS.values())
    assert (after.letters_due, after.key) == ("", before.key.partition(" ")[0])
    assert "judged at the due date" not in page_of(course)
    assert "judged at the due date" not in _feedback_for_moodle(course)


def _feedback_for_moodle(course):
    return read_table(export.write(course, ASSIGNMENT, "moodle", export.read_results(course, ASSIGNMENT)), ())[1][0][1][
        "feedback"
    ]


def test_an_extension_and_the_passing_of_time(course, solved, monkeypatch):
    set_due_date(course, hours=-1)
    submit(course, solved)
    extensions.extend(course, ASSIGNMENT, "ada", days=1)
    before = grade(course)
    assert set(scores_of(before, Status.RECEIVED)) == set(LETTERS)
    tomorrow = due_dates.now() + timedelta(days=1)
    monkeypatch.setattr(due_dates, "now", lambda: tomorrow)
    assert result_key.read_current(course, ASSIGNMENT, "ada", result_key.hash_assignment(course, ASSIGNMENT)) is None
    with pytest.raises(
        CourseError, match="the quizzes of 1 submission are due and not judged yet, such as that of ada"
    ):
        export.read_results(course, ASSIGNMENT)


@pytest.mark.slow
def test_nbgraders_own_command_follows_the_same_rule(course, solved):
    set_due_date(course, hours=1)
    submit(course, solved)

    def autograde():
        command = ["nbgrader", "autograde", ASSIGNMENT, "--force"]
        completed = subprocess.run(command, cwd=course.root, capture_output=True, text=True)
        assert completed.returncode == 0, completed.stderr
        with course.gradebook() as gradebook:
            score = gradebook.find_submission(ASSIGNMENT, "ada").score
        return score, completed.stderr

    before, log = autograde()
    record = records.read(course.records_folder, ASSIGNMENT, "ada")
    assert f"ada: quizzes are judged at the due date: grade again after {record.letters_due}" in log
    assert [result.is_received for result in export.read_results(course, ASSIGNMENT)] == [True]
    set_due_date(course, hours=-1)
    records.write(replace(record, letters_due="2026-01-01 00:00:00 UTC"), course.records_folder)
    with pytest.raises(CourseError, match="the quizzes of 1 submission are due and not judged yet"):
        export.read_results(course, ASSIGNMENT)
    records.write(replace(record, key="key"), course.records_folder)  # as of `grade`, before the date was advanced
    after, log = autograde()
    assert after == before + sum(LETTERS.values())
    assert "due date" not in log
    assert not any(result.is_received for result in export.read_results(course, ASSIGNMENT))


@pytest.mark.parametrize("has_due_date", [True, False])
def test_letters_are_judged_at_once_without_a_due_date_or_by_a_setting(course, solved, has_due_date):
    if has_due_date:
        set_due_date(course, hours=1)
        add_settings(course.root, 'c.JudgeAnswers.letters = "at once"')
    submit(course, solved)
    record = grade(course)
    assert (record.letters_due, scores_of(record, Status.RECEIVED)) == ("", {})


def test_a_note_about_letters_that_wait_is_all_that_nbgrader_changes_in_a_record(tmp_path):
    early, due, late = (f"{year}-01-01 00:00:00 UTC" for year in (2025, 2026, 9999))
    graded = records.Record("ada", ASSIGNMENT, records.Outcome.GRADED, messages=["restored the cell sigmoid"])
    ada = (tmp_path, ASSIGNMENT, "ada")
    records.note_letters_due(*ada, "")
    assert records.read(*ada) is None
    for before in (None, replace(graded, key="key")):
        if before:
            records.write(before, tmp_path)
        for date in (early, late, due):
            records.note_letters_due(*ada, date)
            noted = replace(before or replace(graded, messages=[]), key="", letters_due=date)
            assert records.read(*ada) == noted
        records.note_letters_due(*ada, "")
        assert records.read(*ada) == replace(noted, letters_due="")
