"""Run many cases in supervised processes, and collect the violated properties."""

import os
import queue
import re
import resource
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.supervisor import START_SECONDS, Supervisor, WorkFailed, WorkLimits, enter_stage
from tests.fuzz.cases import Case, import_grader, make_case

CPU_SECONDS = 5.0  # of one case
LIMITS = WorkLimits(stage_seconds=4 * CPU_SECONDS, memory=1 << 30)  # wall time, since the machine may do other work
SHARES = {"notebook": 42, "answers": 55, "names": 3}  # of each hundred cases
NUM_SLOWEST = 10
MAX_PRINTED = 4  # violations of one case


@dataclass(frozen=True)
class CaseResult:
    """The result of a case.

    Attributes
    ----------
    kind, seed : str, int
        They determine the case.
    violations : list of str
        The properties that do not hold.
    seconds : float
        Processor time, or the limit that was exceeded.
    about : str
        A short description of the case.
    memory : int
        The largest memory of the worker process so far, in MiB.
    """

    kind: str
    seed: int
    violations: list[str]
    seconds: float = 0.0
    about: str = ""
    memory: int = 0

    @property
    def exceeds_limit(self) -> bool:
        """Whether the case takes too much time or memory, or ends its process."""
        return self.seconds > CPU_SECONDS

    @property
    def cause(self) -> str:
        """The beginning of the first violation. Cases with the same one probably have the same cause."""
        return re.sub(r"[\d.]+", "…", re.split("['\"]", self.violations[0])[0])

    def __str__(self) -> str:
        command = f"python -m tests.fuzz --kind {self.kind} --seed {self.seed}"
        first = self.violations[:MAX_PRINTED]
        return "\n    ".join([f"{command}  ({self.about}, {self.seconds:.2f} s)", *first])


@dataclass
class Summary:
    """The results of many cases."""

    cases: Counter[str] = field(default_factory=Counter)
    violations: list[CaseResult] = field(default_factory=list)
    slowest: list[CaseResult] = field(default_factory=list)
    memory: int = 0
    seconds: float = 0.0

    def add(self, result: CaseResult) -> None:
        self.cases[result.kind] += 1
        if result.violations:
            self.violations.append(result)
        self.memory = max(self.memory, result.memory)
        self.slowest = sorted([*self.slowest, result], key=lambda result: -result.seconds)[:NUM_SLOWEST]

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(self.cases.items()))
        by_cause: dict[str, list[CaseResult]] = {}
        for result in self.violations:
            by_cause.setdefault(result.cause, []).append(result)
        return "\n".join(
            [
                f"{self.cases.total()} cases ({counts}) in {self.seconds:.0f} s",
                f"{len(self.violations)} cases with violations, {len(by_cause)} causes",
                f"largest worker process: {self.memory} MiB",
                *(f"{len(group):4} × {group[0]}" for group in by_cause.values()),
                "slowest:",
                *(f"{r.seconds:6.2f} s  --kind {r.kind} --seed {r.seed}  ({r.about})" for r in self.slowest),
            ]
        )


def kind_of(seed: int) -> str:
    """The kind of the case with this number. The kinds alternate."""
    number, end = seed * 37 % 100, 0
    for kind, share in SHARES.items():
        end += share
        if number < end:
            return kind
    raise AssertionError("the shares do not add up to 100")


def cases_in_tests() -> int:
    """The number of cases in the tests. For a thorough test: LECTRAIN_FUZZ=50000."""
    return int(os.environ.get("LECTRAIN_FUZZ", 150))


# --- in the worker ----------------------------------------------------------------------------------------------


def run_generated(template: Path, kind: str, seed: int) -> CaseResult:
    """Generate a case and check it, in the worker process of a supervisor."""
    import_grader()
    enter_stage("generating the case", START_SECONDS)  # the first case of a kind solves notebooks or asks references
    return run_case(template, make_case(kind, seed), kind, seed)


def run_case(template: Path, case: Case, kind: str = "", seed: int = 0) -> CaseResult:
    """Check a case, in the worker process of a supervisor."""
    import_grader()
    enter_stage("grading")
    from tests.fuzz.grading import seconds_of_grader

    started = seconds_of_grader()
    try:
        violations = list(dict.fromkeys(case.check(template)))
    except MemoryError:
        raise
    except Exception as error:
        violations = [f"{_place_of(error)}: {type(error).__name__}: {str(error)[:300]!a}"]
    seconds = seconds_of_grader() - started
    if seconds > CPU_SECONDS:
        violations.append(f"it takes {seconds:.1f} s of processor time")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10  # in MiB; Linux reports KiB
    return CaseResult(kind, seed, violations, seconds, str(case), memory)


def _place_of(error: Exception) -> str:
    """The innermost line of the autograder in a traceback, and the innermost line of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/autograder/" in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in (*ours[-1:], frames[-1])]
    return " → ".join(dict.fromkeys(places))


# --- outside ----------------------------------------------------------------------------------------------------


@contextmanager
def course_template() -> Iterator[Path]:
    """A course that the workers copy. It is kept in memory where that is possible, since SQLite writes often."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tests.fuzz.grading import prepare_course

    shared_memory = Path("/dev/shm")
    parent = tempfile.mkdtemp(prefix="fuzz-", dir=shared_memory if os.access(shared_memory, os.W_OK) else None)
    try:
        template = Path(parent) / "template"
        template.mkdir()
        prepare_course(template)
        yield template
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def run_supervised(supervisor: Supervisor, template: Path, case: Case | tuple[str, int]) -> CaseResult:
    """Run a case, or the generated one with a kind and seed."""
    kind, seed = case if isinstance(case, tuple) else ("", 0)
    try:
        if isinstance(case, tuple):
            result: CaseResult = supervisor.run(run_generated, template, kind, seed)
        else:
            result = supervisor.run(run_case, template, case)
        return result
    except WorkFailed as failure:
        return CaseResult(kind, seed, [str(failure)], LIMITS.stage_seconds)


def run_campaign(template: Path, seeds: Iterable[int], kind: str | None = None, workers: int | None = None) -> Summary:
    """Run generated cases in several worker processes.

    A case that exceeds a limit is run again in a new process. If it then exceeds none, it depends on earlier cases,
    for example because their results are still cached, and its message reports that. An error of the fuzzer itself is
    raised.
    """
    started, summary, lock = time.monotonic(), Summary(), threading.Lock()
    pending: queue.SimpleQueue[int] = queue.SimpleQueue()
    for seed in seeds:
        pending.put(seed)

    def work() -> None:
        with Supervisor(LIMITS) as supervisor:
            while True:
                try:
                    seed = pending.get_nowait()
                except queue.Empty:
                    return
                result = _run_and_confirm(supervisor, template, (kind or kind_of(seed), seed))
                with lock:
                    summary.add(result)
                    _report_progress(summary, result)

    num_workers = workers or os.cpu_count() or 1
    with ThreadPoolExecutor(num_workers) as pool:
        for future in [pool.submit(work) for _ in range(num_workers)]:
            future.result()  # raises an error of the fuzzer itself
    summary.seconds = time.monotonic() - started
    return summary


def _run_and_confirm(supervisor: Supervisor, template: Path, case: tuple[str, int]) -> CaseResult:
    result = run_supervised(supervisor, template, case)
    if not result.exceeds_limit:
        return result
    with Supervisor(LIMITS) as fresh:
        again = run_supervised(fresh, template, case)
    if again.exceeds_limit:
        return again
    return replace(result, violations=[f"after other cases: {violation}" for violation in result.violations])


def _report_progress(summary: Summary, result: CaseResult) -> None:
    count = summary.cases.total()
    if result.violations:
        print(result, file=sys.stderr, flush=True)
    if count % 1000 == 0:
        print(f"{count} cases, {len(summary.violations)} with violations", file=sys.stderr, flush=True)
