"""The table of links with which students hand in over HTTP, one per student, for a mail merge."""

from datetime import timedelta
from pathlib import Path

from ..course import Course, CourseError
from ..grading.due_dates import now
from ..grading.roster import ids_on_roster
from ..grading.tables import write_rows
from ..reports.grades import read_students
from .tokens import Token, read_token_secret, sign

FOLDER = "tokens"  # in the course. Not `reports/`, which a hub may show in a browser


def write_links(course: Course, assignment: str, url: str, days: int) -> tuple[Path, int]:
    """Write `tokens/<assignment>.csv`, which only your account can read. Return it and the number of students.

    Raise CourseError if the roster is empty, or has an id that cannot be the name of a folder.
    """
    with course.gradebook() as gradebook:
        everybody = read_students(gradebook)
        on_roster = ids_on_roster(gradebook.students) or everybody.keys()
    if not on_roster:
        raise CourseError("the roster is empty: enter it with python -m autograder roster students.csv")
    secret, until = read_token_secret(course), now().date() + timedelta(days=days)
    rows = [["id", "first_name", "last_name", "email", "valid_until", "link"]]
    for student in (everybody[name] for name in sorted(on_roster)):
        link = f"{url.rstrip('/')}/{sign(Token(student.id, assignment, until), secret)}"
        rows.append([student.id, student.first_name, student.last_name, student.email, until.isoformat(), link])
    file = course.root / FOLDER / f"{assignment}.csv"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    write_rows(file, rows, mode=0o600)
    return file, len(on_roster)
