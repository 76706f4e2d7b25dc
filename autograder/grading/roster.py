"""The roster: who is in the course, and which submissions have an id that it does not have.

The roster is the students in the gradebook who have a name, an e-mail address or an ID of the LMS: grading adds a
student with an id alone. If nobody has one of these, the roster is everybody in the gradebook, as long as somebody
there has submitted nothing: then a person entered it.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Student

from ..course import Course, CourseError
from .gradebook import reporting_database_errors
from .student_ids import is_student_id
from .tables import read_rows

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")


@dataclass(frozen=True)
class Unknown:
    """A submission whose id is not on the roster, or similar to another one, which a roster with details excludes."""

    id: str
    # the other id, which differs in capital letters or in the form of its accents alone; or empty
    similar: str = ""

    def __str__(self) -> str:
        return f"{self.id!a} (is it {self.similar!a}?)" if self.similar else self.id


def find_unknown(course: Course, students: Sequence[str]) -> list[Unknown]:
    """Find the ids that are not on the roster, or not the only ones of their kind.

    Without a roster, find only those that are similar to another one.
    """
    with course.gradebook() as gradebook:
        everybody: list[Student] = gradebook.students
        with_details, on_roster = _ids_with_details(everybody), ids_on_roster(everybody)
        is_entered = any(
            not s.submissions for s in everybody
        )  # a roster of ids alone; grading may have added all others
    # Of ids with the same form, the last one counts: one on the roster, if there is one.
    by_form = {fold(student): student for student in (*sorted(students), *sorted(on_roster))}
    unknown = []
    for student in students:
        of_this_form = by_form[fold(student)]
        similar = of_this_form if of_this_form != student else ""
        if with_details:  # of two similar ids with details, a person entered both
            is_unknown = student not in with_details
        else:  # of two ids alone, nothing tells which one a person entered
            is_unknown = bool(similar) or (is_entered and student not in on_roster)
        if is_unknown:
            unknown.append(Unknown(student, similar))
    return unknown


def ids_on_roster(students: Collection[Student]) -> set[str]:
    """Those of the students with details or, since a roster may be ids alone, of all."""
    return _ids_with_details(students) or {student.id for student in students}


def _ids_with_details(students: Iterable[Student]) -> set[str]:
    """Of those who have a name, an e-mail address or an ID of the LMS."""
    return {s.id for s in students if s.first_name or s.last_name or s.email or s.lms_user_id}


def fold(student: str) -> str:
    """Fold an id, so that ids which a person would take for the same become equal.

    Examples
    --------
    >>> fold("S034") == fold("s034"), fold("Hora\\u0301k") == fold("hor\\u00e1k")
    (True, True)
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", student).casefold())


def describe(unknown: Iterable[Unknown]) -> str:
    """Describe unknown ids in one line."""
    return f"not on the roster: {', '.join(map(str, unknown))}"


def save_roster(course: Course, file: Path) -> int:
    """Write a table of students into the gradebook. Students who are in it already are updated.

    The table has the column "id", and perhaps the others of `COLUMNS`. Return the number of its students. Raise
    `CourseError` if it has no column "id", an id twice, or an id that cannot be the name of a folder. Nothing is
    written then.
    """
    students = _read_students(file)
    with reporting_database_errors(), course.gradebook() as gradebook:
        for student, details in students.items():
            gradebook.update_or_create_student(student, **details)
    return len(students)


def _read_students(file: Path) -> dict[str, dict[str, str]]:
    """Read a table of students: the values in the other columns by id, each as one line even of a cell with several."""
    columns, rows = read_rows(file)
    names = {column: column.strip().lower() for column in columns if column}
    if "id" not in names.values():
        advice = f"its first line must name the columns, such as {','.join(COLUMNS)}"
        raise CourseError(f"{file} has no column 'id': {advice}")
    students: dict[str, dict[str, str]] = {}
    forms: dict[str, str] = {}
    for line, row in rows:
        values = {names[key]: " ".join(cell.splitlines()).strip() for key, cell in row.items() if key in names}
        student = unicodedata.normalize("NFC", values["id"])
        if not student and not any(values.values()):
            continue
        if not is_student_id(student):
            raise CourseError(f"{file}, line {line}: {student!a} cannot be an id: use letters, digits and . _ - @ +")
        form = fold(student)
        if form in forms:
            raise CourseError(f"{file}, line {line}: the id {student!a} is there twice, also as {forms[form]!a}")
        forms[form] = student
        students[student] = {name: values[name] for name in COLUMNS[1:] if values.get(name)}
    return students
