"""Grade many submissions: each in its own error boundary, each ending in exactly one record."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import joblib
import nbformat

from . import record as records
from .course import Course, reason
from .intake import Submission, Unreadable, lay_out, take_in
from .record import Record
from .release import generate

HERE = Path(__file__).parent


def grade(
    course: Course, assignment: str, pattern: str = "*", workers: int = 1, force: bool = False
) -> Iterator[Record]:
    """Grade every submission that has no matching record; yield a record for each, old ones included.

    Parameters
    ----------
    course : Course
    assignment : str
        The name of a folder in `solutions/`.
    pattern : str
        Which students: a glob.
    workers : int
        Worker processes, each with a warm runner of its own.
    force : bool
        Grade also what has a matching record.

    Raises
    ------
    CourseError
        If the course itself, not a submission, is at fault.
    """
    register(course, assignment)
    students = course.students(assignment, pattern)
    waiting = []
    for student in students:
        old = records.read(records_folder(course), assignment, student)
        if old and not force and old.key == key(course, assignment, student):
            yield old
        else:
            waiting.append(student)
    jobs = (joblib.delayed(grade_one)(course.root, assignment, student) for student in waiting)
    yield from joblib.Parallel(n_jobs=min(workers, len(waiting)) or 1, return_as="generator_unordered")(jobs)


def grade_one(root: Path, assignment: str, student: str) -> Record:
    """Grade one submission. Whatever is wrong with it ends in its record and nowhere else."""
    course, started = Course.at(root), time.perf_counter()
    current = key(course, assignment, student)
    try:
        record = _grade(course, assignment, student)
    except Unreadable as trouble:
        record = Record(student, assignment, "unreadable", messages=[str(trouble)])
    record = replace(record, seconds=round(time.perf_counter() - started, 3), key=current)
    records.write(record, records_folder(course))
    return record


def _grade(course: Course, assignment: str, student: str) -> Record:
    submitted = course.folder(course.directory.submitted_directory, student, assignment)
    submission = take_in(submitted, course.notebooks(assignment), _grade_ids(course, assignment))
    with tempfile.TemporaryDirectory(prefix="intake-") as intake:
        lay_out(submission, Path(intake) / student / assignment)
        result = course.nbgrader(submitted_directory=intake).autograde(assignment, student, force=True, create=True)
    if not result["success"]:
        messages = [*submission.notes, f"nbgrader could not grade it: {reason(result)}"]
        return Record(student, assignment, "needs a person", messages=messages)
    return _gather(course, assignment, student, submission)


def _gather(course: Course, assignment: str, student: str, submission: Submission) -> Record:
    """Gather what the plug-in left in the graded notebooks, and the score that the gradebook has."""
    graded = course.folder(course.directory.autograded_directory, student, assignment)
    notebooks = [nbformat.read(path, as_version=4) for path in sorted(graded.glob("*.ipynb"))]
    said = {
        what: [word for nb in notebooks for word in nb.metadata.get("lectrain", {}).get(what, [])]
        for what in ("repairs", "troubles", "flags", "isolation")
    }
    with course.gradebook() as gradebook:
        saved = gradebook.find_submission(assignment, student)
        score, max_score = saved.score, saved.max_score
    return Record(
        student,
        assignment,
        _outcome(said["troubles"], said["flags"] + submission.troubles),
        score,
        max_score,
        messages=[*submission.notes, *submission.troubles, *said["repairs"], *said["troubles"], *said["flags"]],
        verdicts=[cell.metadata["lectrain"] for nb in notebooks for cell in nb.cells if "lectrain" in cell.metadata],
        isolation=", ".join(dict.fromkeys(said["isolation"])),
    )


def _outcome(troubles: list[str], for_a_person: list[str]) -> str:
    """Classify what the runner and the judge said; a limit that only cut something short leaves it graded."""
    if any(word in trouble for trouble in troubles for word in ("ran longer", "processor time")):
        return "timed out"
    if any("process" in trouble for trouble in troubles):
        return "crashed"
    return "needs a person" if for_a_person else "graded"


# --- what a result depends on -----------------------------------------------------------------------------------


def key(course: Course, assignment: str, student: str) -> str:
    """Hash the submission, the assignment's source and the autograder: equal keys have equal results."""
    submitted = course.folder(course.directory.submitted_directory, student, assignment)
    files = [path for path in submitted.rglob("*") if path.is_file() and not path.is_symlink()]
    return records.key_of([*files, *course.source(assignment).glob("*.ipynb"), *HERE.rglob("*.py")])


def records_folder(course: Course) -> Path:
    return course.root / "records"


def register(course: Course, assignment: str) -> None:
    """Tell the gradebook about the assignment, as ``nbgrader generate_assignment`` does, if it has changed."""
    source = course.source(assignment)
    stamp = records_folder(course) / assignment / ".registered"
    current = records.key_of(source.glob("*.ipynb"))
    if stamp.exists() and stamp.read_text() == current and _is_known(course, assignment):
        return
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        generate(course, assignment, Path(scratch))
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(current)


def _is_known(course: Course, assignment: str) -> bool:
    with course.gradebook() as gradebook:
        return any(known.name == assignment for known in gradebook.assignments)


def _grade_ids(course: Course, assignment: str) -> dict[str, set[str]]:
    return {
        path.stem: {
            cell.metadata.nbgrader["grade_id"]
            for cell in nbformat.read(path, as_version=4).cells
            if "nbgrader" in cell.metadata
        }
        for path in course.source(assignment).glob("*.ipynb")
    }
