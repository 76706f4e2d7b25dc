"""What does the supervisor cost an honest class?

    python benchmarks/supervision.py [--students N] [--turns N] [--json FILE]

A simulated class is graded by one worker process, in turns: a supervised one as always, and a worker of loky, as before
there was a supervisor. The time runs from the first record to the last.
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

from joblib.externals.loky import ProcessPoolExecutor

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.authoring.simulate import simulate  # noqa: E402
from autograder.course import Course  # noqa: E402
from autograder.grading import batch  # noqa: E402
from autograder.supervisor import Supervisor, WorkLimits  # noqa: E402

ASSIGNMENT = "01-sigmoid"


class LokyWorker(contextlib.AbstractContextManager):
    """Runs tasks in a worker process without time and memory limits. It has the methods of `Supervisor`."""

    def __init__(self, limits: WorkLimits):
        del limits
        self._executor = ProcessPoolExecutor(max_workers=1)

    def start(self) -> None:
        """Start the worker process without waiting for it."""
        self._executor.submit(abs, 0)

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call ``function(*args)`` in the worker process."""
        return self._executor.submit(function, *args).result()

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown()


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
        time_grading(course, LokyWorker)  # fills the caches of the machine
        pairs = [(time_grading(course, Supervisor), time_grading(course, LokyWorker)) for _ in range(turns)]
    supervised, unsupervised = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    return {"students": students, "supervised": supervised, "unsupervised": unsupervised, "ratio": ratio}


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
        f"{result['unsupervised']:.2f} s by loky, {100 * (result['ratio'] - 1):+.1f} %"
    )
    if options.json:
        options.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
