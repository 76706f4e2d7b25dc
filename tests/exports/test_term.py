"""A term with 11 students and four assignments. Every number is compared with a table that was computed by hand.

The commands are those of docs/instructor.md.
"""

import csv
import functools
import shlex
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from autograder.authoring.answer_texts import UNANSWERED
from autograder.authoring.simulate import make_submission
from autograder.course import Course
from tests.conftest import REPOSITORY, add_settings

from ..graded_class import SECOND_COURSE, run, run_autograder, second_course

pytestmark = pytest.mark.slow

PACKAGE = "term_exercises"  # a name of its own, because this process may load it
GUIDE = (REPOSITORY / "docs" / "instructor.md").read_text(encoding="utf-8")
STUDENTS = [f"s{number:02d}" for number in range(1, 12)]
ASSIGNMENTS = [f"{number}-dates" for number in range(1, 5)]
WRITTEN = "why-leap-years"
CENTURIES_WRONG = {"is_leap_year": "def is_leap_year(year):\n    return year % 4 == 0"}
MONTHS_WRONG = {
    "days_in_months": "def days_in_months(year):\n    return [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]"
}
NOTHING = {"is_leap_year": UNANSWERED, "days_in_months": UNANSWERED}
ANSWERS = {  # all others are right
    ("s02", "1-dates"): CENTURIES_WRONG, ("s06", "1-dates"): CENTURIES_WRONG, ("s09", "1-dates"): MONTHS_WRONG,
    ("s10", "3-dates"): NOTHING, ("s11", "2-dates"): MONTHS_WRONG, ("s11", "3-dates"): CENTURIES_WRONG,
}  # fmt: skip
MISSING = {("s01", "1-dates"), ("s08", "3-dates")}
TIMES = {("s03", "2-dates"): "2025-12-02 12:00:00 UTC", ("s04", "2-dates"): "2025-12-03 14:00:00 UTC"}

# The table by hand. is_leap_year: 1 point for ordinary years, 2 for centuries. days_in_months: 2 points. The first
# assignment has a written answer with 2 points. 4-dates is not graded yet. The columns are the three graded
# assignments, the percentage of 17 points, then total, maximum and percentage without the lowest result. If all
# results have the same percentage, the first one is dropped.
BY_HAND = dict.fromkeys(STUDENTS, (["7", "5", "5"], "100", "10", "10", "100")) | {
    "s01": (["0", "5", "5"], "58.82", "10", "10", "100"),
    "s02": (["6", "5", "5"], "94.12", "10", "10", "100"),  # 3 + 2 after the change of the rule, 1 written
    "s04": (["7", "0", "5"], "70.59", "12", "12", "100"),  # late
    "s08": (["7", "5", "0"], "70.59", "12", "12", "100"),
    "s09": (["6", "5", "5"], "94.12", "10", "10", "100"),  # 3 + 1 from a person, 2 written
    "s10": (["7", "5", "0"], "70.59", "12", "12", "100"),
    "s11": (["7", "3", "3"], "76.47", "10", "12", "83.33"),
}
REMARKS_BY_HAND = {
    ("s01", "1-dates"): "missing",
    ("s04", "2-dates"): "late",
    ("s07", "1-dates"): "an answer waits for manual grading and counts 0 points until then",
    ("s08", "3-dates"): "missing",
}


def run_as_in_the_guide(course: Course, command: str, own_process: bool = False) -> str:
    """Run a command, that of the autograder in this process. The guide must have a command with its name and options."""
    parts = command.split()
    start = next(i for i, part in enumerate(parts) if part in ("autograder", "nbgrader"))
    options = [part for part in parts if part.startswith("--")]
    lines = [line for line in GUIDE.splitlines() if " ".join(parts[: start + 2]) in line]
    assert any(all(option in line for option in options) for line in lines), f"the guide does not have: {command}"
    if own_process or parts[start] == "nbgrader":
        return run(course, *shlex.split(command))
    return run_autograder(course, *shlex.split(command)[start + 1 :])


def read_table(course: Course, name: str) -> dict[str, dict[str, str]]:
    with (course.root / "reports" / name).open(encoding="utf-8-sig", newline="") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


def mark(course: Course, student: str, name: str, score: float) -> None:
    """Give points as a person does in Formgrader."""
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(name, "dates", "1-dates", student)
        grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.db.commit()


def read_score(course: Course, student: str, name: str) -> float:
    with course.gradebook() as gradebook:
        return gradebook.find_grade(name, "dates", "1-dates", student).score


@pytest.fixture(scope="module")
def course(tmp_path_factory, sandbox) -> Course:
    """The course before the term: four assignments, and submissions for three of them."""
    root = tmp_path_factory.mktemp("term") / "course"
    second_course(root, PACKAGE)
    (root / "calendar_exercises").rename(root / PACKAGE)
    course = add_settings(root, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    plain = nbformat.read(SECOND_COURSE / "solutions" / "1-dates" / "dates.ipynb", 4)
    for assignment in ASSIGNMENTS:
        source = nbformat.from_dict(plain)
        if assignment == "1-dates":
            metadata = {"grade": True, "solution": True, "locked": False, "task": False, "points": 2}
            metadata |= {"grade_id": WRITTEN, "schema_version": 3}
            source.cells = [
                *source.cells,
                new_markdown_cell("## Why leap years?"),
                new_markdown_cell("The model answer"),
            ]
            source.cells[-1].metadata["nbgrader"] = metadata
        (root / "solutions" / assignment).mkdir(exist_ok=True)
        nbformat.write(source, root / "solutions" / assignment / "dates.ipynb")
        for student in STUDENTS if assignment != "4-dates" else []:
            if (student, assignment) not in MISSING:
                hand_in(root, student, assignment, source)
    lines = [f"{student},First{student},Last{student}" for student in STUDENTS]
    (root / "students.csv").write_text("\n".join(["id,first_name,last_name", *lines]))
    return course


def hand_in(root: Path, student: str, assignment: str, source: nbformat.NotebookNode) -> None:
    folder = root / "submitted" / student / assignment
    folder.mkdir(parents=True)
    name = "dates (1).ipynb" if (student, assignment) == ("s05", "3-dates") else "dates.ipynb"
    nbformat.write(make_submission(source, ANSWERS.get((student, assignment), {})), folder / name)
    if time := TIMES.get((student, assignment)):
        (folder / "timestamp.txt").write_text(time)


def test_a_term_ends_with_the_numbers_computed_by_hand(course):
    command = functools.partial(run_as_in_the_guide, course)

    command("nbgrader db student import students.csv")
    command('nbgrader db assignment add 2-dates --duedate "2025-12-01 12:00:00 UTC"')
    command("python -m autograder extend s03 2-dates --days 2")
    for assignment in ASSIGNMENTS[:3]:
        command(f"python -m autograder grade {assignment} --workers 1")

    # A person grades the written answers, and gives one student points for an answer that the grader rejects.
    for student in STUDENTS:
        if (student, "1-dates") not in MISSING:
            mark(course, student, WRITTEN, 1 if student == "s02" else 2)
    mark(course, "s06", "is_leap_year", 2)
    mark(course, "s09", "days_in_months", 1)

    # Two students ask for a regrade: the grader gives 1 point for what a person gave 2, and an essay is read again.
    assert "is_leap_year: 1 of 3 points" in command("python -m autograder regrade s06 1-dates is_leap_year")
    assert "waits for manual grading" in command(f"python -m autograder regrade s07 1-dates {WRITTEN}")
    assert [read_score(course, s, "is_leap_year") for s in ("s02", "s06", "s07")] == [1, 1, 3]

    # A rule was wrong: the century years 2000 and 2400 are enough. Marks of persons are kept.
    spec = course.root / PACKAGE / "dates" / "spec.py"
    text = spec.read_text()
    assert "(1700, 1800, 1900, 2000, 2100, 2400)" in text
    spec.write_text(text.replace("(1700, 1800, 1900, 2000, 2100, 2400)", "(2000, 2400)"))
    # this process has loaded the old rule
    command("python -m autograder grade 1-dates --workers 1", own_process=True)

    output = command("python -m autograder scores --csv --drop-lowest 1")
    without_lowest = read_table(course, "scores.csv")
    command("python -m autograder scores --csv")
    table = read_table(course, "scores.csv")
    assert list(table) == STUDENTS
    for student, (scores, percent, total, maximum, percent_without_lowest) in BY_HAND.items():
        row = table[student]
        assert [row[assignment] for assignment in ASSIGNMENTS] == [*scores, ""], student
        assert (row["total"], row["max_score"]) == (str(sum(map(int, scores))), "17"), student
        assert row["percent"] == percent, student
        kept = [without_lowest[student][name] for name in ("total", "max_score", "percent")]
        assert kept == [total, maximum, percent_without_lowest], student
        for assignment in ASSIGNMENTS:
            assert row[f"{assignment}: remarks"] == REMARKS_BY_HAND.get((student, assignment), ""), (
                student,
                assignment,
            )
    assert "Firsts01 Lasts01" in output
    assert (
        "m missing, l late, w an answer waits for manual grading and counts 0 points until then, d dropped from the total"
        in output
    )

    command("python -m autograder export csv 2-dates")
    exported = read_table(course, "2-dates-csv.csv")
    assert {student: row["score"] for student, row in exported.items()} == {s: BY_HAND[s][0][1] for s in STUDENTS}
    command("python -m autograder export canvas 1-dates")
    with (course.root / "reports" / "1-dates-canvas.csv").open(encoding="utf-8", newline="") as stream:
        canvas = {row["SIS Login ID"]: row["1-dates"] for row in csv.DictReader(stream)}
    assert canvas == {"": "7"} | {s: BY_HAND[s][0][0] for s in STUDENTS if s != "s01"}

    command("python -m autograder feedback 2-dates")
    feedback = {s: (course.root / "feedback" / s / "2-dates" / "dates.html").read_text() for s in ("s03", "s04")}
    assert '<p class="score">5 of 5 points</p>' in feedback["s03"]
    assert "You had an extension of 2 days." in feedback["s03"]
    assert '<p class="score">0 of 5 points</p>' in feedback["s04"]
    assert "The submission was 2.1 days late." in feedback["s04"]

    command("python -m autograder report 1-dates")
    report = read_table(course, "1-dates.csv")
    assert (report["s01"]["outcome"], report["s01"]["score"]) == ("missing", "")
    assert {s: report[s]["score"] for s in STUDENTS[1:]} == {s: BY_HAND[s][0][0] for s in STUDENTS[1:]}
    written = dict.fromkeys(STUDENTS[1:], "2") | {"s02": "1", "s07": ""}  # that of s07 waits, although it had points
    assert {s: report[s][WRITTEN] for s in STUDENTS[1:]} == written
    assert (report["s09"]["days_in_months"], report["s09"]["set by a person"]) == ("1", "days_in_months")
    page = (course.root / "reports" / "1-dates.html").read_text()
    assert "1 answer is not graded by hand" in page
