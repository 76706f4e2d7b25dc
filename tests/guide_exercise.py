"""The example of an exercise in CONTRIBUTING.md, begun by its command and filled in with its texts."""

import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.conftest import REPOSITORY, make_course

GUIDE = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add an exercise")[2]
SPECIFICATION, ANSWERS, CHECK = (
    textwrap.dedent(block) for block in re.findall(r"^   ```python\n(.*?)^   ```", GUIDE, re.DOTALL | re.MULTILINE)
)
COMMAND = shlex.split(re.search(r"python -m autograder (new-exercise .*)", GUIDE)[1])
CHANGES = "# Changelog\n\n## 2\n\n### New\n\n**Notebooks**\n- Another line.\n\n## 1\n\n**Notebooks**\n- Old.\n"
SOLUTION = '''\
def odds(p):
    """The odds of an event. About 1 line.

    p: probabilities, an array of floats (n,), between 0 and 1.
    Returns the odds, an array of floats (n,).
    """
    ### BEGIN SOLUTION
    return p / (1 - p)
    ### END SOLUTION
'''


def make_course_of_the_guide(folder: Path, package: str = "exercises") -> Path:
    """A course with the notebook of the example, and with exercises that may be changed."""
    make_course(folder, "01-sigmoid")
    shutil.copytree(
        REPOSITORY / "exercises" / "sigmoid", folder / package / "sigmoid", ignore=shutil.ignore_patterns("__pycache__")
    )
    (folder / package / "__init__.py").touch()
    (folder / "CHANGELOG.md").write_text(CHANGES)
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a course."""
    command = [sys.executable, "-m", "autograder", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def fill_in(folder: Path) -> None:
    """Write the texts of the guide where the command has left room for them."""
    package = folder / "exercises" / "sigmoid"
    replace(package / "spec.py", r"# The odds of an event\..*?\n\nodds = .*?\n\)\n", f"# The odds.\n\n{SPECIFICATION}")
    replace(package / "answers.py", r"# %% wrong odds: .*?(?=# %% wrong predict_proba)", f"{ANSWERS}\n")
    cells = folder / "build" / "cells" / "odds.py"
    replace(cells, r"def odds.*?### END SOLUTION\n", SOLUTION)
    replace(cells, r"# ▸ Check: odds\n.*", CHECK)
    replace(cells, r"FILL IN[^\n]*", "What are the odds of a likely event?", count=3)


def replace(file: Path, pattern: str, text: str, count: int = 1) -> None:
    """Replace a text that must be there."""
    changed, found = re.subn(pattern, lambda _: text, file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found == count, pattern
    file.write_text(changed, encoding="utf-8")
