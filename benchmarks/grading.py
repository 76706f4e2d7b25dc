"""Grade a class with plain ``nbgrader autograde`` and with ``python -m autograder grade``; compare costs and scores.

    python benchmarks/grading.py [--students N] [--turns N] [--json FILE]

The two graders take turns. In each turn nbgrader grades a part of the class that it has not graded yet, and autograder
grades the whole class again. The start of the command is included. nbgrader uses its own preprocessors, and its hidden
tests are asserts in the student's kernel that compare with the same references.
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
from typing import Any

import nbformat
from nbgrader.api import Gradebook

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from autograder.course import Course  # noqa: E402
from autograder.submissions.hidden_tests import exercise_named_in, without_hidden_tests  # noqa: E402

WORKERS = 2
ASSERTS = """

### BEGIN HIDDEN TESTS
from autograder.judging.exercise_set import load_exercises
verdict = load_exercises("exercises")["{name}"].check({name})
assert verdict.score == verdict.points
### END HIDDEN TESTS"""
NBGRADER_CONFIG = """from pathlib import Path
c = get_config()
root = Path(__file__).resolve().parent
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook.db'}?timeout=60"
"""


@dataclass
class Cost:
    """Wall and CPU time in seconds."""

    wall: float
    cpu: float


def run_timed(*command: str, cwd: Path) -> Cost:
    """Run a Python module as a command, and measure it. Exit status 1 is accepted: a submission needs attention."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    completed = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if completed.returncode not in (0, 1) or "Traceback" in completed.stderr:
        raise SystemExit(f"{' '.join(command)} failed:\n{completed.stdout}{completed.stderr}")
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def make_courses(folder: Path, assignment: str, students: int) -> tuple[Path, Path]:
    """Create two courses with the same submissions: one for nbgrader, one for autograder."""
    for_nbgrader, for_autograder = folder / "nbgrader", folder / "autograder"
    shutil.copytree(REPOSITORY / "solutions" / assignment, for_autograder / "solutions" / assignment)
    shutil.copy(REPOSITORY / "nbgrader_config.py", for_autograder)
    run_timed("autograder", "simulate", assignment, "--students", str(students), cwd=for_autograder)
    for scores in (for_autograder / "submitted").glob("*.json"):
        scores.unlink()
    shutil.copytree(for_autograder, for_nbgrader)
    (for_nbgrader / "nbgrader_config.py").write_text(NBGRADER_CONFIG)
    for path in (for_nbgrader / "solutions" / assignment).glob("*.ipynb"):
        nb = nbformat.read(path, 4)
        for cell in nb.cells:
            if cell.cell_type == "code" and (name := exercise_named_in(cell.source)):
                cell.source = without_hidden_tests(cell.source) + ASSERTS.format(name=name)
        nbformat.write(nb, path)
    run_timed("nbgrader", "generate_assignment", assignment, cwd=for_nbgrader)
    return for_nbgrader, for_autograder


def read_passed(course: Path, assignment: str) -> dict[tuple[str, str], bool]:
    """Whether an autograded cell has all its points, by student and cell."""
    with Gradebook(Course.at(course).directory.db_url) as gradebook:
        return {
            (submission.student_id, grade.name): grade.auto_score == grade.max_score
            for submission in gradebook.assignment_submissions(assignment)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell.cell_type == "code" and not grade.needs_manual_grade
        }


def compare(assignment: str, students: int, turns: int) -> dict[str, Any]:
    """Measure an assignment. Times are seconds per submission."""
    costs: dict[str, list[Cost]] = {"nbgrader": [], "autograder": []}
    with tempfile.TemporaryDirectory() as scratch:
        for_nbgrader, for_autograder = make_courses(Path(scratch), assignment, students)
        for turn in range(turns):
            last_digits = "".join(str(digit) for digit in range(10) if digit % turns == turn)
            num_graded = len(list((for_nbgrader / "submitted").glob(f"*[{last_digits}]")))
            cost = run_timed("nbgrader", "autograde", assignment, f"--student=*[{last_digits}]", cwd=for_nbgrader)
            costs["nbgrader"].append(Cost(cost.wall / num_graded, cost.cpu / num_graded))
            options = ("--workers", str(WORKERS), "--force")
            cost = run_timed("autograder", "grade", assignment, *options, cwd=for_autograder)
            costs["autograder"].append(Cost(cost.wall / students, cost.cpu / students))
        one = run_timed("autograder", "grade", assignment, "--student=student-001", *options, cwd=for_autograder)
        shown = run_timed("autograder", "--help", cwd=for_autograder)
        nbgrader, autograder = read_passed(for_nbgrader, assignment), read_passed(for_autograder, assignment)
    if not nbgrader or nbgrader.keys() != autograder.keys():
        raise SystemExit(f"{assignment}: the two gradebooks hold different cells")
    medians = {
        f"{name}_{clock}": statistics.median(getattr(cost, clock) for cost in costs_of_turns)
        for name, costs_of_turns in costs.items()
        for clock in ("wall", "cpu")
    }
    return {
        "assignment": assignment,
        "students": students,
        **medians,
        "one_submission": one.wall,  # with the start
        "help": shown.wall,
        "wall_ratio": medians["nbgrader_wall"] / medians["autograder_wall"],
        "cpu_ratio": medians["nbgrader_cpu"] / medians["autograder_cpu"],
        "cells": len(nbgrader),
        # nbgrader runs the visible checks in the same cell. If one uses an earlier function that is wrong, it fails.
        "passed_by_autograder_only": sorted(
            f"{s} {cell}" for s, cell in nbgrader if autograder[s, cell] > nbgrader[s, cell]
        ),
        "passed_by_nbgrader_only": sorted(
            f"{s} {cell}" for s, cell in nbgrader if autograder[s, cell] < nbgrader[s, cell]
        ),
    }


def add_up(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Add up the costs of one submission of each assignment."""
    costs = {key: sum(row[key] for row in rows) for key in rows[0] if key.endswith(("_wall", "_cpu"))}
    return {
        "assignment": "both",
        "students": rows[0]["students"],
        **costs,
        "wall_ratio": costs["nbgrader_wall"] / costs["autograder_wall"],
        "cpu_ratio": costs["nbgrader_cpu"] / costs["autograder_cpu"],
        "cells": sum(row["cells"] for row in rows),
        **{
            f"passed_by_{name}_only": [cell for row in rows for cell in row[f"passed_by_{name}_only"]]
            for name in ("autograder", "nbgrader")
        },
    }


def main() -> None:
    """Measure both assignments, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=100, help="the number of students")
    parser.add_argument(
        "--turns", type=int, default=5, choices=range(1, 11), metavar="1…10", help="the number of turns"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to this file")
    options = parser.parse_args()
    rows = [compare(assignment, options.students, options.turns) for assignment in ("01-sigmoid", "02-bce")]
    rows.append(add_up(rows))
    print(f"seconds per submission, {options.students} submissions, autograder with {WORKERS} workers")
    print(f"{'':14}{'nbgrader':>18}{'autograder':>20}{'ratio':>16}{'cells':>18}")
    print(f"{'':14}{'wall':>9}{'CPU':>9}{'wall':>11}{'CPU':>9}{'wall':>9}{'CPU':>7}{'equal':>18}")
    for row in rows:
        only = [len(row[f"passed_by_{name}_only"]) for name in ("autograder", "nbgrader")]
        equal = f"{row['cells'] - sum(only)} of {row['cells']}"
        print(
            f"{row['assignment']:14}{row['nbgrader_wall']:9.2f}{row['nbgrader_cpu']:9.2f}"
            f"{row['autograder_wall']:11.3f}{row['autograder_cpu']:9.3f}"
            f"{row['wall_ratio']:9.1f}{row['cpu_ratio']:7.1f}{equal:>18}"
        )
        print(f"{'':14}cells that pass only with autograder: {only[0]}, only with nbgrader: {only[1]}")
        if "help" in row:
            print(f"{'':14}one submission with the start: {row['one_submission']:.1f} s, --help: {row['help']:.2f} s")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
