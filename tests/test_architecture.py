"""The layout of the code: imports go one way, and every file can be read in one sitting."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

AUTOGRADER = REPOSITORY / "autograder"


def lines_of(*files: Path) -> int:
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def test_imports_go_one_way():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_autograder_has_few_entries():
    names = {path.name for path in AUTOGRADER.iterdir() if path.name != "__pycache__"}
    assert len(names) <= 14, sorted(names)


def test_no_file_is_too_long():
    files = [
        *AUTOGRADER.rglob("*.py"),
        *(REPOSITORY / "lectrain").rglob("*.py"),
        *(REPOSITORY / "benchmarks").glob("*.py"),
    ]
    assert {str(file): lines_of(file) for file in files if lines_of(file) > 1000} == {}
    assert lines_of(*(REPOSITORY / "lectrain").glob("*.py")) <= 1200
    assert lines_of(*AUTOGRADER.glob("exercises/*/spec.py")) <= 3600
