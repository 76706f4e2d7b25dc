"""Grade in a container of Gradescope.

Gradescope unpacks the zip of `gradescope_zip.py` to ``/autograder/source`` and runs `setup.sh` once. For each
submission it puts the files into ``/autograder/submission``, runs `run_autograder` and reads
``/autograder/results/results.json``.
"""

import json
import sys
import traceback
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

from ..course import Course
from ..grading import one_submission, registration
from ..grading.records import Record
from ..grading.replacing import replaced_folder
from ..judging.verdict import Verdict
from ..runner import MODES, RunnerError
from ..runner.sandbox import UNSANDBOXED
from ..submissions.admission import admit
from ..submissions.refusals import Refused
from ..supervisor import Supervisor

STUDENT = "submission"  # the name of every student in the container; Gradescope knows the real one


def grade(assignment: str, root: Path) -> dict[str, Any]:
    """Grade the submission in ``root/submission`` with the course in ``root/source``."""
    course = Course.at(root / "source")
    try:
        with replaced_folder(course.submitted_folder(STUDENT, assignment)) as draft:
            admit(root / "submission", draft, max_bytes=course.max_submission_bytes)
    except Refused as refusal:
        expected = " and ".join(f"{name}.ipynb" for name in course.notebooks(assignment))
        return _results(0, f"Nothing of this submission was graded: {refusal.problem}. Submit {expected}.")
    try:
        registration.register(course, assignment)
        with Supervisor(course.work_limits) as supervisor:
            record = one_submission.grade_supervised(supervisor, course.root, assignment, STUDENT)
    except RunnerError as error:
        reason = f"this container cannot isolate student code. For the instructor: {error}"
        return _results(0, f"Nothing was graded, because {reason}")
    guessable = {name for name, exercise in course.exercises.items() if exercise.is_guessable}
    return to_results(record, guessable)


def to_results(record: Record, guessable: Container[str] = ()) -> dict[str, Any]:
    """Convert a record to Gradescope's format, with one test per rule.

    The results of guessable exercises, and with them the total, are shown after the due date, which Gradescope knows.
    """
    numbered = enumerate(record.verdicts, 1)
    tests = [test for number, verdict in numbered for test in _tests(number, verdict, verdict.exercise in guessable)]
    lines = [*record.messages, f"Rules that were checked: {len(tests)}. Written answers are not part of this score."]
    if record.is_unsandboxed:
        lines.insert(0, f"{MODES[UNSANDBOXED]}: this code ran with the rights of the grader.")
    return _results(round(sum(verdict.score for verdict in record.verdicts), 6), "\n".join(lines)) | {
        "execution_time": record.seconds,
        "tests": tests,
        "extra_data": {"outcome": record.outcome, "isolation": record.isolation},
    }


def _tests(number: int, verdict: Verdict, is_guessable: bool) -> Iterator[dict[str, Any]]:
    """Generate a test for each rule of an exercise. All are judged at once: this container knows no due date."""
    diagnosis = verdict.diagnosis and f"It looks like this: {verdict.diagnosis}"
    for i, finding in enumerate(verdict.findings, 1):
        earns = finding.passed and not verdict.is_void
        lines = finding.message, diagnosis, verdict.cause, *verdict.notes, finding.slide and f"Slide: {finding.slide}"
        yield {
            "score": finding.points if earns else 0.0,
            "max_score": finding.points,
            "status": "passed" if earns else "failed",
            "name": f"{verdict.exercise}: {finding.rule}",
            "name_format": "text",
            "number": f"{number}.{i}",
            "output": "" if earns else "\n".join(filter(None, lines)),
            "output_format": "text",
            "visibility": "after_due_date" if is_guessable else "visible",
            "tags": ["-".join(tag.split()) for tag in (verdict.exercise, verdict.mistake) if tag],
        }


def _results(score: float, output: str) -> dict[str, Any]:
    shown = {"output": output, "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden"}
    return {"score": score} | shown


def main(assignment: str, root: Path) -> None:
    """Grade, and write results.json. It is written even after an error, because otherwise students see no reason.

    Gradescope calls the root ``/autograder``.
    """
    try:
        results = grade(assignment, root)
    except Exception as error:
        results = _results(0, f"Internal autograder error ({type(error).__name__}). Please tell your instructor.")
        traceback.print_exc()  # for the instructor: Gradescope shows students no standard output
    folder = root / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
