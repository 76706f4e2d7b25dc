"""Files and folders are replaced as a whole or not at all."""

from contextlib import contextmanager

import pytest

from autograder.grading.replacing import replaced_folder, write_atomically


def test_a_file_is_replaced_and_gets_its_permissions(tmp_path):
    file = tmp_path / "page.html"
    file.write_text("old")
    write_atomically(file, "new ✓\r\n", 0o640)
    assert file.read_bytes() == "new ✓\r\n".encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_stays_as_it_is(tmp_path):
    file = tmp_path / "page.html"
    file.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(file, "\udcff")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_is_replaced_at_the_end_of_the_block_while_the_guard_is_held(tmp_path):
    target, held = tmp_path / "folder", []
    target.mkdir()
    (target / "old").touch()

    @contextmanager
    def guard():
        held.append(sorted(path.name for path in target.iterdir()))
        yield
        held.append(sorted(path.name for path in target.iterdir()))

    with replaced_folder(target, guard()) as draft:
        (draft / "new").touch()
        assert held == []
    assert held == [["old"], ["new"]]
    assert list(tmp_path.iterdir()) == [target]


def test_after_an_error_the_folder_is_as_before(tmp_path):
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old").touch()
    with pytest.raises(FileNotFoundError), replaced_folder(target) as draft:
        (draft / "no such folder" / "new").touch()
    assert [path.name for path in target.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [target]


def test_the_draft_of_a_killed_run_is_removed(tmp_path):
    target = tmp_path / "folder"
    (tmp_path / ".folder.new").mkdir()
    (tmp_path / ".folder.new" / "half").touch()
    with replaced_folder(target) as draft:
        assert list(draft.iterdir()) == []
    assert list(tmp_path.iterdir()) == [target]
