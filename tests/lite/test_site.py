"""The course for a browser: it contains everything that a notebook needs, and no answer."""

import sys
import zipfile
from pathlib import Path

import pytest

from autograder.course import Course
from tests.conftest import REPOSITORY
from tests.test_release import solution_lines

sys.path.insert(0, str(REPOSITORY / "docs" / "lite"))
import lite

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    pytest.importorskip("jupyterlite_core", reason='needs JupyterLite: pip install -e ".[lite]"')
    work = tmp_path_factory.mktemp("lite")
    lite.build(lite.stage(Course.at(REPOSITORY), "class", work), work / "lite", work / "site", "class")
    return work / "site"


def texts(site: Path) -> dict[str, str]:
    """The texts of all files, and of the files in the wheels."""
    found = {}
    for path in filter(Path.is_file, site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                found |= {f"{name}/{inner}": wheel.read(inner).decode("utf-8", "ignore") for inner in wheel.namelist()}
        elif path.suffix not in (".gz", ".npy"):
            found[name] = path.read_bytes().decode("utf-8", "ignore")
    return {name: text.replace('\\"', '"').replace("\\\\", "\\") for name, text in found.items()}


def test_the_site_contains_the_notebooks_and_no_answer(site):
    files = texts(site)
    assert {name for name in files if name.startswith("files/") and name.endswith(".ipynb")} == {
        f"files/{path.relative_to(REPOSITORY)}" for path in (REPOSITORY / "notebooks").glob("*/*.ipynb")
    }
    assert "service-worker.js" in files
    secrets = solution_lines(REPOSITORY)
    planted = {"planted": f"x = 1\n{next(iter(secrets))}\n"}
    assert [name for name, text in (files | planted).items() if any(secret in text for secret in secrets)] == [
        "planted"
    ]
    assert not any("self-study" in name for name in files)


def test_the_first_page_says_where_the_work_is_saved_and_links_to_each_notebook(site):
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "Saved in this browser only: download before you leave" in page
    for path in (REPOSITORY / "notebooks").glob("*/*.ipynb"):
        assert f'href="lab/index.html?path={path.relative_to(REPOSITORY)}"' in page
