"""Exporters for nbgrader that do their work in a supervised process.

nbgrader and Formgrader convert one notebook after the other in one process.
With these exporters, a notebook that takes too much time or memory costs its own conversion only.
"""

import atexit
import functools
import os
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import Exporter, ResourcesDict
from nbconvert.exporters.notebook import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.coursedir import CourseDirectory
from traitlets import Instance
from traitlets.config import Config, LoggingConfigurable
from traitlets.utils.importstring import import_item

from ..course import work_limits
from ..supervisor import Supervisor, WorkFailed, enter_stage
from . import records
from .records import Outcome, Record


class ParentOfPreprocessors(LoggingConfigurable):
    """What nbgrader's preprocessors expect above them."""

    coursedir = Instance(CourseDirectory)


class SupervisedExporter(NotebookExporter):
    """Run the preprocessors on a notebook in a supervised process, and return the notebook's text."""

    def register_preprocessor(self, preprocessor: Any, enabled: bool = False) -> None:
        """Remember a preprocessor; the worker process makes the object."""
        self._preprocessors.append(preprocessor)

    def from_filename(
        self, filename: str, resources: ResourcesDict | None = None, **kw: Any
    ) -> tuple[str, ResourcesDict]:
        """Convert a notebook file.

        Raises
        ------
        WorkFailed
            If the work exceeds a limit. A record says that the submission needs a person.
        """
        resources = resources if resources is not None else ResourcesDict()
        names = resources["nbgrader"]
        root = str(self.parent.coursedir.root)
        arguments = (type(self), root, self.config, tuple(self._preprocessors), filename, resources)
        environment = {name: os.environ[name] for name in ("NBGRADER_EXECUTION",) if name in os.environ}
        try:
            text, resources = get_supervisor(work_limits(self.config)).run(_convert, *arguments, environment)
        except WorkFailed as failure:
            record = Record(names["student"], names["assignment"], Outcome.NEEDS_A_PERSON, messages=[str(failure)])
            records.write(record, Path(root) / "records")
            raise
        return text, resources

    @classmethod
    def render(cls, nb: NotebookNode, resources: ResourcesDict) -> str:
        """The text of the result, in the worker process."""
        return nbformat.writes(nb) + "\n"


def _convert(
    exporter: type[SupervisedExporter],
    root: str,
    config: Config,
    preprocessors: tuple[Any, ...],
    filename: str,
    resources: ResourcesDict,
    environment: dict[str, str],
) -> tuple[str, ResourcesDict]:
    """In the worker process: read a notebook, run the preprocessors on it, and render the result."""
    os.environ.update(environment)
    enter_stage("reading the notebook")
    nb = nbformat.read(filename, as_version=4)
    parent = ParentOfPreprocessors(config=config, coursedir=CourseDirectory(config=config, root=root))
    for preprocessor in _instances(parent, preprocessors):
        enter_stage(*stage_of(preprocessor))
        nb, resources = preprocessor.preprocess(nb, resources)
    enter_stage("writing the result")
    text = exporter.render(nb, resources)
    for unpicklable in ("lectrain",):
        resources.pop(unpicklable, None)
    return text, resources


def _instances(parent: ParentOfPreprocessors, preprocessors: tuple[Any, ...]) -> list[Any]:
    kinds = [import_item(kind) if isinstance(kind, str) else kind for kind in preprocessors]
    return [kind(parent=parent) if isinstance(kind, type) else kind for kind in kinds]


def stage_of(preprocessor: Any) -> tuple[str, float | None]:
    """The name of a preprocessor's stage, and the seconds it may take if it has limits of its own."""
    name = getattr(preprocessor, "stage", type(preprocessor).__name__)
    return name, getattr(preprocessor, "stage_seconds", None)


@functools.cache
def get_supervisor(limits: Any = None) -> Supervisor:
    """One supervisor per process and limits."""
    supervisor = Supervisor(limits)
    atexit.register(supervisor.close)
    return supervisor


__all__ = ["Exporter", "ParentOfPreprocessors", "SupervisedExporter", "get_supervisor", "stage_of"]
