"""The data sets: their contents, the folders that are searched, and damaged files."""

import gzip
import hashlib
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pooch
import pytest
from sklearn import datasets

from lectrain import data

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "fashion-mnist"
SMALL = "t10k-labels-idx1-ubyte"
PUBLISHED = {  # copied from data/README.md, independent of data.SHA256, so that a typo in either is noticed
    "train-images-idx3-ubyte": (47040016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
    "train-labels-idx1-ubyte": (60008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
    "t10k-images-idx3-ubyte": (7840016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
    "t10k-labels-idx1-ubyte": (10008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty user cache, and no $LECTRAIN_DATA."""
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.delenv("LECTRAIN_DATA", raising=False)
    return tmp_path / "cache" / "lectrain"


@pytest.fixture
def outside_the_course(tmp_path, monkeypatch):
    """`lectrain` is installed from a wheel, and the working directory is outside the course."""
    monkeypatch.setattr(data, "__file__", str(tmp_path / "site-packages" / "lectrain" / "data.py"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")


@pytest.fixture
def paths_read(monkeypatch):
    """The files that were read, in order."""
    paths = []
    read = data._read
    monkeypatch.setattr(data, "_read", lambda file, name: paths.append(file) or read(file, name))
    return paths


def copy_to(folder, name=SMALL):
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(SHIPPED / f"{name}.gz", folder))


def idx(array):
    """`array` in the idx format, as bytes."""
    return struct.pack(f">4B{array.ndim}i", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


# --- contents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", ["train", "test"])
def test_fashion_mnist_equals_the_published_files(split):
    names = [name for name in data.SHA256 if name.startswith(data.PREFIXES[split])]
    images, labels = data.load_fashion_mnist(split)
    assert (images.dtype, labels.dtype, labels.max() + 1) == (np.uint8, np.int64, len(data.FASHION_NAMES))
    for array, name in zip((images, labels), names, strict=True):
        content = idx(array)
        assert (len(content), hashlib.sha256(content).hexdigest()) == PUBLISHED[name]


def test_the_readme_lists_the_published_sizes_and_hashes():
    readme = (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    for name, (size, digest) in PUBLISHED.items():
        assert f"| `{name}` | {size} | `{digest}` |" in readme
    assert "Copyright © 2017 Zalando SE" in readme


def test_modifying_the_arrays_does_not_affect_the_next_load():
    for _ in range(2):
        images, labels = data.load_fashion_mnist("test")
        assert images.any()
        assert labels.any()
        images[:], labels[:] = 0, 0


def test_an_unknown_split_is_rejected_by_name():
    with pytest.raises(ValueError, match="'validation'"):
        data.load_fashion_mnist("validation")


def test_iris_has_measurements_and_named_species():
    X, species = data.load_iris()
    assert (X.shape, X.dtype) == ((150, 4), np.float64)
    assert (species.shape, species.dtype.kind) == ((150,), "U")
    assert {name: int((species == name).sum()) for name in set(species.tolist())} == {
        "setosa": 50,
        "versicolor": 50,
        "virginica": 50,
    }
    table = datasets.load_iris()
    assert (table.data == X).all()
    assert (table.target_names[table.target] == species).all()
    assert table.feature_names == ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
    assert X[species == "setosa", 2].max() < X[species == "virginica", 2].min()  # rows and names belong together


# --- the order of the search ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["", "fashion-mnist"])
def test_lectrain_data_is_searched_first(inside, tmp_path, monkeypatch, paths_read):
    file = copy_to(tmp_path / "mine" / inside)
    copy_to(tmp_path / "course" / "data" / "fashion-mnist")
    monkeypatch.chdir(tmp_path / "course")
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path / "mine"))
    data._load(SMALL)
    assert paths_read == [file]


def test_the_course_above_the_working_directory_is_searched_second(tmp_path, monkeypatch, paths_read):
    file = copy_to(tmp_path / "course" / "data" / "fashion-mnist")
    work = tmp_path / "course" / "notebooks" / "01"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path / "no such folder"))
    data._load(SMALL)
    assert paths_read == [file]


def test_the_repository_of_the_package_is_searched_third(tmp_path, monkeypatch, paths_read):
    monkeypatch.chdir(tmp_path)
    data._load(SMALL)
    assert paths_read == [SHIPPED / f"{SMALL}.gz"]


def test_the_user_cache_is_used_if_no_file_is_found(outside_the_course, cache, monkeypatch, paths_read):
    file = copy_to(cache)
    monkeypatch.setattr(pooch.core, "stream_download", lambda *_, **__: pytest.fail("downloaded in spite of the cache"))
    assert len(data._load(SMALL)) == 10_000
    assert paths_read == [file]


def test_a_download_is_the_last_resort_and_happens_once(outside_the_course, monkeypatch):
    urls = []

    def download(url, fname, *_, **__):
        urls.append(url)
        copy_to(Path(fname).parent)

    monkeypatch.setattr(pooch.core, "stream_download", download)
    assert (data._load(SMALL) == data._load(SMALL)).all()
    assert urls == [f"{data.UPSTREAM}{SMALL}.gz"]


def test_a_failed_download_is_reported_in_one_line_with_a_remedy(outside_the_course, monkeypatch):
    def retrieve(*_, **__):
        raise ConnectionError("a message\nof several lines")

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(data.DataError) as failure:
        data._load(SMALL)
    message = str(failure.value)
    assert f"{SMALL}.gz" in message
    assert "LECTRAIN_DATA" in message
    assert "\n" not in message


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
def test_a_damaged_file_is_reported_in_one_line(damage, tmp_path, monkeypatch):
    file = copy_to(tmp_path / "fashion-mnist")
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path))
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    assert_reported_as_damaged(file)


@pytest.mark.parametrize("damage", ["truncated", "a bit flipped", "empty", "a web page", "another file, intact"])
def test_a_damaged_download_is_reported_in_one_line(damage, outside_the_course, cache):
    file = copy_to(cache)
    file.write_bytes(DAMAGE[damage](file.read_bytes()))
    assert_reported_as_damaged(file)


def assert_reported_as_damaged(file):
    with pytest.raises(data.DataError) as failure:
        data._load(SMALL)
    message = str(failure.value)
    assert str(file) in message
    assert "damaged: copy it again" in message
    assert "\n" not in message


def test_a_notebook_shows_the_message_without_a_traceback():
    assert data.DataError("x.gz is damaged")._render_traceback_() == ["DataError: x.gz is damaged"]


def test_load_fashion_mnist_reports_a_damaged_file(tmp_path, monkeypatch):
    copy_to(tmp_path)
    images = copy_to(tmp_path, "t10k-images-idx3-ubyte")
    images.write_bytes(images.read_bytes()[:1_000_000])
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path))
    with pytest.raises(data.DataError, match=r"t10k-images-idx3-ubyte\.gz is damaged"):
        data.load_fashion_mnist("test")


def test_data_loads_from_a_read_only_folder_without_pooch(tmp_path, cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)  # as in a browser
    file = copy_to(tmp_path / "fashion-mnist")
    file.chmod(0o400)
    file.parent.chmod(0o500)
    monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path))
    try:
        assert len(data._load(SMALL)) == 10_000
        assert [path.name for path in file.parent.iterdir()] == [file.name]
        assert not cache.exists()
    finally:
        file.parent.chmod(0o700)


# --- stored results -------------------------------------------------------------------------------------------------


def unsolved():
    raise NotImplementedError


def test_a_solved_exercise_uses_its_own_result(capsys):
    assert data.or_stored(lambda: "mine", "no/such/file") == "mine"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("found_through", ["environment", "working directory"])
def test_an_unsolved_exercise_uses_the_stored_numbers_with_a_notice(found_through, tmp_path, monkeypatch, capsys):
    (tmp_path / "data" / "some").mkdir(parents=True)
    (tmp_path / "below").mkdir()
    np.save(tmp_path / "data" / "some" / "numbers.npy", np.arange(3))
    monkeypatch.chdir(tmp_path / "below")
    if found_through == "environment":
        monkeypatch.chdir("/")
        monkeypatch.setenv("LECTRAIN_DATA", str(tmp_path / "data"))
    assert data.or_stored(unsolved, "some/numbers").tolist() == [0, 1, 2]
    assert "some/numbers" in capsys.readouterr().out


def test_missing_stored_numbers_are_reported_by_name():
    with pytest.raises(data.DataError, match="some/numbers"):
        data.or_stored(unsolved, "some/numbers")


def test_other_errors_are_not_replaced_by_stored_numbers():
    with pytest.raises(ZeroDivisionError):
        data.or_stored(lambda: 1 / 0, "some/numbers")


def test_stored_integers_are_indices(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    np.save(tmp_path / "data" / "numbers.npy", np.arange(3, dtype=np.int32))
    monkeypatch.chdir(tmp_path)
    assert data.load_stored("numbers").dtype == np.intp


def test_lectrain_imports_neither_pooch_nor_scikit_learn_before_they_are_needed():
    program = (
        "import sys; import lectrain.check, lectrain.data; print({'pooch', 'sklearn', 'scipy'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr
