"""Files and folders are replaced as a whole or not at all."""

import os
import pwd
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.grading.locks import locked
from autograder.grading.replacing import replaced_folder, write_atomically


def test_a_file_is_replaced_and_gets_its_permissions(tmp_path):
    file = tmp_path / "page.html"
    file.write_text("old")
    write_atomically(file, "new ✓\r\n", 0o640)
    assert file.read_bytes() == "new ✓\r\n".encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_a_private_file_is_private_while_it_is_written(tmp_path, monkeypatch):
    modes, write = [], Path.write_bytes

    def write_bytes(draft, content):
        write(draft, content)
        modes.append(draft.stat().st_mode & 0o777)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    write_atomically(tmp_path / "links.csv", "secret", 0o600)
    assert modes == [0o600]


def test_threads_may_write_the_same_file(tmp_path):
    file, texts = tmp_path / "page.html", ["a" * 10_000, "b" * 10_000]

    def write(text):
        for _ in range(100):
            write_atomically(file, text)

    with ThreadPoolExecutor() as executor:
        list(executor.map(write, texts))
    assert file.read_text() in texts
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_written_stays_as_it_is(tmp_path):
    file = tmp_path / "page.html"
    file.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(file, "\udcff")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_is_replaced_at_the_end_of_the_block_also_after_a_kill(tmp_path):
    target = tmp_path / "folder"
    for leftover in (target / "old", tmp_path / ".folder.new" / "half"):
        leftover.parent.mkdir()
        leftover.touch()
    with replaced_folder(target) as draft:
        (draft / "new").touch()
        assert names_in(target) == ["old"]
    assert names_in(target) == ["new"]
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("link", ["elsewhere", "nowhere", None])
def test_a_file_or_a_link_in_its_place_is_replaced_and_what_it_leads_to_stays(tmp_path, link):
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "folder"
    target.symlink_to(link) if link else target.touch()
    for _ in range(2):
        with replaced_folder(target) as draft:
            (draft / "new").touch()
    assert names_in(target) == ["new"]
    assert names_in(tmp_path) == ["elsewhere", "folder"]


def test_two_writers_with_a_lock_replace_it_one_after_the_other(tmp_path):
    target, is_open = tmp_path / "folder", threading.Event()

    def write_second():
        is_open.wait()
        with locked(target), replaced_folder(target) as draft:
            (draft / "second").touch()

    thread = threading.Thread(target=write_second)
    thread.start()
    with locked(target), replaced_folder(target) as draft:
        is_open.set()
        thread.join(0.2)
        (draft / "first").touch()
    thread.join()
    assert names_in(target) == ["second"]


def test_if_the_new_folder_cannot_be_put_into_place_the_old_one_stays(tmp_path, monkeypatch):
    target, rename = tmp_path / "folder", os.rename
    target.mkdir()
    (target / "old").touch()

    def rename_or_fail(source, end):
        if source.name.endswith(".new"):
            raise OSError("Input/output error")
        rename(source, end)

    monkeypatch.setattr(os, "rename", rename_or_fail)
    with pytest.raises(OSError, match="Input/output error"), replaced_folder(target):
        pass
    assert names_in(target) == ["old"]
    assert list(tmp_path.iterdir()) == [target]


def test_the_old_folder_is_put_back_after_a_kill(tmp_path):
    target = tmp_path / "folder"
    (tmp_path / ".folder.old").mkdir()
    (tmp_path / ".folder.old" / "old").touch()
    with pytest.raises(KeyboardInterrupt), replaced_folder(target):
        raise KeyboardInterrupt
    assert names_in(target) == ["old"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_closed_to_its_own_account_is_replaced_again_and_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if os.geteuid() == 0:  # nothing is closed to root
        os.chown(tmp_path, pwd.getpwnam("nobody").pw_uid, -1)
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        for _ in range(3):
            with replaced_folder(Path("hw")) as draft:
                (draft / "closed" / "inner").mkdir(parents=True)
                (draft / "closed").chmod(0)
        assert os.listdir() == ["hw"]
    finally:
        os.seteuid(os.getuid())
