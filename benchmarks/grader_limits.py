"""How near do honest submissions come to the limits of the grader's own work?

    python benchmarks/grader_limits.py [--students N] [--json FILE]

Simulated classes of all assignments are graded in this process. For each stage the longest time is printed, and for the
whole the peak of the process's memory, beside the limits of `autograder.supervisor.WorkLimits`.
"""

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.authoring.simulate import simulate  # noqa: E402
from autograder.course import Course  # noqa: E402
from autograder.grading import one_submission, preprocessors, registration, submission_grader  # noqa: E402
from autograder.supervisor import MIB, WorkLimits  # noqa: E402

RUNNING = "running the notebook"  # has the runner's limits


def measure(students: int) -> dict[str, float]:
    """Return the longest time of each stage in seconds."""
    longest: dict[str, float] = defaultdict(float)
    current = ["starting", time.perf_counter()]

    def enter_stage(name: str, seconds: float | None = None) -> None:
        now = time.perf_counter()
        stage = str(current[0]).split(" ")[0] if str(current[0]).startswith("judging ") else str(current[0])
        longest[stage] = max(longest[stage], now - float(current[1]))
        current[:] = [name, now]

    preprocessors.enter_stage = submission_grader.enter_stage = enter_stage
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        shutil.copytree(ROOT / "solutions", Path(folder) / "solutions")
        course = Course.at(Path(folder))
        for assignment in course.assignments():
            simulate(course, assignment, students, seed=541)
            registration.register(course, assignment)
            for student in course.students(assignment):
                current[:] = ["starting", time.perf_counter()]
                one_submission.grade_one(course.root, assignment, student)
                enter_stage("starting")
    return dict(longest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    limits = WorkLimits()
    longest = measure(options.students)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for stage, seconds in sorted(longest.items(), key=lambda item: -item[1]):
        limit = "the runner's limits" if stage == RUNNING else f"{limits.stage_seconds:g} s"
        print(f"{stage:30} {seconds:7.2f} s of {limit}")
    print(f"{'memory':30} {peak / MIB:7.0f} MiB of {limits.memory / MIB:g} MiB")
    if options.json:
        options.json.write_text(json.dumps({"seconds": longest, "peak_bytes": peak}, indent=1))


if __name__ == "__main__":
    main()
