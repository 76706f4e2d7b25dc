"""The data sets of the course, Iris and Fashion-MNIST, and the stored results of its experiments."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

FASHION_NAMES = tuple("T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot".split(","))  # noqa: SIM905
PREFIXES = {"train": "train", "test": "t10k"}  # how the file names of each split begin
UPSTREAM = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
# Hashes of the decompressed files. The gzip headers differ between upstream and Debian, the contents do not.
SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


class DataError(RuntimeError):
    """A data file is missing or damaged. The message names the file and what to do."""

    def _render_traceback_(self) -> list[str]:
        return [f"DataError: {self}"]


def load_iris() -> tuple[np.ndarray, np.ndarray]:
    """Load measurements of 150 iris flowers of three species (slide: Multinomial Logistic Regression).

    The measurements are the length and width of sepals, then of petals, float64 (150, 4) in cm; the species str (150,).
    """
    # A copy of scikit-learn's table, because a browser loads scikit-learn and SciPy only if a notebook imports them.
    table = np.loadtxt(Path(__file__).with_name("iris.csv"), str, delimiter=",", skiprows=1)
    return table[:, :4].astype(float), table[:, 4]


def load_fashion_mnist(split: str = "train") -> tuple[np.ndarray, np.ndarray]:
    """Load images of clothes in ten classes, named in `FASHION_NAMES` (slide: Multi-class classification).

    Of 60 000 examples for "train" or 10 000 for "test", return the grey levels uint8 (n, 28, 28), from 0 (background)
    to 255, and the class numbers int (n,). The files are searched in `$LECTRAIN_DATA` and in the course's `data/`, else
    downloaded once. `DataError` is raised if one is damaged, or neither found nor downloaded.

    >>> images, labels = load_fashion_mnist("test")
    >>> images.shape, FASHION_NAMES[labels[0]]
    ((10000, 28, 28), 'Ankle boot')
    """
    if split not in PREFIXES:
        raise ValueError(f'split must be "train" or "test", not {split!r}')
    images, labels = (_load(f"{PREFIXES[split]}-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1"))
    return images, labels.astype(np.intp)  # the type of indices, which has 32 bits in a browser


def or_stored(compute: Callable[[], np.ndarray], name: str) -> np.ndarray:
    """Return `compute()`, or `load_stored(name)` while an exercise that it needs is unsolved."""
    try:
        return compute()
    except NotImplementedError:
        numbers = load_stored(name)
        print(f"Not solved or not copied yet: stored numbers ({name}) are used here instead.")
        return numbers


def load_stored(name: str) -> np.ndarray:
    """Load the stored numbers of an experiment from `data/NAME.npy`. `DataError` is raised if the file is missing."""
    numbers: np.ndarray = np.load(find_file(f"{name}.npy"))
    return numbers.astype(np.intp) if numbers.dtype.kind == "i" else numbers  # see `load_fashion_mnist`


def find_file(*names: str) -> Path:
    """Find the first of these files in `$LECTRAIN_DATA` or the course's `data/`. Without any, raise `DataError`."""
    folders = [place / "data" for place in (Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parents[1])]
    if chosen := os.environ.get("LECTRAIN_DATA"):
        folders.insert(0, Path(chosen))
    for file in (folder / name for folder in folders for name in names):
        if file.is_file():
            return file
    raise DataError(f"data/{names[0]} was not found: work in the course's folder. During grading, it may be left out.")


def _load(name: str) -> np.ndarray:
    """Load a file of Fashion-MNIST from the course's `data/`, else from the Internet."""
    try:
        file = find_file(f"fashion-mnist/{name}.gz", f"{name}.gz")
    except DataError:
        file = _download(name)
    offset, shape = (16, (-1, 28, 28)) if "images" in name else (8, (-1,))  # after the sizes, each of four bytes
    return np.frombuffer(bytearray(_read(file, name)), np.uint8, offset=offset).reshape(shape)


def _read(file: Path, name: str) -> bytes:
    try:
        content = gzip.decompress(file.read_bytes())
    except PermissionError as error:
        raise DataError(f"{file} cannot be read: give yourself permission to read it.") from error
    except (OSError, EOFError, zlib.error):
        content = b""
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise DataError(f"{file} is damaged: copy it again from the course, or delete it, and it will be downloaded.")
    return content


def _download(name: str) -> Path:
    """Find a file in the user's cache, where it is kept when it has been downloaded."""
    import pooch  # here, because a browser lacks a part of Python that it needs, and finds all files in `data/`

    pooch.get_logger().setLevel("WARNING")  # otherwise it logs the hash, which `_read` compares
    try:
        return Path(pooch.retrieve(f"{UPSTREAM}{name}.gz", None, f"{name}.gz", pooch.os_cache("lectrain")))
    except Exception as error:  # for every network error the remedy is the same
        failure = f"{name}.gz was neither found nor downloaded ({type(error).__name__})"
        raise DataError(f"{failure}: work in the course's folder, or set LECTRAIN_DATA to its data.") from error
