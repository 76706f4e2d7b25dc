"""Measure the time to write the feedback pages and the class report of a large class.

    python benchmarks/reports.py [STUDENTS] [--json FILE]

Twenty-four simulated students of 02-bce are graded. The other students are copies of them.
"""

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from autograder.authoring import simulate
from autograder.class_report import class_report
from autograder.class_report.class_data import ClassData
from autograder.course import Course
from autograder.grading import batch
from autograder.reports import feedback_writer
from tests.conftest import make_course

ASSIGNMENT, NUM_GRADED = "02-bce", 24


def make_class(students: int, folder: Path) -> Course:
    """Create a course with a number of graded students."""
    course = Course.at(make_course(folder, ASSIGNMENT))
    simulate.simulate(course, ASSIGNMENT, NUM_GRADED, seed=1)
    list(batch.grade(course, ASSIGNMENT, workers=2))
    for number in range(NUM_GRADED + 1, students + 1):
        old, new = f"student-{(number - 1) % NUM_GRADED + 1:03d}", f"student-{number:03d}"
        shutil.copytree(course.folder("autograded", old, ASSIGNMENT), course.folder("autograded", new, ASSIGNMENT))
        record = json.loads((folder / "records" / ASSIGNMENT / f"{old}.json").read_text())
        (folder / "records" / ASSIGNMENT / f"{new}.json").write_text(json.dumps(record | {"student": new}))
    _copy_rows(folder / "gradebook.db", students)
    return course


def _copy_rows(database: Path, students: int) -> None:
    """Add the rows of the copied students to the gradebook: students, assignments, notebooks, grades and comments."""
    with sqlite3.connect(database) as gradebook:
        for number in range(NUM_GRADED + 1, students + 1):
            old, new = f"student-{(number - 1) % NUM_GRADED + 1:03d}", f"student-{number:03d}"
            gradebook.execute("INSERT INTO student (id) VALUES (?)", (new,))
            assignments = _copy_children(gradebook, "submitted_assignment", "student_id", {old: new}, number)
            notebooks = _copy_children(gradebook, "submitted_notebook", "assignment_id", assignments, number)
            for table in ("grade", "comment"):
                _copy_children(gradebook, table, "notebook_id", notebooks, number)


def _copy_children(
    gradebook: sqlite3.Connection, table: str, key: str, new_parents: dict[str, str], number: int
) -> dict[str, str]:
    """Copy the rows of each parent to its new parent. Return the new id of each old row."""
    columns = [row[1] for row in gradebook.execute(f"PRAGMA table_info({table})")]
    new_ids = {}
    for parent, new_parent in new_parents.items():
        for row in gradebook.execute(f"SELECT * FROM {table} WHERE {key} = ?", (parent,)).fetchall():
            values = dict(zip(columns, row, strict=True))
            new_ids[values["id"]] = f"{values['id']}-{number}"
            values |= {key: new_parent, "id": new_ids[values["id"]]}
            gradebook.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})",
                [*values.values()],
            )
    return new_ids


def measure(students: int) -> dict[str, float]:
    """Measure wall and CPU time for a class of this size."""
    with tempfile.TemporaryDirectory(prefix="reports-") as scratch:
        course = make_class(students, Path(scratch))
        feedback = _time(lambda: feedback_writer.write_all(course, ASSIGNMENT))
        report = _time(lambda: class_report.write(ClassData.read(course, ASSIGNMENT)))
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


def _time(function: Callable[[], Any]) -> tuple[float, float]:
    """Call a function. Return its wall and CPU time in seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("students", type=int, nargs="?", default=500, help="the number of students")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to this file")
    options = parser.parse_args()
    numbers = measure(options.students)
    for name, number in numbers.items():
        print(f"{name:36}{number:10.1f}")
    if options.json:
        options.json.write_text(json.dumps(numbers, indent=1))


if __name__ == "__main__":
    main()
