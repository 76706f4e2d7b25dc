"""Grade one exercise of a submission again, because the instructor wants it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from nbgrader.api import Grade, Gradebook, MissingEntry

from ..course import Course, CourseError
from ..supervisor import Supervisor
from . import one_submission, records, registration
from .gradebook import is_graded
from .records import Record
from .submission_grader import Grader


def regrade(course: Course, assignment: str, student: str, exercise: str) -> Grade:
    """Grade one exercise of a submission again.

    A written answer is put back into Formgrader's queue, with the points that it has. For any other exercise, the
    submission is graded again, and then the points that a person gave are removed: they would be lost if they were
    removed first, and grading failed. A written answer has the name of its `grade_id`. If several notebooks have an
    answer of this name, it is NOTEBOOK/NAME.

    Return the new grade, detached from the gradebook. Raise `CourseError` if the submission is not graded yet, the name
    of the exercise is unknown, or the submission cannot be graded now. Then the grade stays as it was.
    """
    with course.gradebook() as gradebook:
        name = _find_grade(gradebook, assignment, student, exercise).name  # without NOTEBOOK/
    record = _grade_again(course, assignment, student, name) if name in course.exercises else None
    with course.gradebook() as gradebook:
        grade = _find_grade(gradebook, assignment, student, exercise)
        grade.needs_manual_grade = record is None
        if record:
            grade.manual_score = grade.extra_credit = None
        gradebook.db.commit()
        _ = grade.score, grade.max_score  # loaded now, because the gradebook is closed
        score = grade.notebook.assignment.score
    if record:
        records.write(replace(record, score=score), course.records_folder)
        Grader(course).update_late_penalty(assignment, student)
    return grade


def _grade_again(course: Course, assignment: str, student: str, exercise: str) -> Record:
    registration.register(course, assignment)  # its source may have changed since it was graded
    with Supervisor(course.work_limits) as supervisor:
        record = one_submission.grade_supervised(supervisor, course.root, assignment, student)
    # a submission that cannot be graded has a record without verdicts
    if not any(verdict.exercise == exercise for verdict in record.verdicts):
        raise CourseError(f"{student} is not graded again: {'; '.join(record.messages)}")
    return record


def _find_grade(gradebook: Gradebook, assignment: str, student: str, exercise: str) -> Grade:
    try:
        submission = gradebook.find_submission(assignment, student)
        found = [grade for notebook in submission.notebooks for grade in notebook.grades]
    except MissingEntry:
        found = []
    if not any(map(is_graded, found)):
        command = f"python -m autograder grade {assignment}"
        raise CourseError(f"{student!r} has no graded submission of {assignment}: run {command}")
    grades = _by_name(found)
    if exercise not in grades:
        raise CourseError(f"{assignment} has no exercise {exercise!r}; it has {', '.join(grades)}")
    return grades[exercise]


def _by_name(grades: Sequence[Grade]) -> dict[str, Grade]:
    """The grades by the names that a person gives: NOTEBOOK/NAME if several notebooks have an answer of this name."""
    names = Counter(grade.name for grade in grades)
    return {grade.name if names[grade.name] == 1 else f"{grade.notebook.name}/{grade.name}": grade for grade in grades}
