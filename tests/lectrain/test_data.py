"""The data sets: what is in them, where they are looked for, and what happens when a file is damaged."""

import doctest
import gzip
import hashlib
import os
import pickle
import shutil
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectrain import data

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "fashion-mnist"
SMALL = "t10k-labels-idx1-ubyte"
PUBLISHED = {  # as data/README.md has them: a table of its own, so that no single typo goes unnoticed
    "train-images-idx3-ubyte": (47040016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
    "train-labels-idx1-ubyte": (60008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
    "t10k-images-idx3-ubyte": (7840016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
    "t10k-labels-idx1-ubyte": (10008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty user cache, and no $LECTRAIN_DATA."""
    monkeypatch.setattr(data.pooch, "os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.delenv("LECTRAIN_DATA", raising=False)
    return tmp_path / "cache" / "lectrain"


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """The package installed from a wheel, used in a folder outside the course."""
    monkeypatch.setattr(data, "__file__", str(tmp_path / "site-packages" / "lectrain" / "data.py"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


@pytest.fixture
def sources(monkeypatch):
    """The paths that were read, in order."""
    seen = []
    read = data._read_gz
    monkeypatch.setattr(data, "_read_gz", lambda path, name: seen.append(path) or read(path, name))
    return seen


def copy_to(folder, name=SMALL):
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(SHIPPED / f"{name}.gz", folder))


def idx(array):
    """The bytes of the idx file that holds `array`."""
    return struct.pack(f">4B{array.ndim}i", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


# --- what is in them ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("cached", [False, True])
def test_fashion_mnist_is_the_published_one(split, cached):
    if cached:
        data.load_fashion_mnist(split)
    names = [name for name in data.SHA256 if name.startswith(data.PREFIXES[split])]
    for array, name in zip(data.load_fashion_mnist(split), names, strict=True):
        content = idx(array)
        assert (len(content), hashlib.sha256(content).hexdigest()) == PUBLISHED[name]


def test_the_readme_beside_the_files_says_the_same():
    readme = (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    for name, (size, digest) in PUBLISHED.items():
        assert f"| `{name}` | {size} | `{digest}` |" in readme
    assert "Copyright © 2017 Zalando SE" in readme


@pytest.mark.parametrize(("split", "n"), [("train", 60_000), ("test", 10_000)])
def test_fashion_mnist_has_the_documented_shapes(split, n):
    images, labels = data.load_fashion_mnist(split)
    assert (images.shape, images.dtype) == ((n, 28, 28), np.uint8)
    assert (labels.shape, labels.dtype) == ((n,), np.int64)
    assert np.bincount(labels).tolist() == [n // 10] * 10
    assert len(data.FASHION_NAMES) == 10


def test_arrays_may_be_changed_without_changing_the_next_load():
    for _ in range(3):  # from the .gz, then twice from the cache
        images, labels = data.load_fashion_mnist("test")
        assert images.any()
        assert labels.any()
        images[:], labels[:] = 0, 0


def test_an_unknown_split_is_named():
    with pytest.raises(ValueError, match="'validation'"):
        data.load_fashion_mnist("validation")


def test_iris_has_species_by_name():
    iris = data.load_iris()
    X, species, features = iris
    assert (X.shape, X.dtype) == ((150, 4), np.float64)
    assert (species.shape, species.dtype.kind) == ((150,), "U")
    assert {name: int((species == name).sum()) for name in set(species.tolist())} == {
        "setosa": 50,
        "versicolor": 50,
        "virginica": 50,
    }
    assert features == ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
    assert X[species == "setosa", 2].max() < X[species == "virginica", 2].min()  # rows and names belong together


@given(st.integers(0, 2**32), st.integers(1, 200), st.floats(0, 10))
def test_blobs_lie_where_they_are_said_to(seed, n, distance):
    X, labels = data.blobs(n, np.random.default_rng(seed), distance)
    assert X.shape == (n, 3)
    assert (X[:, 2] == 1).all()
    assert set(labels.tolist()) <= {0, 1}
    centre = distance / 8**0.5 * (2 * labels - 1)
    assert abs(X[:, :2] - centre[:, np.newaxis]).max() < 7  # a normal number beyond 7 comes once in 1e11


def test_blobs_are_as_far_apart_as_asked():
    X, labels = data.blobs(100_000, np.random.default_rng(541), distance=3.0)
    apart = X[labels == 1].mean(axis=0) - X[labels == 0].mean(axis=0)
    assert np.hypot(*apart[:2]) == pytest.approx(3.0, abs=0.02)


@given(st.integers(0, 2**32), st.integers(1, 200), st.floats(0.01, 10))
def test_separable_leaves_the_strip_empty(seed, n, margin):
    X, labels = data.separable(n, np.random.default_rng(seed), margin)
    assert X.shape == (n, 2)
    side = X.sum(axis=1) / 2**0.5 * (2 * labels - 1)
    assert side.min() >= margin * (1 - 1e-12)


@pytest.mark.parametrize("make", [data.blobs, data.separable])
def test_made_sets_depend_on_the_generator_alone(make):
    X, labels = make(50, np.random.default_rng(541))
    again, labels_again = make(50, np.random.default_rng(541))
    other, _ = make(50, np.random.default_rng(542))
    assert (again == X).all()
    assert (labels_again == labels).all()
    assert (other != X).any()
    assert labels.dtype == np.int64


# --- where they are looked for --------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["", "fashion-mnist"])
def test_lectrain_data_comes_first(inside, tmp_path, monkeypatch, sources):
    file = copy_to(tmp_path / "mine" / inside)
    copy_to(tmp_path / "course" / "data" / "fashion-mnist")
    monkeypatch.chdir(tmp_path / "course")
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path / "mine"))
    data._load(SMALL)
    assert sources == [file]


def test_then_the_course_above_the_working_directory(tmp_path, monkeypatch, sources):
    file = copy_to(tmp_path / "course" / "data" / "fashion-mnist")
    work = tmp_path / "course" / "notebooks" / "01"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path / "nothing here"))
    data._load(SMALL)
    assert sources == [file]


def test_then_the_repository_that_the_package_lies_in(tmp_path, monkeypatch, sources):
    monkeypatch.chdir(tmp_path)
    data._load(SMALL)
    assert sources == [SHIPPED / f"{SMALL}.gz"]


def test_then_the_user_cache(nowhere, cache, monkeypatch, sources):
    cache.mkdir(parents=True)
    labels = np.frombuffer(gzip.decompress((SHIPPED / f"{SMALL}.gz").read_bytes())[8:], np.uint8)
    np.save(cache / f"{SMALL}.npy", labels)
    monkeypatch.setattr(data.pooch, "retrieve", lambda *_, **__: pytest.fail("there was no need to download"))
    assert (data._load(SMALL) == labels).all()
    assert sources == []


def test_then_the_network_once(nowhere, monkeypatch):
    fetched = []

    def retrieve(url, known_hash, fname, path):
        fetched.append(url)
        return str(copy_to(Path(path)))

    monkeypatch.setattr(data.pooch, "retrieve", retrieve)
    assert (data._load(SMALL) == data._load(SMALL)).all()
    assert fetched == [f"{data.UPSTREAM}{SMALL}.gz"]


def test_without_network_the_message_says_what_to_do(nowhere, monkeypatch):
    def retrieve(*_, **__):
        raise ConnectionError("a long story\nin several lines")

    monkeypatch.setattr(data.pooch, "retrieve", retrieve)
    with pytest.raises(data.DataError) as failure:
        data._load(SMALL)
    message = str(failure.value)
    assert f"{SMALL}.gz" in message
    assert "LECTRAIN_DATA" in message
    assert "\n" not in message


def test_a_damaged_download_is_not_kept(nowhere, cache, monkeypatch):
    def retrieve(url, known_hash, fname, path):
        file = copy_to(Path(path))
        file.write_bytes(file.read_bytes()[:-100])
        return str(file)

    monkeypatch.setattr(data.pooch, "retrieve", retrieve)
    with pytest.raises(data.DataError, match="could not be downloaded"):
        data._load(SMALL)
    assert not cache.exists()


# --- damaged files --------------------------------------------------------------------------------------------------


def flip(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGE = {
    "truncated": lambda content: content[: len(content) // 2],
    "truncated in its last bytes": lambda content: content[:-3],
    "a bit flipped": flip,
    "empty": lambda content: b"",
    "not gzip": lambda content: gzip.decompress(content),
    "a web page": lambda content: b"<!DOCTYPE html><title>Sign in</title>",
    "another file, intact": lambda content: gzip.compress(idx(np.arange(10))),
    "gzip of nothing": lambda content: gzip.compress(b""),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("cached", [False, True])
def test_a_damaged_file_is_named_in_one_line(damage, cached, tmp_path, monkeypatch):
    file = copy_to(tmp_path / "fashion-mnist")
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path))
    if cached:
        data._load(SMALL)
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    later = os.stat(file).st_mtime + 10
    os.utime(file, (later, later))
    with pytest.raises(data.DataError) as failure:
        data._load(SMALL)
    message = str(failure.value)
    assert str(file) in message
    assert "damaged: copy it again" in message
    assert "\n" not in message


def test_a_notebook_shows_the_message_without_a_traceback():
    assert data.DataError("x.gz is damaged")._render_traceback_() == ["DataError: x.gz is damaged"]


def test_a_damaged_image_file_reaches_the_reader_of_the_public_function(tmp_path, monkeypatch):
    copy_to(tmp_path)
    images = copy_to(tmp_path, "t10k-images-idx3-ubyte")
    images.write_bytes(images.read_bytes()[:1_000_000])
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path))
    with pytest.raises(data.DataError, match=r"t10k-images-idx3-ubyte\.gz is damaged"):
        data.load_fashion_mnist("test")


# --- the cache ------------------------------------------------------------------------------------------------------


def np_bytes(array, folder, **options):
    np.save(folder / "made.npy", array, **options)
    return (folder / "made.npy").read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content, folder: content[:-7],
        lambda content, folder: b"",
        lambda content, folder: b"garbage",
        lambda content, folder: flip(content),
        lambda content, folder: np_bytes(np.zeros(10_000, np.uint8), folder),
        lambda content, folder: np_bytes(np.zeros((3, 3)), folder),
        lambda content, folder: np_bytes(np.array([{}], dtype=object), folder, allow_pickle=True),
        lambda content, folder: pickle.dumps([1, 2, 3]),
        lambda content, folder: content.replace(b"(10000,)", b"(99999,)"),
    ],
    ids=["truncated", "empty", "garbage", "a bit flipped", "zeros", "another shape", "objects", "pickle", "header"],
)
def test_a_damaged_cache_is_rebuilt_silently(damage, cache, tmp_path, capfd):
    good = data._load(SMALL)
    file = cache / f"{SMALL}.npy"
    whole = file.read_bytes()
    file.write_bytes(damage(whole, tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (data._load(SMALL) == good).all()
    assert file.read_bytes() == whole
    assert capfd.readouterr() == ("", "")


def test_the_cache_spares_the_decompression(sources):
    data._load(SMALL)
    data._load(SMALL)
    assert len(sources) == 1


def test_a_newer_file_is_read_again(tmp_path, monkeypatch, sources):
    file = copy_to(tmp_path)
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path))
    data._load(SMALL)
    later = os.stat(file).st_mtime + 10_000_000
    os.utime(file, (later, later))
    data._load(SMALL)
    assert sources == [file, file]


def test_works_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file where a folder should be: not even root can write below it")
    images, labels = data.load_fashion_mnist("test")
    assert len(images) == len(labels) == 10_000


def test_works_without_a_home(tmp_path, monkeypatch):
    monkeypatch.setattr(data.pooch, "os_cache", lambda name: Path("~/.cache") / name)  # what remains if nobody has one
    monkeypatch.chdir(tmp_path)
    assert len(data._load(SMALL)) == 10_000
    assert list(tmp_path.iterdir()) == []


def test_works_in_a_read_only_data_folder(tmp_path, monkeypatch):
    file = copy_to(tmp_path / "fashion-mnist")
    file.chmod(0o400)
    file.parent.chmod(0o500)
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path))
    try:
        assert len(data._load(SMALL)) == 10_000
        assert [path.name for path in file.parent.iterdir()] == [file.name]
    finally:
        file.parent.chmod(0o700)


def test_a_failed_write_leaves_nothing_behind(cache, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(data.os, "replace", full)
    assert len(data._load(SMALL)) == 10_000
    assert list(cache.iterdir()) == []


def test_processes_that_start_together_do_not_disturb_each_other(tmp_path):
    program = (
        "import pathlib, sys\n"
        "from lectrain import data\n"
        "data.pooch.os_cache = lambda name: pathlib.Path(sys.argv[1])\n"
        "for _ in range(20):\n"
        "    assert data._load(sys.argv[2]).sum() == 45_000\n"
        "    data._cache_file(sys.argv[2]).unlink(missing_ok=True)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "shared"), SMALL]
    together = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    for process in together:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors.decode()


# --- stored results -------------------------------------------------------------------------------------------------


def unsolved():
    raise NotImplementedError


def test_a_solved_exercise_takes_its_own_result(capsys):
    assert data.or_stored(lambda: "mine", "no/such/file") == "mine"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("given", ["environment", "working directory"])
def test_an_unsolved_one_takes_the_stored_numbers_and_says_so(given, tmp_path, monkeypatch, capsys):
    (tmp_path / "data" / "some").mkdir(parents=True)
    (tmp_path / "below").mkdir()
    np.save(tmp_path / "data" / "some" / "numbers.npy", np.arange(3))
    monkeypatch.chdir(tmp_path / "below")
    if given == "environment":
        monkeypatch.chdir("/")
        monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path / "data"))
    assert data.or_stored(unsolved, "some/numbers").tolist() == [0, 1, 2]
    assert "some/numbers" in capsys.readouterr().out


def test_stored_numbers_that_are_missing_are_named():
    with pytest.raises(data.DataError, match="some/numbers"):
        data.or_stored(unsolved, "some/numbers")


def test_a_mistake_is_not_papered_over():
    with pytest.raises(ZeroDivisionError):
        data.or_stored(lambda: 1 / 0, "some/numbers")


def test_examples_in_the_docstrings_hold():
    results = doctest.testmod(data)
    assert results.attempted >= 8
    assert results.failed == 0
