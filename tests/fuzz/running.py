"""Check a case in a supervised process, so that its time and memory are limited."""

import os
import resource
import shutil
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from autograder.supervisor import Supervisor, WorkFailed, WorkLimits, enter_stage
from tests.fuzz.cases import Case
from tests.fuzz.grading import prepare_course, seconds_of_grader

CPU_SECONDS = 5.0  # of one case
LIMITS = WorkLimits(stage_seconds=12 * CPU_SECONDS, memory=1 << 30)  # wall time, since the machine may do other work


class Result(NamedTuple):
    """The properties that a case violates, and whether it takes too much time or memory, or ends its process."""

    violations: list[str]
    exceeds_limit: bool


@contextmanager
def course_template() -> Iterator[Path]:
    """A course that the workers copy. It is kept in memory where that is possible, since SQLite writes often."""
    shared_memory = Path("/dev/shm")
    parent = tempfile.mkdtemp(prefix="fuzz-", dir=shared_memory if os.access(shared_memory, os.W_OK) else None)
    try:
        template = Path(parent) / "template"
        template.mkdir()
        prepare_course(template)
        yield template
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def run_supervised(supervisor: Supervisor, template: Path, case: Case) -> Result:
    """Check a case in the worker process of a supervisor."""
    try:
        result: Result = supervisor.run(run_case, template, case)
        return result
    except WorkFailed as failure:
        return Result([str(failure)], exceeds_limit=True)


def find_violations(supervisor: Supervisor, template: Path, case: Case) -> list[str]:
    """Return the properties that a case violates.

    A case that exceeds a limit is run again in a new process. If it then exceeds none, it depends on earlier cases,
    for example because their results are still cached, and its message reports that.
    """
    first = run_supervised(supervisor, template, case)
    if not first.exceeds_limit:
        return first.violations
    with Supervisor(LIMITS) as fresh:
        again = run_supervised(fresh, template, case)
    return again.violations if again.exceeds_limit else [f"after other cases: {found}" for found in first.violations]


# --- in the worker ----------------------------------------------------------------------------------------------


def run_case(template: Path, case: Case) -> Result:
    """Check a case, in the worker process of a supervisor."""
    enter_stage("grading")
    started = seconds_of_grader()
    try:
        violations = list(dict.fromkeys(case.check(template)))
    except MemoryError:
        raise
    except Exception as error:
        violations = [f"{_place_of(error)}: {type(error).__name__}: {str(error)[:300]!a}"]
    seconds = seconds_of_grader() - started
    if seconds > CPU_SECONDS:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10  # in MiB; Linux reports KiB
        violations.append(f"it takes {seconds:.1f} s of processor time, in a process of up to {memory} MiB")
    return Result(violations, seconds > CPU_SECONDS)


def _place_of(error: Exception) -> str:
    """The innermost line of the autograder in a traceback, and the innermost line of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/autograder/" in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in (*ours[-1:], frames[-1])]
    return " → ".join(dict.fromkeys(places))
