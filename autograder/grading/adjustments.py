"""What an instructor changes during a term: extensions of due dates, and regrades of single exercises."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from nbgrader.api import Grade, Gradebook, MissingEntry, SubmittedAssignment

from ..course import Course, CourseError
from ..supervisor import Supervisor
from . import one_submission, records, registration
from .gradebook import is_graded
from .records import Record
from .submission_grader import Grader


def extend(course: Course, assignment: str, student: str, days: int) -> datetime:
    """Give a student more time, and compute the late penalty again. There need not be a submission yet.

    The days replace an earlier extension; 0 removes it. Return the student's due date, in UTC. Raise `CourseError` if
    the student is unknown, if the assignment has no due date, and as `register` does.
    """
    registration.register(course, assignment)  # a new submission gets the grades of the registered cells
    with course.gradebook() as gradebook:
        if gradebook.find_assignment(assignment).duedate is None:
            command = f'nbgrader db assignment add {assignment} --duedate "YYYY-MM-DD 23:59:59 UTC"'
            raise CourseError(f"{assignment} has no due date: set it with {command}")
        _ensure_student(course, gradebook, assignment, student)
        try:
            gradebook.find_submission(assignment, student)
        except MissingEntry:
            for grade in _grades(gradebook.add_submission(assignment, student)):
                grade.needs_manual_grade = False  # nothing was submitted, so there is nothing to grade
        gradebook.grant_extension(assignment, student, days=days)
        duedate: datetime = gradebook.find_submission(assignment, student).duedate
    Grader(course).update_late_penalty(assignment, student)
    registration.mark_outdated(course, assignment)  # the quizzes are judged at another time
    return duedate


def _ensure_student(course: Course, gradebook: Gradebook, assignment: str, student: str) -> None:
    """Add a student who has submitted to the gradebook. Raise `CourseError` for another one who is not in it."""
    if student in course.students(assignment):
        gradebook.update_or_create_student(student)
    elif student not in {known.id for known in gradebook.students}:
        raise CourseError(f"the gradebook does not know {student!r}: run nbgrader db student add {student}")


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
        found = _grades(gradebook.find_submission(assignment, student))
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


def _grades(submission: SubmittedAssignment) -> list[Grade]:
    return [grade for notebook in submission.notebooks for grade in notebook.grades]
