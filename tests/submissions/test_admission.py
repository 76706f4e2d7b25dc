"""Only the notebooks of a submission are copied, whatever its student puts into the folder, and at whatever moment."""

import os
import tracemalloc
from pathlib import Path, PurePosixPath

import pytest

from autograder.submissions import admission, opened_files
from autograder.submissions.admission import admit, admit_files
from autograder.submissions.refusals import Problem, Refused

MAX_BYTES = 1_000_000
OWN = "# the student's own"
SECRET = "# the solution"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A submission with one notebook."""
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "sigmoid.ipynb").write_text(OWN)
    (tmp_path / "copy").mkdir()
    (tmp_path / "solution.ipynb").write_text(SECRET)
    return tmp_path / "submission"


def copied(folder: Path, **options) -> dict[str, str]:
    """Admit a submission, and return the text of each copied file."""
    target = folder.parent / "copy"
    admit(folder, target, **{"max_bytes": MAX_BYTES, **options})
    return {path.relative_to(target).as_posix(): path.read_text() for path in target.rglob("*") if path.is_file()}


def problem_of(folder: Path, **options) -> Problem:
    with pytest.raises(Refused) as refusal:
        copied(folder, **options)
    return refusal.value.problem


def test_notebooks_archives_and_modules_are_copied_and_nothing_else(folder):
    for name in ("a/b/inner.ipynb", "all.ZIP", "helper.py", "evil.html", ".hidden/x.ipynb", "x.ipynb/note.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(OWN)
    assert set(copied(folder)) == {"sigmoid.ipynb", "a/b/inner.ipynb", "all.ZIP", "helper.py"}


def test_the_time_is_that_of_the_latest_change(folder):
    os.utime(folder / "sigmoid.ipynb", (0, 0))
    changed = admit(folder, folder.parent / "copy", MAX_BYTES)
    assert changed >= (folder / "sigmoid.ipynb").stat().st_ctime > (folder / "sigmoid.ipynb").stat().st_mtime == 0


def test_chosen_files_are_copied_under_other_names(folder):
    files = {"other/name.ipynb": PurePosixPath("submission/sigmoid.ipynb")}
    admit_files(folder.parent, files, folder.parent / "copy", MAX_BYTES, None)
    assert (folder.parent / "copy" / "other" / "name.ipynb").read_text() == OWN


@pytest.mark.parametrize("number", [1, 2])  # the call that fails: for the folder, and for the notebook
def test_nothing_is_refused_if_the_machine_has_no_descriptor_left(folder, fail_to_open, number):
    fail_to_open(number)
    with pytest.raises(OSError, match="Too many open files"):
        admit(folder, folder.parent / "copy", MAX_BYTES)


@pytest.mark.parametrize(("create", "problem"), [
    (lambda other, outside: other.symlink_to(outside / "solution.ipynb"), Problem.NOT_A_FILE),
    (lambda other, outside: other.symlink_to(outside / "copy"), Problem.NOT_A_FILE),
    (lambda other, outside: other.symlink_to(outside / "nowhere"), Problem.NOT_A_FILE),
    (lambda other, outside: os.mkfifo(other), Problem.NOT_A_FILE),
    (lambda other, outside: os.link(outside / "solution.ipynb", other), Problem.HARD_LINK),
], ids=["link to a file", "link to a folder", "broken link", "pipe", "hard link"])  # fmt: skip
@pytest.mark.attack("hand-ins")
def test_what_is_not_a_file_of_the_submission_alone_is_refused(folder, create, problem):
    create(folder / "other.ipynb", folder.parent)
    assert problem_of(folder) is problem


@pytest.mark.attack("hand-ins")
def test_a_submission_that_is_a_link_is_not_read(folder):
    (folder.parent / "link").symlink_to(folder)
    assert problem_of(folder.parent / "link") is Problem.UNREADABLE


@pytest.mark.attack("hand-ins")
def test_files_of_other_accounts_are_refused(folder):
    assert problem_of(folder, owners={os.geteuid() + 1}) is Problem.FOREIGN_FILE


@pytest.mark.parametrize(("max_bytes", "problem"), [(MAX_BYTES, Problem.SIZE), (10**9, Problem.HOLES)])
@pytest.mark.attack("hand-ins")
def test_a_large_file_is_refused_before_it_is_copied_and_so_is_a_sparse_one(folder, max_bytes, problem):
    with (folder / "large.ipynb").open("wb") as file:
        file.truncate(700_000_000)
    assert (folder / "large.ipynb").stat().st_blocks < 100, "the file has a hole"
    assert problem_of(folder, max_bytes=max_bytes) is problem
    assert not (folder.parent / "copy" / "large.ipynb").exists()


def test_a_submission_without_a_notebook_is_refused(folder):
    (folder / "sigmoid.ipynb").rename(folder / "sigmoid.pdf")
    assert problem_of(folder) is Problem.EMPTY


@pytest.mark.attack("hand-ins")
def test_very_many_folders_cost_as_much_as_a_few(folder, monkeypatch):
    monkeypatch.setattr(opened_files, "MAX_ENTRIES", 200)
    for number in range(2000):
        (folder / f"{number}").mkdir()
    real, looked_at = os.stat, []
    monkeypatch.setattr(os, "stat", lambda path, **options: looked_at.append(path) or real(path, **options))
    tracemalloc.start()
    assert problem_of(folder) is Problem.ENTRIES
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()
    assert 100 < len(looked_at) <= 200


# --- a student who is quick: each of these exchanges a file between two steps of the copy --------------------------


def before(monkeypatch, name: str, action) -> list[str]:
    """Do something once before a function of the admission is called. Return the names of the calls."""
    real, done = getattr(admission, name), []

    def act_then_call(*arguments, **options):
        if not done:
            done.append(name)
            action()
        return real(*arguments, **options)

    monkeypatch.setattr(admission, name, act_then_call)
    return done


def put_link(folder: Path) -> None:
    (folder / "sigmoid.ipynb").rename(folder.parent / "own.ipynb")
    (folder / "sigmoid.ipynb").symlink_to(folder.parent / "solution.ipynb")
    assert (folder / "sigmoid.ipynb").read_text() == SECRET, "the link works"


@pytest.mark.attack("hand-ins")
def test_a_file_that_becomes_a_link_before_it_is_opened_is_not_copied(folder, monkeypatch):
    done = before(monkeypatch, "opened_file", lambda: put_link(folder))
    assert problem_of(folder) is Problem.UNREADABLE
    assert done
    assert not list((folder.parent / "copy").iterdir())


@pytest.mark.parametrize("step", ["check_file", "_read_blocks"])
@pytest.mark.attack("hand-ins")
def test_a_file_that_becomes_a_link_after_it_was_opened_is_the_students_own(folder, monkeypatch, step):
    done = before(monkeypatch, step, lambda: put_link(folder))
    assert copied(folder) == {"sigmoid.ipynb": OWN}
    assert done


@pytest.mark.attack("hand-ins")
def test_a_folder_that_becomes_a_link_before_it_is_opened_is_not_entered(folder, monkeypatch):
    (folder / "inner").mkdir()
    (folder.parent / "solutions").mkdir()
    (folder.parent / "solutions" / "secret.ipynb").write_text(SECRET)
    real, done = opened_files.opened_folder, []

    def exchange_then_open(path, inside=None):
        if path == "inner":
            done.append(path)
            (folder / "inner").rmdir()
            (folder / "inner").symlink_to(folder.parent / "solutions")
        return real(path, inside)

    monkeypatch.setattr(opened_files, "opened_folder", exchange_then_open)
    assert problem_of(folder) is Problem.UNREADABLE
    assert done
    assert not list((folder.parent / "copy").rglob("secret.ipynb"))


@pytest.mark.attack("hand-ins")
def test_a_file_that_grows_while_it_is_copied_is_copied_as_it_was_checked(folder, monkeypatch):
    done = before(monkeypatch, "_read_blocks", lambda: (folder / "sigmoid.ipynb").write_text(OWN + "x" * MAX_BYTES))
    assert copied(folder) == {"sigmoid.ipynb": OWN}
    assert done


@pytest.mark.attack("hand-ins")
def test_a_change_while_a_file_is_copied_counts_as_its_time(folder, monkeypatch):
    done = before(monkeypatch, "_read_blocks", lambda: os.utime(folder / "sigmoid.ipynb", (0, 0)))
    changed = admit(folder, folder.parent / "copy", MAX_BYTES)
    assert done
    assert changed == (folder / "sigmoid.ipynb").stat().st_ctime
