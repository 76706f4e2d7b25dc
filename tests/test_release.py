"""What students receive is up to date, works on its own, and holds no solution."""

import ast
import functools
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder import generated_notebooks, packed_files, release
from autograder.authoring.simulate import make_submission
from autograder.course import Course, CourseError
from autograder.submissions.hidden_tests import exercise_named_in
from autograder.tracked_files import tracked_files
from tests.conftest import REPOSITORY, exercises

INSTRUCTOR_ONLY = re.compile(
    r"BEGIN (SOLUTION|HIDDEN)|END (SOLUTION|HIDDEN)|from autograder|check\(\w+\)|Rubric", re.IGNORECASE
)
CHECK_OR_PLOT = re.compile(r"\b(plots|widgets)\.\w|\bchecking\(")


@pytest.fixture(scope="session")
def archive(repository, tmp_path_factory) -> Path:
    return release.write_students_zip(Course.at(repository), tmp_path_factory.mktemp("dist") / "students.zip")


@pytest.fixture(scope="session")
def unpacked(archive, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder / "lectrain"


PRIVATE = ("data/exam.csv", "lectrain/exam.py", "solutions/01-sigmoid/exam.txt")
PUBLISHED = ("LICENSE", "pyproject.toml", "requirements.txt", "nbgrader_config.py", "hatch_build.py", "data/README.md")
GUIDES = ("docs/student.md", "docs/self-study.md")


def make_small_clone(folder: Path) -> Path:
    """A clone with what the zips need, and with one notebook, because nbgrader takes seconds for all."""
    for file in tracked_files(REPOSITORY):
        is_needed = file.parts[0] == "lectrain" or file.parts[:2] == ("solutions", "01-sigmoid")
        if is_needed or file.as_posix() in (*PUBLISHED, *GUIDES):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / file, folder / file)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    return folder


def test_the_zip_contains_nothing_that_git_does_not_track_and_the_same_sources_give_the_same_zip(tmp_path):
    clone = make_small_clone(tmp_path / "clone")
    first = release.write_students_zip(Course.at(clone), tmp_path / "first.zip").read_bytes()
    for file in PRIVATE:
        (clone / file).write_text("# ONLY-FOR-THE-EXAM")
    assert release.write_students_zip(Course.at(clone), tmp_path / "again.zip").read_bytes() == first
    git(clone, "add", "-A")
    assert len(find_exams(clone, tmp_path)) == len(PRIVATE), "these files would not have been published anyway"


def test_a_link_that_git_tracks_is_not_published_and_git_must_be_installed(tmp_path, monkeypatch):
    (tmp_path / "exam.txt").touch()
    (tmp_path / "link.txt").symlink_to("exam.txt")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "link.txt")
    assert tracked_files(tmp_path) == []
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CourseError, match="install git"):
        tracked_files(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a clone to another account")
def test_a_clone_of_another_account_can_be_published(tmp_path):
    (tmp_path / "SECURITY.md").touch()
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    for path in [tmp_path, *tmp_path.rglob("*")]:
        os.chown(path, 65534, 65534)
    refused = subprocess.run(["git", "-C", str(tmp_path), "ls-files"], capture_output=True, text=True)
    assert "dubious ownership" in refused.stderr
    assert tracked_files(tmp_path) == [Path("SECURITY.md")]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True)


def find_exams(clone: Path, folder: Path) -> set[str]:
    """The files in the students' zip, and in the wheel in it, with the text of the exam."""
    found = set()
    with zipfile.ZipFile(release.write_students_zip(Course.at(clone), folder / "students.zip")) as opened:
        (wheel,) = (name for name in opened.namelist() if name.endswith(".whl"))
        with zipfile.ZipFile(io.BytesIO(opened.read(wheel))) as inner:
            for archive in (opened, inner):
                found |= {name for name in archive.namelist() if b"ONLY-FOR-THE-EXAM" in archive.read(name)}
    return found


def test_a_file_is_left_out_for_a_folder_below_and_not_above(tmp_path):
    folder = tmp_path / "__pycache__" / "course"
    for name in ("data.csv", "part/data.csv", "__pycache__/code.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    assert [*packed_files.files_in(folder)] == [folder / "data.csv", folder / "part/data.csv"]


def test_a_course_without_git_is_not_released(repository, tmp_path):
    shutil.copy(repository / "nbgrader_config.py", tmp_path)
    with pytest.raises(CourseError, match="only files that git tracks are published"):
        release.write_students_zip(Course.at(tmp_path), tmp_path / "students.zip")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    with pytest.raises(CourseError, match=f"run `git add` in {tmp_path}"):
        release.write_students_zip(Course.at(tmp_path), tmp_path / "students.zip")


def test_the_reason_why_a_notebook_is_rejected_is_named(repository, tmp_path):
    shutil.copy(repository / "nbgrader_config.py", tmp_path)
    broken = tmp_path / "solutions" / "01-sigmoid" / "01-sigmoid.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text("{")
    with pytest.raises(
        CourseError, match=r"cannot generate 01-sigmoid: .*JSONDecodeError: Expecting .* line 1 column 2"
    ):
        generated_notebooks.generate_assignment(Course.at(tmp_path), "01-sigmoid", tmp_path / "notebooks")


def read_notebooks(folder: Path) -> dict[str, nbformat.NotebookNode]:
    return {str(path.relative_to(folder)): nbformat.read(path, 4) for path in sorted(folder.rglob("*.ipynb"))}


def test_notebooks_are_up_to_date_with_the_solutions(repository, unpacked):
    committed, fresh = read_notebooks(repository / "notebooks"), read_notebooks(unpacked / "notebooks")
    assert committed.keys() == fresh.keys()
    for name in fresh:
        assert committed[name] == fresh[name], f"{name} is out of date: run make notebooks"


def test_released_notebooks_hold_no_solution_and_no_hidden_test(repository):
    for name, nb in read_notebooks(repository / "notebooks").items():
        for cell in nb.cells:
            assert not INSTRUCTOR_ONLY.search(cell.source), f"{name}: {cell.source}"
            assert not cell.get("outputs")


@functools.cache
def solution_lines(repository: Path) -> set[str]:
    """The lines of all solutions and model answers that identify them."""
    secrets = set()
    for nb in read_notebooks(repository / "solutions").values():
        for cell in nb.cells:
            marked = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.S)
            secrets |= {line.strip() for text in marked for line in text.splitlines() if len(line.strip()) > 12}
            if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution"):
                secrets |= {line.strip() for line in cell.source.splitlines() if len(line.strip()) > 30}
    secrets |= {sentence for exercise in exercises.values() for sentence in exercise.explanations.values()}
    # These lines occur in loops of several notebooks, as solutions and as given code.
    secrets -= {f"for _ in range({count}):" for count in ("num_epochs", "num_dirs")}
    assert len(secrets) > 20
    return secrets


def secrets_in(path: Path) -> set[str]:
    """The lines of solutions, model answers and explanations that a file contains."""
    text = path.read_text(encoding="utf-8")
    text = json.dumps(json.loads(text), ensure_ascii=False) if path.suffix in (".ipynb", ".json") else text
    return {secret for secret in solution_lines(REPOSITORY) if secret in text.replace('\\"', '"')}


def test_no_released_file_holds_a_solution(unpacked):
    """Search every file of the zip for every line between the solution marks. `test_self_study` proves that it finds."""
    searched = [path for path in unpacked.rglob("*") if path.suffix in (".ipynb", ".md", ".txt", ".py", ".json")]
    assert {path.name: found for path in searched if (found := secrets_in(path))} == {}
    assert not any("self-study" in path.name for path in unpacked.rglob("*"))


def test_the_wheel_holds_lectrain_alone(repository, unpacked):
    with zipfile.ZipFile(next(unpacked.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        tops = {name.split("/")[0] for name in names}
        text = b"".join(wheel.read(name) for name in names).decode(errors="ignore")  # with pictures
    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == {
        "lectrain"
    }  # .data holds a setting of JupyterLab
    modules = {f"lectrain/explorables/{file.name}" for file in (repository / "lectrain" / "explorables").iterdir()}
    assert modules <= names
    assert "import autograder" not in text
    assert "from autograder" not in text
    assert [secret for secret in solution_lines(repository) if secret in text] == []


def test_the_zip_holds_only_what_a_student_needs(unpacked):
    tops = {path.name for path in unpacked.iterdir()}
    assert {top for top in tops if not top.endswith(".whl")} == {"README.md", "requirements.txt", "notebooks", "data"}
    assert not any("autograder" in str(path) or "solutions" in str(path) for path in unpacked.rglob("*"))
    assert f"./{next(unpacked.glob('*.whl')).name}" in (unpacked / "requirements.txt").read_text()


@pytest.fixture(scope="session")
def students_python(unpacked, tmp_path_factory) -> Path:
    """A Python with the wheel of the zip and its dependencies, but without `autograder`."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    completed = run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], unpacked)
    # Add the packages of this environment without its .pth files, and so without the editable install.
    site_packages = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    Path(completed.stdout.strip(), "course.pth").write_text(f"import sys; sys.path.append({str(site_packages)!r})\n")
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*install, next(unpacked.glob("*.whl"))], check=True)
    return python


def run(command: list, folder: Path) -> subprocess.CompletedProcess:
    """Run a command without the PYTHONPATH of the tests, which may lead to `autograder`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_a_solved_notebook_validates_in_the_unpacked_zip(repository, unpacked, students_python):
    assert "ModuleNotFoundError" in run([students_python, "-c", "import autograder"], unpacked).stderr
    notebook = unpacked / "notebooks" / "01-sigmoid" / "sigmoid.ipynb"
    source = nbformat.read(repository / "solutions" / "01-sigmoid" / "sigmoid.ipynb", 4)
    nbformat.write(make_submission(source, {}), notebook)
    completed = run([students_python, "-m", "nbgrader", "validate", notebook.name], notebook.parent)
    assert "Success" in completed.stdout, completed.stdout + completed.stderr


def test_every_grade_cell_names_an_exercise_and_has_its_points(repository):
    named = []
    for name, nb in read_notebooks(repository / "solutions").items():
        for cell in nb.cells:
            metadata = cell.metadata.get("nbgrader", {})
            if metadata.get("grade") and cell.cell_type == "code":
                exercise = exercises[exercise_named_in(cell.source)]
                assert metadata["points"] == exercise.points, f"{name}: {exercise.name}"
                shown = re.findall(r"with checking\(.*, points=([\d.]+)\):", cell.source)
                assert [float(points) for points in shown] == [exercise.points] * cell.source.count("with checking(")
                named.append(exercise.name)
    assert sorted(named) == sorted(exercises)


def test_checks_count_the_answers_that_earn_points(repository):
    for name, nb in read_notebooks(repository / "solutions").items():
        code = [cell.source for cell in nb.cells if cell.cell_type == "code"]
        (counted,) = re.findall(r"^checking\.answers = (\[.*?\])", "\n".join(code), re.MULTILINE | re.DOTALL)
        assert ast.literal_eval(counted) == re.findall(r'with checking\("(\w+)", .*, points=', "\n".join(code)), name


@pytest.mark.parametrize("folder", ["solutions", "notebooks"])
def test_check_and_plot_cells_are_collapsed(repository, folder):
    for name, nb in read_notebooks(repository / folder).items():
        for cell in nb.cells:
            metadata = cell.metadata.get("nbgrader", {})
            is_shown = metadata.get("solution") or cell.cell_type == "markdown"
            if not is_shown and (metadata.get("grade") or CHECK_OR_PLOT.search(cell.source)):
                assert cell.metadata.get("jupyter", {}).get("source_hidden"), f"{name}: {cell.id}"


OPTION = re.compile(r"(?:^ *(?:\* )?|[|·?] )\*\*(\w)\*\*(.*?)(?= · | \||$)")  # of a list, of a table, or in a line


def plain(text: str) -> str:
    """Markdown as it is read, without the marks of emphasis, code and formulas."""
    for command, letter in {"alpha": "α", "epsilon": "ε", "kappa": "κ", "sigma": "σ"}.items():
        text = text.replace(f"\\{command}", letter)
    return re.sub(r"[*`${}]|\\mathbf|\\[,; ]", "", text).strip()


def options_of(question: str) -> dict[str, str]:
    """The Markdown of each option: "a" of a quiz or of blanks, "1: a" of question 1."""
    options, number = {}, ""
    for line in question.splitlines():
        number = f"{numbered[1]}: " if (numbered := re.match(r"(\d+)\. ", line)) else number
        options |= {number + letter: text for letter, text in OPTION.findall(line)}
    return options


def check_words(where: str, written: dict[str, str], options, form, words=()) -> None:
    """Check the arguments of `expect_answered` against the options that the question writes."""
    letters = options.values() if isinstance(options, dict) else options
    assert {key[-1] for key in written} == set("".join(letters)), where
    for key, meaning in dict(words).items():
        option = written.get(key) or written[key[-1]]
        assert plain(option).startswith(meaning.removesuffix(" …")), f"{where}: {key}"
    unsaid = {key for key, option in written.items() if key not in words and "$" not in option}
    assert not unsaid, f"{where}: {unsaid}"


def test_the_words_of_a_noted_letter_begin_its_option(repository):
    for name, nb in read_notebooks(repository / "solutions").items():
        question = ""
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                question = cell.source if "**a**" in cell.source else question
            elif "\nexpect_answered(" in cell.source:
                call = next(node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call))
                arguments = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
                check_words(f"{name}: {cell.id}", options_of(question), **arguments)


def test_a_release_does_not_go_on_without_a_line_that_it_replaces(tmp_path):
    (tmp_path / "requirements.txt").write_text("numpy\n")
    with pytest.raises(CourseError, match=r"requirements\.txt has no line like"):
        release._replace_once(tmp_path / "requirements.txt", release.EDITABLE, "./lectrain.whl")
