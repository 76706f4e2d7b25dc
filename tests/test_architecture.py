"""The layout of the code: imports have one direction, and the engine does not know the course."""

import re
import subprocess
import sys
from pathlib import Path

from autograder.judging.exercise_set import load_exercises
from tests.conftest import REPOSITORY

ENGINE_WORDS = {"diagnose", "prepare", "train", "counting"}  # ordinary words that are names of exercises, too


def test_imports_have_one_direction():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_engine_names_nothing_of_the_course():
    names = {*load_exercises("exercises"), *(path.name for path in (REPOSITORY / "solutions").iterdir())}
    names |= {path.stem for path in (REPOSITORY / "solutions").glob("*/*.ipynb")}
    course = re.compile(r"\b(" + "|".join(names - ENGINE_WORDS) + r")\b")
    assert course.search("python -m autograder grade 01-sigmoid"), "the search does not work"
    files = [*(REPOSITORY / "autograder").rglob("*.py"), *(REPOSITORY / "autograder").rglob("*.html*")]
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}: {match[0]}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (match := course.search(line))
    ]
    assert not found
