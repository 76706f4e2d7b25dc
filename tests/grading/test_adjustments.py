"""Extensions, regrades, and the marks of persons, which stay unless the answer changes."""

import copy
import errno
import shutil

import nbformat
import pytest

from autograder.authoring.simulate import make_submission
from autograder.course import Course, CourseError
from autograder.grading import batch, extensions, records, regrades
from autograder.grading.submission_grader import Grader
from autograder.reports import grades
from tests.conftest import SIGMOID_AUTOMATIC_POINTS, add_settings

from .conftest import ASSIGNMENT, index_of, submit, submit_and_grade

pytestmark = pytest.mark.slow

WRITTEN = "sigmoid-threshold"


def read_grade(course, name, student="ada"):
    """The score of a cell, and whether it needs manual grading."""
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(name, "sigmoid", ASSIGNMENT, student)
        return grade.score, grade.needs_manual_grade


def mark(course, name, score, student="ada"):
    """Give points as a person does in Formgrader."""
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(name, "sigmoid", ASSIGNMENT, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.db.commit()


def set_due_date(course, due="2025-12-01 12:00:00 UTC"):
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=due)


def hand_in_at(course, nb, time, student="ada"):
    submit(course, nb, student)
    (course.root / "submitted" / student / ASSIGNMENT / "timestamp.txt").write_text(time)


def give_late_submissions_no_points(course):
    add_settings(course.root, 'c.LateSubmissionPlugin.penalty_method = "zero"')


@pytest.fixture(scope="module")
def marked_folder(registered, tmp_path_factory, sandbox, source):
    """The folder of a course with a graded submission, of which a person has marked two answers."""
    course = Course.at(shutil.copytree(registered, tmp_path_factory.mktemp("marked") / "course"))
    submit_and_grade(course, make_submission(copy.deepcopy(source), {}))
    mark(course, WRITTEN, 1.5)
    mark(course, "sigmoid", 1)
    return course.root


@pytest.fixture
def marked(marked_folder, tmp_path):
    return Course.at(shutil.copytree(marked_folder, tmp_path / "course"))


def test_an_answer_that_a_person_has_marked_does_not_wait_again(marked, solved):
    submit_and_grade(marked, solved)
    assert read_grade(marked, WRITTEN) == (1.5, False)
    assert read_grade(marked, "sigmoid") == (1, False)


@pytest.mark.parametrize(("changed", "name", "other"), [
    (WRITTEN, WRITTEN, "sigmoid"), ("sigmoid-solution", "sigmoid", WRITTEN),
])  # fmt: skip
def test_a_marked_answer_waits_again_if_it_has_changed(marked, solved, changed, name, other):
    solved.cells[index_of(solved, changed)].source += "\n\n# a second thought"
    for _ in range(2):  # it stays in the queue until a person has looked at it
        submit_and_grade(marked, solved)
    assert read_grade(marked, name)[1]
    assert not read_grade(marked, other)[1]


def test_a_marked_answer_waits_again_if_its_points_have_changed(marked):
    file = marked.source_folder(ASSIGNMENT) / "sigmoid.ipynb"
    source = nbformat.read(file, 4)
    source.cells[index_of(source, WRITTEN)].metadata.nbgrader["points"] = 3
    nbformat.write(source, file)
    list(batch.grade(marked, ASSIGNMENT))
    assert read_grade(marked, WRITTEN) == (1.5, True)


def test_a_run_that_ends_before_the_notebooks_are_written_does_not_hide_a_change(marked, solved, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, "disk full")

    solved.cells[index_of(solved, WRITTEN)].source += " A second thought."
    with monkeypatch.context() as context:
        context.setattr(Grader, "_write_autograded", fail)
        with pytest.raises(OSError, match="disk full"):
            submit_and_grade(marked, solved)
    submit_and_grade(marked, solved)
    assert read_grade(marked, WRITTEN) == (1.5, True)


def test_a_regrade_that_fails_is_reported_and_leaves_the_grade_as_it_was(marked):
    (marked.submitted_folder("ada", ASSIGNMENT) / "sigmoid.ipynb").write_text("not a notebook")
    with pytest.raises(CourseError, match=r"ada is not graded again: sigmoid\.ipynb"):
        regrades.regrade(marked, ASSIGNMENT, "ada", "sigmoid")
    assert read_grade(marked, "sigmoid") == (1, False)


def test_a_regrade_by_the_grader_removes_the_points_of_a_person_and_registers_new_points(marked):
    file = marked.source_folder(ASSIGNMENT) / "sigmoid.ipynb"
    source = nbformat.read(file, 4)
    source.cells[index_of(source, WRITTEN)].metadata.nbgrader["points"] = 3
    nbformat.write(source, file)
    with marked.gradebook() as gradebook:
        gradebook.find_grade("sigmoid", "sigmoid", ASSIGNMENT, "ada").extra_credit = 2
        gradebook.db.commit()
    grade = regrades.regrade(marked, ASSIGNMENT, "ada", "sigmoid")
    assert (grade.score, grade.max_score, grade.needs_manual_grade) == (4, 4, False)
    assert read_grade(marked, "sigmoid") == (4, False)
    assert read_grade(marked, WRITTEN) == (1.5, True), "its points have changed"
    with marked.gradebook() as gradebook:
        assert gradebook.find_grade(WRITTEN, "sigmoid", ASSIGNMENT, "ada").max_score == 3
    assert records.read(marked.records_folder, ASSIGNMENT, "ada").score == SIGMOID_AUTOMATIC_POINTS + 1.5


def test_a_regrade_of_a_written_answer_keeps_its_points_and_puts_it_into_the_queue(marked, solved):
    assert regrades.regrade(marked, ASSIGNMENT, "ada", WRITTEN).needs_manual_grade
    submit_and_grade(marked, solved)
    assert read_grade(marked, WRITTEN) == (1.5, True)
    nbformat.write(nbformat.v4.new_notebook(), marked.source_folder(ASSIGNMENT) / "not-yet-in-the-gradebook.ipynb")
    assert regrades.regrade(marked, ASSIGNMENT, "ada", WRITTEN).needs_manual_grade
    with pytest.raises(CourseError, match=f"no exercise 'softmax'; it has .*{WRITTEN}"):
        regrades.regrade(marked, ASSIGNMENT, "ada", "softmax")


def test_a_regrade_needs_a_graded_submission(course):
    set_due_date(course)
    with course.gradebook() as gradebook:
        gradebook.add_student("ada")
    extensions.extend(course, ASSIGNMENT, "ada", 2)
    with pytest.raises(CourseError, match="no graded submission"):
        regrades.regrade(course, ASSIGNMENT, "ada", WRITTEN)
    assert read_grade(course, WRITTEN) == (0, False)


def test_an_answer_whose_name_occurs_in_two_notebooks_is_found_with_the_notebook(course):
    with course.gradebook() as gradebook:
        gradebook.update_or_create_notebook("second", ASSIGNMENT)
        gradebook.update_or_create_grade_cell(WRITTEN, "second", ASSIGNMENT, max_score=1, cell_type="markdown")
        gradebook.add_student("ada")
        gradebook.add_submission(ASSIGNMENT, "ada")
    mark(course, WRITTEN, 1.5)
    assert regrades.regrade(course, ASSIGNMENT, "ada", f"sigmoid/{WRITTEN}").needs_manual_grade
    assert read_grade(course, WRITTEN) == (1.5, True)
    with pytest.raises(CourseError, match=f"it has .*second/{WRITTEN}"):
        regrades.regrade(course, ASSIGNMENT, "ada", WRITTEN)


def test_an_extension_before_the_submission_makes_it_punctual(course, solved):
    give_late_submissions_no_points(course)
    set_due_date(course)
    with course.gradebook() as gradebook:
        gradebook.add_student("ada")
    assert str(extensions.extend(course, ASSIGNMENT, "ada", 2)) == "2025-12-03 12:00:00"
    with course.gradebook() as gradebook:
        assert grades.read_totals(gradebook, ASSIGNMENT) == {}  # an extension is not a submission
    hand_in_at(course, solved, "2025-12-03 11:00:00 UTC")
    list(batch.grade(course, ASSIGNMENT))
    with course.gradebook() as gradebook:
        total = grades.read_totals(gradebook, ASSIGNMENT)["ada"]
    assert (total.score, total.num_needs_manual_grade) == (SIGMOID_AUTOMATIC_POINTS, 1)
    assert total.timing.describe() == "extension of 2 days"


def test_an_extension_after_the_submission_removes_the_penalty_and_0_days_restore_it(course, solved):
    give_late_submissions_no_points(course)
    set_due_date(course)
    hand_in_at(course, solved, "2025-12-03 11:00:00 UTC")
    list(batch.grade(course, ASSIGNMENT))
    seen = []
    for days in (0, 2, 1, 0):
        extensions.extend(course, ASSIGNMENT, "ada", days)
        with course.gradebook() as gradebook:
            total = grades.read_totals(gradebook, ASSIGNMENT)["ada"]
        seen.append((total.score, total.timing.describe()))
    late = (0, f"47 hours late, {SIGMOID_AUTOMATIC_POINTS} points subtracted")
    assert seen == [
        late,
        (SIGMOID_AUTOMATIC_POINTS, "extension of 2 days"),
        (0, f"23 hours late, extension of 1 day, {SIGMOID_AUTOMATIC_POINTS} points subtracted"),
        late,
    ]


def test_an_extension_needs_a_due_date_and_a_known_student(course, unsolved):
    submit(course, unsolved)
    with pytest.raises(CourseError, match="has no due date: set it with nbgrader db assignment add"):
        extensions.extend(course, ASSIGNMENT, "ada", 2)
    with course.gradebook() as gradebook:
        assert not gradebook.students, "nobody is added for nothing"
    set_due_date(course)
    with pytest.raises(CourseError, match="the gradebook does not know 'eve'"):
        extensions.extend(course, ASSIGNMENT, "eve", 2)
