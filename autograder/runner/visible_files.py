"""The files that are visible in the sandbox: the course's, the grader's modules, and those of Python and the system.

This module runs in the grader. In the sandbox, `REPOSITORY` and the paths made from it would be wrong.
"""

import os
import sys
from pathlib import Path

RUNNER_FOLDER = Path(__file__).resolve().parent
REPOSITORY = RUNNER_FOLDER.parent.parent

# Most results that are stored in `data/` come from a solution, and some weights would solve `train`. Only those are
# visible that cells outside demonstrations load: without them, such a cell would fail, also in a right notebook.
_VISIBLE_DATA_FILE = REPOSITORY / "data" / "visible-while-grading.txt"
VISIBLE_DATA = _VISIBLE_DATA_FILE.read_text(encoding="utf-8").split() if _VISIBLE_DATA_FILE.exists() else []
# a path inside the sandbox, and the file or folder that is visible there
COURSE_FILES = {
    "course/lectrain": REPOSITORY / "lectrain",
    **{f"course/data/{name}": REPOSITORY / "data" / name for name in VISIBLE_DATA},
}
# All of `autograder` that runs in the sandbox. There, `autograder` and `runner` have no `__init__.py`: what the grader
# imports from `runner/__init__.py`, these modules cannot.
SANDBOXED_MODULES = (
    *("values", "factories", "call_memory", "probe"),
    *("runner/cells", "runner/shell", "runner/cell_outputs", "runner/lines_below"),
    *("runner/zygote", "runner/student_process", "runner/protocol", "runner/scratch"),
    *("runner/confinement", "runner/landlock", "runner/seccomp"),
)
# A path inside the sandbox, and the file that is visible there. Landlock hides `grader/` from the students' processes;
# only the fork server reads it.
GRADER_FILES = {f"grader/autograder/{name}.py": RUNNER_FOLDER.parent / f"{name}.py" for name in SANDBOXED_MODULES}
SYSTEM_PATHS = (
    *("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store"),
    *("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"),
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def package_folders() -> list[str]:
    """Return the folders of the installed packages. They have the same paths inside the sandbox."""
    return [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]


def system_paths() -> list[str]:
    """Return the files and folders that Python and its packages need. They have the same paths inside the sandbox."""
    python = [os.path.realpath(sys.executable), f"{sys.base_prefix}/lib"]
    return [path for path in dict.fromkeys([*SYSTEM_PATHS, *python, *package_folders()]) if os.path.exists(path)]


def find_visible(path: Path) -> str | None:
    """Return the visible file or folder that contains a path, if there is one: student code could then read it."""
    real = path.resolve()
    shown = readable_paths(are_mounted=False)
    return next((each for each in shown if real.is_relative_to(os.path.realpath(each))), None)


def link_files(root: Path) -> None:
    """Make links in a folder to the files that bubblewrap would mount, and an empty scratch folder."""
    for path, source in {**COURSE_FILES, **GRADER_FILES}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(source)
    (root / "scratch").mkdir()


def readable_paths(*, are_mounted: bool) -> list[str]:
    """Return the files and folders that Landlock lets a student's process read, where bubblewrap mounts them or not."""
    course = [f"/{path}" if are_mounted else str(source) for path, source in COURSE_FILES.items()]
    return [*system_paths(), *course, *DEVICES]
