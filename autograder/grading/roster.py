"""The roster: who is in the course, and which submissions have an id that it does not have.

The roster is the students in the gradebook who have a name, an e-mail address or an ID of the LMS: grading adds a
student with an id alone. `save_roster` gives an empty address to a student without these. If nobody has one of them,
the roster is everybody in the gradebook, as long as somebody there has submitted nothing: then a person entered it.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nbgrader.api import Student

from ..course import Course, CourseError
from .gradebook import reporting_database_errors
from .student_ids import ID_RULES, is_student_id
from .tables import read_rows

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")


class Reason(StrEnum):
    """Why an id is reported."""

    NOT_ON_ROSTER = "not on the roster"
    SIMILAR = "similar to another id"


@dataclass(frozen=True)
class ReportedId:
    """The id of a submission that is not on the roster or, without a roster that tells which is right, is similar."""

    id: str
    # the other id, which differs in capital letters or in the form of its accents alone; or empty
    similar: str = ""
    reason: Reason = Reason.NOT_ON_ROSTER

    def __str__(self) -> str:
        return f"{self.id!a} (is it {self.similar!a}?)" if self.similar else self.id


def find_unknown(course: Course, students: Sequence[str]) -> list[ReportedId]:
    """Find the ids that are not on the roster, or not the only ones of their kind.

    Without a roster, find only those that are similar to another one.
    """
    with course.gradebook() as gradebook:
        present = gradebook.students
        on_roster, has_details = ids_on_roster(present), bool(_ids_with_details(present))
        has_roster = has_details or any(not student.submissions for student in present)
    # Of ids with the same form, the last one counts: one on the roster, if there is one.
    by_form = {fold(student): student for student in (*sorted(students), *sorted(on_roster))}
    unknown = []
    for student in students:
        of_this_form = by_form[fold(student)]
        similar = of_this_form if of_this_form != student else ""
        if has_roster and student not in on_roster:
            unknown.append(ReportedId(student, similar))
        elif similar and not has_details:  # of two similar ids alone, nothing tells which one is right
            unknown.append(ReportedId(student, similar, Reason.SIMILAR))
    return unknown


def ids_on_roster(students: Collection[Student]) -> set[str]:
    """Those of the students with details or, since a roster may be ids alone, of all."""
    return _ids_with_details(students) or {student.id for student in students}


def _ids_with_details(students: Iterable[Student]) -> set[str]:
    """Of those who have a name, an e-mail address or an ID of the LMS, if only the empty one of `save_roster`."""
    return {s.id for s in students if s.first_name or s.last_name or s.email is not None or s.lms_user_id}


def fold(student: str) -> str:
    """Fold an id, so that ids which a person would take for the same become equal.

    Examples
    --------
    >>> fold("S034") == fold("s034"), fold("Hora\\u0301k") == fold("hor\\u00e1k")
    (True, True)
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", student).casefold())


def describe(unknown: Collection[ReportedId]) -> str:
    """Describe reported ids in one line."""
    by_reason = {reason: [str(each) for each in unknown if each.reason is reason] for reason in Reason}
    return "; ".join(f"{reason}: {', '.join(ids)}" for reason, ids in by_reason.items() if ids)


def save_roster(course: Course, file: Path) -> int:
    """Write a table of students into the gradebook. Students who are in it already are updated.

    The table has the column "id", and perhaps the others of `COLUMNS`. Return the number of its students. Raise
    `CourseError` if it has no column "id", a column or an id twice, an id that cannot be the name of a folder, or one
    that is similar to another one on the roster. Nothing is written then.
    """
    students = _read_students(file)
    with reporting_database_errors(), course.gradebook() as gradebook:
        present = gradebook.students
        by_form = {fold(other): other for other in _ids_with_details(present) - students.keys()}
        for student in students:
            if other := by_form.get(fold(student)):
                advice = "change the table, or delete that student with all grades"
                raise CourseError(f"{file}: the id {student!a} is on the roster as {other!a}: {advice}")
        emails = {student.id: student.email or "" for student in present}
        for student, details in students.items():
            gradebook.update_or_create_student(student, **{"email": emails.get(student, ""), **details})
    return len(students)


def _read_students(file: Path) -> dict[str, dict[str, str]]:
    """Read a table of students: the values in the other columns by id, each as one line even of a cell with several."""
    columns, rows = read_rows(file, COLUMNS)
    if "id" not in columns:
        advice = f"its first line must name the columns, such as {','.join(COLUMNS)}"
        raise CourseError(f"{file} has no column 'id': {advice}")
    students: dict[str, dict[str, str]] = {}
    forms: dict[str, str] = {}
    for line, row in rows:
        values = {name: " ".join(cell.splitlines()).strip() for name, cell in row.items() if name}
        student = unicodedata.normalize("NFC", values["id"])
        if not student and not any(values.values()):
            continue
        if not is_student_id(student):
            raise CourseError(f"{file}, line {line}: {student!a} cannot be an id: {ID_RULES}")
        form = fold(student)
        if form in forms:
            raise CourseError(f"{file}, line {line}: the id {student!a} is there twice, also as {forms[form]!a}")
        forms[form] = student
        students[student] = {name: values[name] for name in COLUMNS[1:] if values.get(name)}
    return students
