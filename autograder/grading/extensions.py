"""Give a student more time for an assignment: an extension of the due date."""

from datetime import datetime

from nbgrader.api import Gradebook, MissingEntry

from ..course import Course, CourseError
from . import registration
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
            submission = gradebook.add_submission(assignment, student)
            for notebook in submission.notebooks:
                for grade in notebook.grades:
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
