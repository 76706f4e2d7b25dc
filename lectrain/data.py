"""The course's data: Iris, Fashion-MNIST, and small made-up sets in two dimensions. Rows are examples everywhere."""

import gzip
import hashlib
import os
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pooch

FASHION_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

SPLITS = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}

# Of the decompressed files: the gzip header differs between upstream and Debian, what is inside does not.
SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}

UPSTREAM = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"


class DataError(RuntimeError):
    """A data file is missing or damaged. The message says which one and what to do."""

    def _render_traceback_(self) -> list[str]:
        return [f"DataError: {self}"]


class Iris(NamedTuple):
    """The Iris table: `X` (150, 4) float64 in cm, `species` (150,) str, `features` the names of the 4 columns."""

    X: np.ndarray
    species: np.ndarray
    features: tuple[str, ...]


def load_iris() -> Iris:
    """Measurements of 150 iris flowers of three species (slide: Multinomial Logistic Regression).

    Returns
    -------
    Iris
        `X` float64 (150, 4) in centimetres, `species` str (150,), `features` four column names.

    Examples
    --------
    >>> iris = load_iris()
    >>> iris.X.shape, str(iris.species[0]), iris.features[0]
    ((150, 4), 'setosa', 'sepal length (cm)')
    """
    from sklearn import datasets  # here, because importing scikit-learn takes a second

    table = datasets.load_iris()
    return Iris(table.data, table.target_names[table.target].astype(str), tuple(table.feature_names))


def load_fashion_mnist(split: str = "train") -> tuple[np.ndarray, np.ndarray]:
    """Pictures of clothes in ten classes, named in `FASHION_NAMES` (slide: Multi-class classification).

    The files are looked for in `$LECTRAIN_DATA`, in the course's `data/`, in the user cache, and downloaded otherwise.

    Parameters
    ----------
    split : {"train", "test"}
        60 000 or 10 000 examples.

    Returns
    -------
    images : uint8 (n, 28, 28)
        Grey levels, 0 (background) to 255.
    labels : int64 (n,)
        Class numbers 0 to 9.

    Raises
    ------
    ValueError
        `split` is neither "train" nor "test".
    DataError
        A file is damaged, or none was found and the download failed.

    Examples
    --------
    >>> images, labels = load_fashion_mnist("test")
    >>> images.shape, FASHION_NAMES[labels[0]]
    ((10000, 28, 28), 'Ankle boot')
    """
    if split not in SPLITS:
        raise ValueError(f'split must be "train" or "test", not {split!r}')
    images, labels = (_load(name) for name in SPLITS[split])
    return images, labels.astype(np.int64)


def or_stored(compute: Callable[[], np.ndarray], name: str) -> np.ndarray:
    """Return what `compute` does or, as long as that is not solved, the numbers stored for the rest of the notebook.

    Parameters
    ----------
    compute : callable
        Takes nothing, calls your functions.
    name : str
        Of a file below `data/`, without its `.npy`.

    Raises
    ------
    DataError
        It is not solved, and there is no such file.

    Examples
    --------
    >>> def unsolved():
    ...     raise NotImplementedError
    >>> or_stored(unsolved, "03-softmax/iris-labels").shape
    Not solved yet: stored numbers (03-softmax/iris-labels) take its place here.
    (150,)
    """
    try:
        return compute()
    except NotImplementedError:
        files = (folder.parent / f"{name}.npy" for folder in _folders())
        if (file := next(filter(Path.is_file, files), None)) is None:
            raise DataError(f"data/{name}.npy was not found: work inside the course's folder.") from None
        print(f"Not solved yet: stored numbers ({name}) take its place here.")
        return np.load(file)


def blobs(n: int, rng: np.random.Generator, distance: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """Two round clouds of points that overlap a little (slide: Binary classification).

    Parameters
    ----------
    n : int
        Number of examples.
    rng : numpy.random.Generator
    distance : float
        Between the centres, in standard deviations of a cloud.

    Returns
    -------
    X : float64 (n, 3)
        Two features and a column of ones, whose weight plays the bias in z = xᵀw.
    labels : int64 (n,)
        0 (lower left) or 1 (upper right).

    Examples
    --------
    >>> X, labels = blobs(5, np.random.default_rng(541))
    >>> X.shape, labels.shape
    ((5, 3), (5,))
    """
    labels = rng.integers(2, size=n)
    centre = distance / np.sqrt(8) * (2 * labels - 1)  # at (c, c) and (-c, -c), which are √8 c apart
    features = centre[:, np.newaxis] + rng.normal(size=(n, 2))
    return np.column_stack([features, np.ones(n)]), labels


def separable(n: int, rng: np.random.Generator, margin: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Two classes with an empty strip between them, along the line x₁ + x₂ = 0 (slide: Trivia).

    Parameters
    ----------
    n : int
        Number of examples.
    rng : numpy.random.Generator
    margin : float
        Half the width of the strip: no point is closer to the line.

    Returns
    -------
    X : float64 (n, 2)
    labels : int64 (n,)
        0 (lower left) or 1 (upper right).

    Examples
    --------
    >>> X, labels = separable(50, np.random.default_rng(541))
    >>> bool(((X.sum(axis=1) > 0) == labels).all())
    True
    """
    labels = rng.integers(2, size=n)
    across = (2 * labels - 1) * (margin + rng.exponential(size=n))
    along = rng.normal(size=n)
    return np.column_stack([across - along, across + along]) / np.sqrt(2), labels


def _load(name: str) -> np.ndarray:
    """One file of Fashion-MNIST: from the cache if that is up to date, else from the first place that has it."""
    source = next((file for folder in _folders() if (file := folder / f"{name}.gz").is_file()), None)
    array = _read_cache(name, source)
    if array is None:
        array = _read_gz(source, name) if source else _download(name)
        _write_cache(name, array)
    return array


def _folders() -> Iterator[Path]:
    """Where the .gz files may lie, in order. An installed package has no `data/` beside it, a student's folder has."""
    if chosen := os.environ.get("LECTRAIN_DATA"):
        yield Path(chosen) / "fashion-mnist"
        yield Path(chosen)
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        yield folder / "data" / "fashion-mnist"


def _read_gz(path: Path, name: str) -> np.ndarray:
    try:
        content = gzip.decompress(path.read_bytes())
    except PermissionError as error:
        raise DataError(f"{path} cannot be read: give yourself permission to read it.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path) from error
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise _damaged(path)
    dimensions = content[3]  # the idx format: 0, 0, type, dimensions, then each size as a big-endian int
    shape = struct.unpack_from(f">{dimensions}i", content, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape).copy()


def _damaged(path: Path) -> DataError:
    return DataError(f"{path} is damaged: copy it again from the course, or delete it and it will be downloaded.")


def _download(name: str) -> np.ndarray:
    pooch.get_logger().setLevel("WARNING")  # it would ask the reader to note a hash that is checked below
    with tempfile.TemporaryDirectory() as folder:
        try:
            path = pooch.retrieve(f"{UPSTREAM}{name}.gz", known_hash=None, fname=f"{name}.gz", path=folder)
            return _read_gz(Path(path), name)
        except Exception as error:  # whatever the network does, the remedy is the same
            raise DataError(
                f"{name}.gz was not found and could not be downloaded ({type(error).__name__}): "
                "set LECTRAIN_DATA to the course's data folder, or work inside the course's folder."
            ) from error


def _cache_file(name: str) -> Path | None:
    """Where the decompressed array is kept, or None where there is no home to keep it in."""
    folder = Path(pooch.os_cache("lectrain"))
    return folder / f"{name}.npy" if folder.is_absolute() else None


def _read_cache(name: str, source: Path | None) -> np.ndarray | None:
    """The cached array if it is whole and not older than its source; None otherwise, whatever the reason."""
    path = _cache_file(name)
    try:
        if path is None or (source and path.stat().st_mtime < source.stat().st_mtime):
            return None
        array = np.load(path)
        digest = hashlib.sha256(struct.pack(f">4B{array.ndim}i", 0, 0, 8, array.ndim, *array.shape))  # the idx header
        digest.update(array.data)
    except Exception:
        return None
    return array if digest.hexdigest() == SHA256[name] else None


def _write_cache(name: str, array: np.ndarray) -> None:
    """Keep `array` for the next time. Written aside and then renamed, so that nobody ever reads half a file."""
    path = _cache_file(name)
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as aside:
            np.save(Path(aside) / path.name, array)
            os.replace(Path(aside) / path.name, path)
    except OSError:
        pass  # a read-only or full disk: work without a cache
