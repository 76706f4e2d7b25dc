"""Release feedback through nbgrader's exchange.

``nbgrader release_feedback``, Formgrader's button and `watch` use `FeedbackReleaser`, which `nbgrader_config.py` names.
"""

import glob
import json
import os
from pathlib import Path, PurePosixPath

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from ..course import Course
from ..grading.arrivals import SECRET_FILE
from ..grading.boundary import Boundary
from ..grading.notebook_notes import NotebookNotes
from ..grading.replacing import write_atomically
from ..submissions.plain_text import printable
from ..submissions.reader import MAX_CANDIDATES
from ..terminal import count


class FeedbackReleaser(ExchangeReleaseFeedback):
    """Releases the pages of submissions that came through the exchange.

    nbgrader's own class stops at the first page of another submission, and a student who handed in `first (1).ipynb`
    does not find a page called `first`: nbgrader looks for the names of the files that were handed in.
    """

    src_path: str  # a pattern, with `*` for all students
    dest_path: str

    def copy_files(self) -> None:
        """Copy the pages into the exchange."""
        course = Course.at(Path(self.coursedir.root))
        pattern = "*".join(map(glob.escape, self.src_path.split("*")))  # a course in `nn[2025]`, or `hw[1]`
        folders = sorted({Path(page).parent for page in glob.glob(os.path.join(pattern, "*.html"))})
        excluded = set(self.coursedir.student_id_exclude.split(","))
        boundary = Boundary(lambda student, line: self.log.error("%s: not released: %s", printable(student), line))
        for folder in folders:
            student = folder.parent.name
            if student in excluded:
                continue
            with boundary.around(student):
                self._release(course, student, folder)
        if boundary.failures:
            self.fail(
                f"The feedback of {count(len(boundary.failures), 'student')} is not released, for the reasons above"
            )

    def _release(self, course: Course, student: str, folder: Path) -> None:
        """Copy the pages of one student. Their names in the exchange can be computed from the secret only."""
        secret_file = folder / SECRET_FILE
        secret = secret_file.read_text(encoding="utf-8") if secret_file.is_file() else ""
        if not secret:
            reason = "the submission did not come through the exchange"
            self.log.warning("%s: not released, because %s", printable(student), reason)
            return
        assignment = self.coursedir.assignment_id
        pages = [name for name in course.notebooks(assignment) if (folder / f"{name}.html").is_file()]
        submitted = course.submitted_folder(student, assignment)
        for name, page in _page_by_name(pages, submitted, course.autograded_folder(student, assignment)).items():
            target = Path(self.dest_path) / f"{notebook_hash(secret=secret, notebook_id=name)}.html"
            source = folder / f"{page}.html"
            write_atomically(target, source.read_bytes(), source.stat().st_mode)
        self.log.info("Released the feedback of %s", printable(student))
        if message := describe_invisible(submitted, folder):
            self.log.warning("%s: %s", printable(student), message)


def release_student(course: Course, assignment: str, student: str) -> None:
    """Release the pages of one student, as ``nbgrader release_feedback`` does with the settings of the course."""
    directory = course.directory_with(assignment_id=assignment, student_id=student)
    factory = ExchangeFactory(config=course.config)
    authenticator = Authenticator(config=course.config)
    factory.ReleaseFeedback(coursedir=directory, authenticator=authenticator, parent=factory).start()


def describe_invisible(submitted: Path, feedback: Path) -> str:
    """Say that nbgrader does not show a released page to its student: it looks for unpacked notebooks. Else empty."""
    if any(submitted.glob("*.ipynb")):
        return ""
    reason = "nbgrader cannot fetch the page, because no unpacked notebook was handed in"
    return f"{reason}: the list of assignments on a hub links to it; without one, send {feedback}"


def _page_by_name(pages: list[str], submitted: Path, graded: Path) -> dict[str, str]:
    """Which page is released under each name: its own, and those of the files that were handed in.

    Each is a copy, and a student could fill the disk with names: so pages are guessed for the first files only.
    """
    handed_in = sorted(file.stem for file in submitted.glob("*.ipynb"))
    by_name: dict[str, str] = {}
    for page in sorted(pages, key=len):  # the longest name that fits decides, as in `first (1)`
        # the only page: a file whose cells are those of the notebook may have any name
        by_name |= {name: page for name in handed_in[:MAX_CANDIDATES] if page in name or len(pages) == 1}
    for page in pages:
        if (name := _handed_in_as(graded / f"{page}.ipynb")) in handed_in:
            by_name[name] = page  # surer than a guess
    return by_name | {page: page for page in pages}


def _handed_in_as(graded: Path) -> str:
    """Read from a graded notebook which file of the submission it is, without `.ipynb`. Empty if that is unknown."""
    try:
        metadata = json.loads(graded.read_text(encoding="utf-8"))["metadata"]
        return PurePosixPath(NotebookNotes.read(metadata).file).stem
    except (OSError, ValueError, TypeError, KeyError):
        return ""
