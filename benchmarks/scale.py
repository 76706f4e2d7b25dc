"""Grade a large class on SQLite: are all scores correct, and are two workers twice as fast as one?

    python benchmarks/scale.py [--students N] [--assignment NAME] [--json FILE]

The speed is measured between the first and the last record of a run, so the start of the command does not count.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from autograder.authoring.simulate import scores_file  # noqa: E402
from autograder.course import Course  # noqa: E402
from autograder.grading import records  # noqa: E402


def run_autograder(course: Path, *arguments: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([sys.executable, "-m", "autograder", *arguments], cwd=course, env=environment, check=True)


def measure(assignment: str, students: int) -> dict[str, Any]:
    """Grade a class with one worker, then again with two. Speeds are submissions per second and worker."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        shutil.copy(REPOSITORY / "nbgrader_config.py", root)
        shutil.copytree(REPOSITORY / "solutions" / assignment, root / "solutions" / assignment)
        run_autograder(root, "simulate", assignment, "--students", str(students))
        speeds = {}
        for workers in (1, 2):
            run_autograder(root, "grade", assignment, "--workers", str(workers), "--force")
            times = sorted(path.stat().st_mtime for path in (root / "records" / assignment).glob("*.json"))
            speeds[workers] = (len(times) - 1) / (times[-1] - times[0]) / workers
        course = Course.at(root)
        known = json.loads(scores_file(course, assignment).read_text())
        recorded = {r.student: r.score for r in records.read_all(course.records_folder, assignment)}
        with Gradebook(course.directory.db_url) as gradebook:
            saved = {s.student_id: s.score for s in gradebook.assignment_submissions(assignment)}
    return {
        "assignment": assignment,
        "students": students,
        "per_second": speeds,
        "speed_with_two_workers": speeds[2] / speeds[1],
        "correct_in_records": sum(abs(recorded.get(student, -1) - score) < 1e-9 for student, score in known.items()),
        "correct_in_gradebook": sum(abs(saved.get(student, -1) - score) < 1e-9 for student, score in known.items()),
    }


def main() -> None:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=1000, help="the number of students")
    parser.add_argument("--assignment", default="01-sigmoid", help="a folder in solutions/")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to this file")
    options = parser.parse_args()
    row = measure(options.assignment, options.students)
    one, two = row["per_second"][1], row["per_second"][2]
    print(f"{row['assignment']}, {row['students']} submissions on SQLite")
    print(f"  one worker   {one:6.1f} per second and worker")
    print(f"  two workers  {two:6.1f} per second and worker, {row['speed_with_two_workers']:.0%} of one")
    print(f"  correct scores: {row['correct_in_records']} in records, {row['correct_in_gradebook']} in the gradebook")
    if options.json:
        options.json.write_text(json.dumps(row, indent=1))


if __name__ == "__main__":
    main()
