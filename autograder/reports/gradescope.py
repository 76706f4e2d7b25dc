"""Gradescope: a zip that its container grades with, and what runs in there.

Gradescope unpacks the zip to ``/autograder/source`` and runs `setup.sh` once; for each submission it puts the files
into ``/autograder/submission``, runs `run_autograder` and reads ``/autograder/results/results.json``. The zip holds a
course of one assignment with all that grades it. It is the instructor's: the references are in it.
"""

import json
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..course import Course
from ..grading import batch
from ..grading.records import Record
from ..judging.model import Status
from ..runner import RunnerError

REPOSITORY = Path(__file__).resolve().parents[2]
NEEDED = ("autograder", "lectrain", "pyproject.toml", "LICENSE", "docs/student.md", "nbgrader_config.py")
LEFT_OUT = {"__pycache__", ".ipynb_checkpoints"}
STUDENT = "submission"  # whose it is stays Gradescope's matter

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, when the image is built. Python 3.11 or later, and bubblewrap for the sandbox.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq bubblewrap python3 python3-venv >/dev/null
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    apt-get install -y -qq python3.11 python3.11-venv >/dev/null
    python=python3.11
fi
cd /autograder/source
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[instructor]"
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission. Another root and another Python can be given, to try it elsewhere.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
python="${AUTOGRADER_PYTHON:-$root/source/.venv/bin/python}"
cd "$root/source"
exec "$python" -m autograder.reports.gradescope ASSIGNMENT "$root"
"""


# --- the zip ----------------------------------------------------------------------------------------------------


def write_zip(course: Course, assignment: str, file: Path | None = None) -> Path:
    """Write the zip of an assignment, `reports/<assignment>-gradescope.zip`. It holds the references: keep it.

    The course's secret goes into it too, if there is one, so that a regrade draws the same inputs.
    """
    source = course.source(assignment)
    file = file or course.root / "reports" / f"{assignment}-gradescope.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "setup.sh", SETUP.encode(), executable=True)
        _add(archive, "run_autograder", RUN.replace("ASSIGNMENT", assignment).encode(), executable=True)
        for path in _needed(assignment):
            _add(archive, path.relative_to(REPOSITORY).as_posix(), path.read_bytes())
        for path in _files(source):
            _add(archive, f"solutions/{assignment}/{path.relative_to(source).as_posix()}", path.read_bytes())
        _add(archive, "nbgrader_config.py", (course.root / "nbgrader_config.py").read_bytes())
        secret = course.root / ".course-secret"
        if secret.is_file():
            _add(archive, secret.name, secret.read_bytes())
    draft.replace(file)
    return file


def _needed(assignment: str) -> Iterator[Path]:
    for name in NEEDED:
        if name != "nbgrader_config.py":
            yield from _files(REPOSITORY / name)
    yield from _files(REPOSITORY / "data")


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    yield from (path for path in sorted(place.rglob("*")) if path.is_file() and not LEFT_OUT & set(path.parts))


def _add(archive: zipfile.ZipFile, name: str, content: bytes, executable: bool = False) -> None:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the same sources make the same zip
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (0o100755 if executable else 0o100644) << 16
    archive.writestr(entry, content)


# --- in the container -------------------------------------------------------------------------------------------


def grade(assignment: str, root: Path) -> dict[str, Any]:
    """Grade the submission in ``root/submission`` in the course ``root/source``; return what results.json says."""
    course = Course.at(root / "source")
    submitted = course.folder(course.directory.submitted_directory, STUDENT, assignment)
    shutil.rmtree(submitted, ignore_errors=True)
    shutil.copytree(root / "submission", submitted, ignore=_unwanted)
    student = _who(root / "submission_metadata.json")
    try:
        batch.register(course, assignment)
        record = batch.grade_one(course.root, assignment, STUDENT)
    except RunnerError as error:
        return failed(
            f"This container cannot keep student code apart, so nothing was graded. For the instructor: {error}"
        )
    return results(record, student)


def _unwanted(folder: str, names: list[str]) -> set[str]:
    """Links above all: one to the solution would be graded as the submission."""
    return {name for name in names if name in {*LEFT_OUT, ".git"} or (Path(folder) / name).is_symlink()}


def _who(metadata: Path) -> str:
    """The names that Gradescope has for whoever handed in, for the instructor's eyes."""
    try:
        users = json.loads(metadata.read_text(encoding="utf-8"))["users"]
        return ", ".join(str(user.get("email") or user["id"]) for user in users)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""


def results(record: Record, student: str = "") -> dict[str, Any]:
    """A record in the words of Gradescope: a test per rule, named after its exercise."""
    tests = [test for number, verdict in enumerate(record.verdicts, 1) for test in _tests(number, verdict)]
    said = [*record.messages, f"{len(tests)} rules were checked. Written answers are marked by a person."]
    if "UNSANDBOXED" in record.isolation:
        said.insert(0, "UNSANDBOXED: this code ran with the rights of the grader.")
    return {
        "score": round(sum(test["score"] for test in tests), 6),
        "execution_time": record.seconds,
        "output": "\n".join(said),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"outcome": record.outcome, "isolation": record.isolation, "student": student},
    }


def _tests(number: int, verdict: dict[str, Any]) -> Iterator[dict[str, Any]]:
    diagnosis = next((f["diagnosis"] for f in verdict["findings"] if f.get("diagnosis")), None)
    for i, finding in enumerate(verdict["findings"], 1):
        passed = finding["status"] == Status.PASSED
        said = [] if passed else [finding["message"], f"Slide: {finding['slide']}"]
        if diagnosis and not passed:
            said.insert(1, f"It looks like this: {diagnosis}")
        yield {
            "score": finding["points"] if passed else 0,
            "max_score": finding["points"],
            "status": "passed" if passed else "failed",
            "name": f"{verdict['exercise']}: {finding['rule']}",
            "name_format": "text",
            "number": f"{number}.{i}",
            "output": "\n".join(said),
            "output_format": "text",
            "tags": [verdict["exercise"], *([_tag(verdict["mistake"])] if verdict["mistake"] else [])],
            "visibility": "visible",
        }


def _tag(mistake: str) -> str:
    return re.sub(r"\s+", "-", mistake)


def failed(why: str) -> dict[str, Any]:
    """Results without a grade."""
    return {"score": 0, "output": why, "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden"}


def main(assignment: str, root: Path) -> None:
    """Grade, and write results.json whatever happens: without it Gradescope only says that the autograder failed."""
    try:
        said = grade(assignment, root)
    except Exception as error:
        said = failed(f"The autograder stumbled: {type(error).__name__}. Please tell your instructor.")
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    folder = root / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(said, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
