"""Install the command `autograder` for instructors, whose installation is editable. The students' wheel has none."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommandForInstructors(BuildHookInterface):  # type: ignore[type-arg]
    """A build hook: see the documentation of Hatch."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the script, which is also `python -m autograder`."""
        if version == "editable":
            build_data["shared_scripts"]["autograder/__main__.py"] = "autograder"
