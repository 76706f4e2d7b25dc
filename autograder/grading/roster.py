"""The roster: who is in the course, and which submissions have an id that it does not have.

The roster is the students in the gradebook who have a name, an e-mail address or an ID of the LMS: grading adds a
student with an id alone. `save_roster` gives an empty address to a student without these.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nbgrader.api import Student

from ..course import Course, CourseError
from .gradebook import reporting_database_errors
from .student_ids import ID_RULES, is_student_id
from .tables import read_rows

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")


def find_unknown(course: Course, students: Sequence[str]) -> dict[str, str]:
    """Find the ids that are not on the roster. Without a roster, find those that are similar to another one.

    Return for each id the other one that is similar to it, on the roster if there is one: it differs in capital letters
    or in the form of its accents alone. Empty if there is none.
    """
    with course.gradebook() as gradebook:
        present = gradebook.students
        on_roster = ids_on_roster(present)
        others = on_roster or {*students, *(student.id for student in present)}
    by_form: dict[str, list[str]] = {}
    for other in sorted(others):
        by_form.setdefault(fold(other), []).append(other)
    unknown = {}
    for student in students:
        similar = next((other for other in by_form.get(fold(student), ()) if other != student), "")
        if student not in on_roster and (on_roster or similar):
            unknown[student] = similar
    return unknown


def describe(unknown: Mapping[str, str]) -> str:
    """Describe what `find_unknown` has found in one line."""
    reason = "similar to another id" if all(unknown.values()) else "not on the roster"
    names = (
        "{} (is it {}?)".format(*_quote(student, other)) if other else student for student, other in unknown.items()
    )
    return f"{reason}: {', '.join(names)}"


def _quote(student: str, other: str) -> tuple[str, str]:
    """Quote two ids so that they differ: with the codes of their accents, if they look alike."""
    look_alike = student != other and unicodedata.normalize("NFC", student) == unicodedata.normalize("NFC", other)
    return (ascii(student), ascii(other)) if look_alike else (repr(student), repr(other))


def ids_on_roster(students: Iterable[Student]) -> set[str]:
    """Those of the students with details, if only the empty e-mail address of `save_roster`."""
    return {s.id for s in students if s.first_name or s.last_name or s.email is not None or s.lms_user_id}


def fold(student: str) -> str:
    """Fold an id, so that ids which a person would take for the same become equal.

    Examples
    --------
    >>> fold("S034") == fold("s034"), fold("Hora\\u0301k") == fold("hor\\u00e1k")
    (True, True)
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", student).casefold())


def save_roster(course: Course, file: Path) -> int:
    """Write a table of students into the gradebook. Students who are in it already are updated.

    The table has the column "id", and perhaps the others of `COLUMNS`. Return the number of its students. Raise
    `CourseError` if it has no column "id", a column or an id twice, an id that cannot be the name of a folder, or one
    that is similar to another one on the roster. Nothing is written then.
    """
    with reporting_database_errors(), course.gradebook() as gradebook:
        present = gradebook.students
        students = _read_students(file, ids_on_roster(present))
        emails = {student.id: student.email or "" for student in present}
        for student, details in students.items():
            gradebook.update_or_create_student(student, **{"email": emails.get(student, ""), **details})
    return len(students)


def _read_students(file: Path, on_roster: Iterable[str]) -> dict[str, dict[str, str]]:
    """Read a table of students: the values in the other columns by id, each as one line even of a cell with several."""
    columns, rows = read_rows(file, COLUMNS)
    if "id" not in columns:
        advice = f"its first line must name the columns, such as {','.join(COLUMNS)}"
        raise CourseError(f"{file} has no column 'id': {advice}")
    students: dict[str, dict[str, str]] = {}
    by_form = {fold(student): student for student in on_roster}
    for line, row in rows:
        values = {name: " ".join(cell.splitlines()).strip() for name, cell in row.items() if name}
        student = unicodedata.normalize("NFC", values["id"])
        if not student and not any(values.values()):
            continue
        if not is_student_id(student):
            raise CourseError(f"{file}, line {line}: {student!r} cannot be an id: {ID_RULES}")
        other = by_form.setdefault(fold(student), student)
        if student in students or other != student:
            advice = "in the table or on the roster: change or delete one"
            clash = "the id {} is equal or too similar to {}".format(*_quote(student, other))
            raise CourseError(f"{file}, line {line}: {clash}, {advice}")
        students[student] = {name: values[name] for name in COLUMNS[1:] if values.get(name)}
    return students
