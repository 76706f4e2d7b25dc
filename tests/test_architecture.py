"""The layout of the code: imports have one direction."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY


def test_imports_have_one_direction():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
