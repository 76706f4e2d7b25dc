"""Which files of a submission may count, by their names."""

from pathlib import PurePosixPath

NOTEBOOK, ARCHIVE = ".ipynb", ".zip"
NOTEBOOK_ENDINGS = (NOTEBOOK, f"{NOTEBOOK}.json", f"{NOTEBOOK}.txt")  # the others are made by browsers
MODULE = ".py"  # copied so that the feedback can report that only notebooks count: "Export" in JupyterLab writes one


def is_notebook(path: PurePosixPath) -> bool:
    """Whether a path is named like a notebook, or like one to whose name a browser has appended an ending."""
    return path.name.lower().endswith(NOTEBOOK_ENDINGS)


def notebook_stem(name: str) -> str:
    """The name of a notebook without its ending: "first" of "first.ipynb.txt". Any other name stays as it is."""
    return next((name[: -len(ending)] for ending in NOTEBOOK_ENDINGS if name.lower().endswith(ending)), name)


def may_count(path: PurePosixPath) -> bool:
    """Whether a path is named like a notebook, or like an archive that may contain one."""
    return is_notebook(path) or path.suffix.lower() == ARCHIVE


def is_copied(path: PurePosixPath) -> bool:
    """Whether a file with this path is copied: it may count, or is a module as JupyterLab names it."""
    return may_count(path) or path.suffix == MODULE
