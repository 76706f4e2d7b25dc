"""What the pages of a large class cost: feedback per page, and the class report.

    python benchmarks/reports.py [STUDENTS] [--json FILE]

Twenty-four made students of 02-bce are graded; the rest of the class are copies of them.
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from autograder.authoring import simulate
from autograder.course import Course
from autograder.grading import batch
from autograder.reports import class_report, feedback_page
from tests.conftest import course_in

ASSIGNMENT, GRADED = "02-bce", 24


def class_of(students: int, folder: Path) -> Course:
    """Lay out a course in which so many students have been graded."""
    course = Course.at(course_in(folder, ASSIGNMENT))
    simulate.simulate(course, ASSIGNMENT, GRADED, seed=1)
    list(batch.grade(course, ASSIGNMENT, workers=2))
    for number in range(GRADED + 1, students + 1):
        old, new = f"student-{(number - 1) % GRADED + 1:03d}", f"student-{number:03d}"
        shutil.copytree(course.folder("autograded", old, ASSIGNMENT), course.folder("autograded", new, ASSIGNMENT))
        record = json.loads((folder / "records" / ASSIGNMENT / f"{old}.json").read_text())
        (folder / "records" / ASSIGNMENT / f"{new}.json").write_text(json.dumps(record | {"student": new}))
    _copy_rows(folder / "gradebook.db", students)
    return course


def _copy_rows(database: Path, students: int) -> None:
    """Give the copies their rows in the gradebook: student, assignment, notebooks, and what hangs on these."""
    with sqlite3.connect(database) as gradebook:
        for number in range(GRADED + 1, students + 1):
            old, new = f"student-{(number - 1) % GRADED + 1:03d}", f"student-{number:03d}"
            gradebook.execute("INSERT INTO student (id) VALUES (?)", (new,))
            assignments = _copies(gradebook, "submitted_assignment", "student_id", {old: new}, number)
            notebooks = _copies(gradebook, "submitted_notebook", "assignment_id", assignments, number)
            for table in ("grade", "comment"):
                _copies(gradebook, table, "notebook_id", notebooks, number)


def _copies(gradebook: sqlite3.Connection, table: str, key: str, parents: dict, number: int) -> dict:
    """Copy the rows of some parents to others; return the new id of each old one."""
    columns = [row[1] for row in gradebook.execute(f"PRAGMA table_info({table})")]
    made = {}
    for parent, other in parents.items():
        for row in gradebook.execute(f"SELECT * FROM {table} WHERE {key} = ?", (parent,)).fetchall():
            values = dict(zip(columns, row, strict=True))
            made[values["id"]] = f"{values['id']}-{number}"
            values |= {key: other, "id": made[values["id"]]}
            gradebook.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})",
                [*values.values()],
            )
    return made


def measure(students: int) -> dict:
    """Measure wall and processor time on a class of that size."""
    with tempfile.TemporaryDirectory(prefix="reports-") as scratch:
        course = class_of(students, Path(scratch))
        feedback = _timed(lambda: feedback_page.write_all(course, ASSIGNMENT))
        report = _timed(lambda: class_report.write(course, ASSIGNMENT))
        size = (course.root / "reports" / f"{ASSIGNMENT}.html").stat().st_size
        for folder in list((course.root / "feedback").iterdir()):
            shutil.rmtree(folder)
        started = time.perf_counter()
        subprocess.run(["nbgrader", "generate_feedback", ASSIGNMENT], cwd=course.root, check=True, capture_output=True)
        nbgrader = time.perf_counter() - started
    return {
        "students": students,
        "feedback_ms_each": 1000 * feedback[0] / students,
        "feedback_cpu_ms_each": 1000 * feedback[1] / students,
        "nbgrader_generate_feedback_ms_each": 1000 * nbgrader / students,
        "report_s": report[0],
        "report_cpu_s": report[1],
        "report_kB": size / 1e3,
    }


def _timed(work) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word.isdigit()]
    found = measure(int(words[0]) if words else 500)
    for name, number in found.items():
        print(f"{name:36}{number:10.1f}")
    if "--json" in sys.argv:
        Path(sys.argv[sys.argv.index("--json") + 1]).write_text(json.dumps(found, indent=1))
