"""The layout of the code: imports have one direction, and files and folders have a maximum size."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

AUTOGRADER = REPOSITORY / "autograder"


def count_lines(*files: Path) -> int:
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def test_imports_have_one_direction():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_autograder_folder_has_at_most_14_entries():
    entries = {path.name for path in AUTOGRADER.iterdir() if path.name != "__pycache__"}
    assert len(entries) <= 14, sorted(entries)


def test_no_file_exceeds_its_maximum_length():
    files = [
        *AUTOGRADER.rglob("*.py"),
        *(REPOSITORY / "exercises").rglob("*.py"),
        *(REPOSITORY / "lectrain").rglob("*.py"),
        *(REPOSITORY / "benchmarks").glob("*.py"),
        *(REPOSITORY / "tests").rglob("*.py"),
    ]
    lengths = {str(file): count_lines(file) for file in files if file.name != "answers.py"}  # those are lists of cells
    assert {file: length for file, length in lengths.items() if length > 1000} == {}
    assert count_lines(*(REPOSITORY / "lectrain").glob("*.py")) <= 1400
