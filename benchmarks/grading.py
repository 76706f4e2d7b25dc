"""Grade one class with stock ``nbgrader autograde`` and with ``python -m autograder grade``; compare cost and marks.

Run ``python benchmarks/grading.py``, with ``--students N``, ``--turns N`` or ``--json FILE``. The two take turns: in
each, stock grades a part of the class that it has not yet graded, and autograder grades all of it anew, start of the
command included. Stock runs nbgrader's own preprocessors; for it alone, the hidden line becomes asserts in the
student's kernel against the same references.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from autograder.course import Course  # noqa: E402
from autograder.submissions.hidden_tests import exercise_named_in, without_hidden_tests  # noqa: E402

WORKERS = 2
ASSERTS = """

### BEGIN HIDDEN TESTS
from autograder import exercises
verdict = exercises["{name}"].check({name})
assert verdict.score == verdict.points
### END HIDDEN TESTS"""
STOCK_CONFIG = """from pathlib import Path
c = get_config()
root = Path(__file__).resolve().parent
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook.db'}?timeout=60"
"""


@dataclass
class Cost:
    """What some submissions took, in seconds."""

    wall: float
    cpu: float


def timed(*command: str, cwd: Path) -> Cost:
    """Run a command; a grader that found something to tell a person exits with 1."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def lay_out(folder: Path, assignment: str, students: int) -> tuple[Path, Path]:
    """Make the course twice, with the same submissions; return stock's and ours."""
    ours, stock = folder / "autograder", folder / "nbgrader"
    shutil.copytree(REPOSITORY / "solutions" / assignment, ours / "solutions" / assignment)
    shutil.copy(REPOSITORY / "nbgrader_config.py", ours)
    timed("autograder", "simulate", assignment, "--students", str(students), cwd=ours)
    for truth in (ours / "submitted").glob("*.json"):
        truth.unlink()
    shutil.copytree(ours, stock)
    (stock / "nbgrader_config.py").write_text(STOCK_CONFIG)
    for path in (stock / "solutions" / assignment).glob("*.ipynb"):
        nb = nbformat.read(path, 4)
        for cell in nb.cells:
            if cell.cell_type == "code" and (name := exercise_named_in(cell.source)):
                cell.source = without_hidden_tests(cell.source) + ASSERTS.format(name=name)
        nbformat.write(nb, path)
    timed("nbgrader", "generate_assignment", assignment, cwd=stock)
    return stock, ours


def passed(course: Path, assignment: str) -> dict[tuple[str, str], bool]:
    """Of each student and autograded cell, whether it has all its points."""
    with Gradebook(Course.at(course).directory.db_url) as gradebook:
        return {
            (submission.student_id, grade.name): grade.auto_score == grade.max_score
            for submission in gradebook.assignment_submissions(assignment)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell.cell_type == "code" and not grade.needs_manual_grade
        }


def compare(assignment: str, students: int, turns: int) -> dict:
    """Measure an assignment. Times are seconds per submission."""
    with tempfile.TemporaryDirectory() as scratch:
        stock, ours = lay_out(Path(scratch), assignment, students)
        theirs, mine = [], []
        for turn in range(turns):
            digits = "".join(str(digit) for digit in range(10) if digit % turns == turn)
            graded = len(list((stock / "submitted").glob(f"*[{digits}]")))
            cost = timed("nbgrader", "autograde", assignment, f"--student=*[{digits}]", cwd=stock)
            theirs.append(Cost(cost.wall / graded, cost.cpu / graded))
            cost = timed("autograder", "grade", assignment, "--workers", str(WORKERS), "--force", cwd=ours)
            mine.append(Cost(cost.wall / students, cost.cpu / students))
        marks, same = passed(stock, assignment), passed(ours, assignment)
    if not marks or marks.keys() != same.keys():
        raise SystemExit(f"{assignment}: the two gradebooks hold different cells")
    medians = {
        f"{name}_{what}": statistics.median(getattr(cost, what) for cost in costs)
        for name, costs in (("nbgrader", theirs), ("autograder", mine))
        for what in ("wall", "cpu")
    }
    return {
        "assignment": assignment,
        "students": students,
        **medians,
        "wall_ratio": medians["nbgrader_wall"] / medians["autograder_wall"],
        "cpu_ratio": medians["nbgrader_cpu"] / medians["autograder_cpu"],
        "cells": len(marks),
        # stock runs the visible checks in the same cell: one that uses an earlier function fails with that function
        "passed_by_autograder_alone": sorted(f"{s} {cell}" for s, cell in marks if same[s, cell] > marks[s, cell]),
        "passed_by_nbgrader_alone": sorted(f"{s} {cell}" for s, cell in marks if same[s, cell] < marks[s, cell]),
    }


def total(rows: list[dict]) -> dict:
    """The whole class: one submission of each assignment."""
    costs = {key: sum(row[key] for row in rows) for key in rows[0] if key.endswith(("_wall", "_cpu"))}
    return {
        "assignment": "both",
        "students": rows[0]["students"],
        **costs,
        "wall_ratio": costs["nbgrader_wall"] / costs["autograder_wall"],
        "cpu_ratio": costs["nbgrader_cpu"] / costs["autograder_cpu"],
        "cells": sum(row["cells"] for row in rows),
        **{
            f"passed_by_{name}_alone": [cell for row in rows for cell in row[f"passed_by_{name}_alone"]]
            for name in ("autograder", "nbgrader")
        },
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--turns", type=int, default=5, choices=range(1, 11), metavar="1…10")
    parser.add_argument("--json", type=Path, help="write the numbers into this file too")
    options = parser.parse_args()
    rows = [compare(assignment, options.students, options.turns) for assignment in ("01-sigmoid", "02-bce")]
    rows.append(total(rows))
    print(f"seconds per submission, {options.students} submissions, autograder with {WORKERS} workers")
    print(f"{'':14}{'nbgrader':>18}{'autograder':>20}{'ratio':>16}{'marks':>18}")
    print(f"{'':14}{'wall':>9}{'CPU':>9}{'wall':>11}{'CPU':>9}{'wall':>9}{'CPU':>7}{'the same':>18}")
    for row in rows:
        alone = [len(row[f"passed_by_{name}_alone"]) for name in ("autograder", "nbgrader")]
        same = f"{row['cells'] - sum(alone)} of {row['cells']}"
        print(
            f"{row['assignment']:14}{row['nbgrader_wall']:9.2f}{row['nbgrader_cpu']:9.2f}"
            f"{row['autograder_wall']:11.3f}{row['autograder_cpu']:9.3f}"
            f"{row['wall_ratio']:9.1f}{row['cpu_ratio']:7.1f}{same:>18}"
        )
        print(f"{'':14}cells that pass with autograder alone: {alone[0]}, with nbgrader alone: {alone[1]}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
