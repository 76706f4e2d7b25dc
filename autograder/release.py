"""The zip with all that students need."""

import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from .course import Course, CourseError
from .course_settings import CONFIG
from .generated_notebooks import generate_all
from .packed_files import add_to_zip, files_in
from .tracked_files import copy_tracked

VERSION = re.compile(r'^__version__ = "[^"]+(?=")', re.MULTILINE)
EDITABLE = re.compile(r"^-e \.(?=\[|$)", re.MULTILINE)  # how requirements.txt installs the repository itself


def write_students_zip(
    course: Course,
    file: Path,
    modules: Sequence[Path] = (),
    add_more: Callable[[Course, Path], None] = lambda course, folder: None,
    local_version: str = "",
) -> Path:
    """Write the zip for students: notebooks, data, the `lectrain` wheel, requirements and the students' README.

    It is made from files that git tracks. An edition may add `modules` to `lectrain`. `add_more` takes a copy of the
    tracked files of the course, and the folder that is zipped, to which it may add files. `local_version` is added to
    the version of the wheel. Raise CourseError if the course has no assignments, nbgrader rejects one, or git does not
    track the course.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="students-") as scratch:
        top, root = Path(scratch) / "lectrain", Path(scratch) / "tracked"
        copy_tracked(course.root, root)
        if not (root / CONFIG).is_file():
            raise CourseError(f"only files that git tracks are published: run `git add` in {course.root}")
        tracked = Course.at(root)
        generate_all(tracked, top / "notebooks")
        shutil.copytree(root / "data", top / "data")
        for module in modules:
            shutil.copy(module, root / "lectrain")
        if local_version:  # pip does not replace an installed wheel by one of the same version
            _replace_once(root / "lectrain" / "__init__.py", VERSION, rf"\g<0>+{local_version}")
        wheel = Path(next(WheelBuilder(str(root)).build(directory=str(top), versions=["standard"])))
        shutil.copy(root / "docs" / "student.md", top / "README.md")
        shutil.copy(root / "requirements.txt", top)
        _replace_once(top / "requirements.txt", EDITABLE, f"./{wheel.name}")
        add_more(tracked, top)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files_in(top):
                add_to_zip(archive, path.relative_to(scratch).as_posix(), path.read_bytes())
    return file


def _replace_once(file: Path, pattern: re.Pattern[str], new: str) -> None:
    """Replace the only match of a pattern in a file. Raise CourseError if there is none."""
    text, count = pattern.subn(new, file.read_text(encoding="utf-8"), count=1)
    if not count:
        raise CourseError(f"{file.name} has no line like {pattern.pattern}")
    file.write_text(text, encoding="utf-8")
