"""What does the supervisor cost an honest class?

    python benchmarks/supervision.py [--students N] [--turns N] [--json FILE]

A simulated class is graded by one worker, in turns: under a supervisor as always, and directly in this process without
time and memory limits for the grader's own work. The time runs from the first record to the last: without a supervisor,
a worker process would have to start and import the grader, too.
"""

import argparse
import contextlib
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.authoring.simulate import simulate  # noqa: E402
from autograder.course import Course  # noqa: E402
from autograder.grading import batch  # noqa: E402
from autograder.supervisor import Supervisor, WorkLimits  # noqa: E402

ASSIGNMENT = "01-sigmoid"


class Unsupervised(contextlib.AbstractContextManager):
    """Runs tasks in this process. It has the methods of `Supervisor`."""

    def __init__(self, limits: WorkLimits):
        del limits

    def start(self) -> None:
        """Keep the interface of `Supervisor`."""

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call ``function(*args)``."""
        return function(*args)

    def __exit__(self, *_: object) -> None:
        pass


def time_grading(course: Course, supervisor: type) -> float:
    """Return the wall time from the first record to the last, in seconds."""
    batch.Supervisor = supervisor  # type: ignore[misc, assignment]
    times = [time.perf_counter() for _ in batch.grade(course, ASSIGNMENT, workers=1, force=True)]
    return times[-1] - times[0]


def measure(students: int, turns: int) -> dict[str, float]:
    """Return the median of both times in seconds, and the median of their ratios in the same turn."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "nbgrader_config.py", folder)
        shutil.copytree(ROOT / "solutions" / ASSIGNMENT, Path(folder, "solutions", ASSIGNMENT))
        course = Course.at(Path(folder))
        simulate(course, ASSIGNMENT, students, seed=0)
        time_grading(course, Unsupervised)  # imports and caches of this process
        pairs = [(time_grading(course, Supervisor), time_grading(course, Unsupervised)) for _ in range(turns)]
    supervised, direct = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return {"students": students, "supervised": supervised, "unsupervised": direct, "ratio": ratio}


def main() -> None:
    """Measure, and print one line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=100, help="the number of students")
    parser.add_argument("--turns", type=int, default=5, help="how often each way is timed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to this file")
    options = parser.parse_args()
    result = measure(options.students, options.turns)
    print(
        f"{options.students} submissions of {ASSIGNMENT}, one worker: {result['supervised']:.2f} s supervised, "
        f"{result['unsupervised']:.2f} s without, {100 * (result['ratio'] - 1):+.1f} %"
    )
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
