"""Build the course for a browser in ``build/lite/``: JupyterLite with the students' notebooks. ``make lite`` runs this.

The notebooks, the data and the package `lectrain` are those of the zip for students, which `autograder.release` makes.
The result is a folder of static files for any web server. A reader's browser loads Python itself, Pyodide, from its
public address.
"""

import argparse
import base64
import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder import packed_files, release
from autograder.authoring import self_study
from autograder.course import Course

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "docs" / "site"))
from build import LITE_MARKER, read_facts  # noqa: E402

PYTHON = Path(sys.executable)
# With Python 3.12 and NumPy 2.0. A newer Pyodide must first be run by `tests/lite`, which has a copy of this one.
PYODIDE_VERSION = "0.27.7"
PYODIDE = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE_VERSION}/full/pyodide.js"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
WIDGETS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
LABEXTENSIONS = "share/jupyter/labextensions"  # those of nbgrader, which need a server, are left out
PACKED = ("comm", "ipywidgets", "typing_extensions", "psygnal", "anywidget")  # those that Pyodide may not have
WHEELS = "wheels"
FROM_KERNEL = "../../../.."  # from the script of the kernel, which loads the wheels, to the top of the site


def stage(course: Course, edition: str, folder: Path) -> Path:
    """Unpack the zip of an edition, and return the folder with `notebooks/`, `data/` and the wheel."""
    write = self_study.write_zip if edition == "self-study" else release.write_students_zip
    with zipfile.ZipFile(write(course, folder / "students.zip", [HERE / "browser.py"])) as archive:
        archive.extractall(folder)
    return folder / "lectrain"


def pack_wheel(name: str, folder: Path) -> Path:
    """Pack an installed distribution as a wheel of its Python files again, so that a build needs no network."""
    distribution = importlib.metadata.distribution(name)
    wheel = folder / f"{name}-{distribution.version}-py3-none-any.whl"
    record = []
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in distribution.files or []:
            belongs = Path(file.parts[0]).stem == name or file.parts[0].endswith(".dist-info")
            if belongs and file.suffix not in (".pyc", ".so") and file.name != "RECORD":
                content = file.locate().read_bytes()
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
                record.append(f"{file.as_posix()},sha256={digest},{len(content)}")
                packed_files.add_to_zip(archive, file.as_posix(), content)
        packed_files.add_to_zip(archive, f"{name}-{distribution.version}.dist-info/RECORD", "\n".join(record).encode())
    return wheel


def build(students: Path, lite: Path, output: Path, edition: str, pyodide: str = PYODIDE) -> None:
    """Build the site of what `stage` has returned. JupyterLite reads the folder `lite`, and writes `output`.

    The address of `pyodide.js` is relative to the site or whole. Raise CalledProcessError if JupyterLite fails.
    """
    contents, wheels = lite / "contents", output / WHEELS
    contents.mkdir(parents=True)
    for name in ("notebooks", "data"):
        shutil.move(students / name, contents / name)
    packed = [*(pack_wheel(name, lite) for name in PACKED), *students.glob("lectrain-*.whl")]
    packages = ["numpy", "matplotlib", *(f"{FROM_KERNEL}/{WHEELS}/{wheel.name}" for wheel in packed)]
    kernel = {"pyodideUrl": pyodide, "loadPyodideOptions": {"packages": packages}}
    settings = {"appName": "lectrain", "litePluginSettings": {f"{KERNEL}:kernel": kernel}}
    (lite / "jupyter-lite.json").write_text(
        json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}, indent=1)
    )
    shutil.copy(HERE / "overrides.json", lite)
    places = [PYTHON.parents[1] / LABEXTENSIONS / name for name in (*WIDGETS, KERNEL)]
    config = {
        "contents": ["contents"],
        "apps": ["lab"],
        "no_sourcemaps": True,
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": list(map(str, places)),
    }
    (lite / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": config}, indent=1))
    command = [str(PYTHON.with_name("jupyter-lite")), "build", "--lite-dir", str(lite), "--output-dir", str(output)]
    subprocess.run(command, cwd=lite, check=True, capture_output=True, text=True)
    wheels.mkdir()
    for wheel in packed:
        shutil.copy(wheel, wheels)
    (output / "index.html").write_text(home_page(contents / "notebooks", edition), encoding="utf-8")
    (output / LITE_MARKER).write_text(json.dumps({"edition": edition}))


def home_page(notebooks: Path, edition: str) -> str:
    """The first page: what is saved where, and a link to each notebook."""
    environment = Environment(loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=True)
    return environment.get_template("home.html").render(notebooks=read_facts(notebooks), is_graded=edition == "class")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edition", choices=("class", "self-study"), default="class")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "lite", help="the folder to write; it is replaced")
    parser.add_argument(
        "--pyodide", metavar="URL", default=PYODIDE, help="another address of pyodide.js, such as ./pyodide/pyodide.js"
    )
    arguments = parser.parse_args()
    if any(arguments.to.glob("*")) and not (arguments.to / LITE_MARKER).is_file():
        parser.error(f"{arguments.to} is not an earlier result: give --to a new folder")
    with tempfile.TemporaryDirectory(prefix="lite-") as scratch:
        output = Path(scratch) / "output"
        students = stage(Course.at(ROOT), arguments.edition, Path(scratch))
        try:
            build(students, Path(scratch) / "lite", output, arguments.edition, arguments.pyodide)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{error.stdout}{error.stderr}")
        shutil.rmtree(arguments.to, ignore_errors=True)
        shutil.copytree(output, arguments.to)
    print(arguments.to / "index.html")


if __name__ == "__main__":
    main()
