"""A large class on SQLite: is everything there, and do two workers do twice the work of one?

Run ``python benchmarks/scale.py``, with ``--students N``, ``--assignment NAME`` or ``--json FILE``. The workers' speed
is taken between a run's first and last record, so that the start of the command does not count.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from nbgrader.api import Gradebook

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from autograder.authoring.simulate import truth_file  # noqa: E402
from autograder.course import Course  # noqa: E402
from autograder.grading import batch  # noqa: E402
from autograder.grading import records as record  # noqa: E402


def autograder(course: Path, *words: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([sys.executable, "-m", "autograder", *words], cwd=course, env=environment, check=True)


def measure(assignment: str, students: int) -> dict:
    """Grade a class with one worker, then anew with two; return submissions per second and per worker."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        shutil.copy(REPOSITORY / "nbgrader_config.py", root)
        shutil.copytree(REPOSITORY / "solutions" / assignment, root / "solutions" / assignment)
        autograder(root, "simulate", assignment, "--students", str(students))
        speeds = {}
        for workers in (1, 2):
            autograder(root, "grade", assignment, "--workers", str(workers), "--force")
            ends = sorted(path.stat().st_mtime for path in (root / "records" / assignment).glob("*.json"))
            speeds[workers] = (len(ends) - 1) / (ends[-1] - ends[0]) / workers
        course = Course.at(root)
        truth = json.loads(truth_file(course, assignment).read_text())
        records = {r.student: r.score for r in record.read_all(batch.records_folder(course), assignment)}
        with Gradebook(course.directory.db_url) as gradebook:
            marks = {s.student_id: s.score for s in gradebook.assignment_submissions(assignment)}
    return {
        "assignment": assignment,
        "students": students,
        "per_second": speeds,
        "second_worker": speeds[2] / speeds[1],
        "records_as_made": sum(abs(records.get(student, -1) - score) < 1e-9 for student, score in truth.items()),
        "gradebook_as_made": sum(abs(marks.get(student, -1) - score) < 1e-9 for student, score in truth.items()),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--assignment", default="01-sigmoid")
    parser.add_argument("--json", type=Path, help="write the numbers into this file too")
    options = parser.parse_args()
    row = measure(options.assignment, options.students)
    one, two = row["per_second"][1], row["per_second"][2]
    print(f"{row['assignment']}, {row['students']} submissions on SQLite")
    print(f"  one worker   {one:6.1f} per second and worker")
    print(f"  two workers  {two:6.1f} per second and worker, {row['second_worker']:.0%} of one")
    print(f"  scores as made: {row['records_as_made']} records, {row['gradebook_as_made']} in the gradebook")
    if options.json:
        options.json.write_text(json.dumps(row, indent=1))


if __name__ == "__main__":
    main()
