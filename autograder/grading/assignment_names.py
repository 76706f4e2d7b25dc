"""The names by which the files of an assignment are recognised, and told from those of other assignments."""

import re
from dataclasses import dataclass

from ..course import Course, CourseError


@dataclass(frozen=True)
class AssignmentNames:
    """The names of an assignment and of its notebooks, and those of all others."""

    assignment: str
    notebooks: tuple[str, ...]
    others: frozenset[str]  # those of all other assignments, and of their notebooks
    # ``c.FileNameCollectorPlugin.named_regexp``, as for ``nbgrader zip_collect``: it says whose a file in any folder is
    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, course: Course, assignment: str) -> "AssignmentNames":
        """Read the names from the course. Raise `CourseError` if the pattern is not valid, or lacks a group."""
        notebooks = course.notebooks(assignment)
        others = {name for other in course.assignments() for name in (other, *course.notebooks(other))}
        return cls(assignment, tuple(notebooks), frozenset(others - {assignment, *notebooks}), _pattern(course))

    def has(self, name: str) -> bool:
        """Whether an assignment or notebook has this name, whatever its capital letters are."""
        return name.casefold() in map(str.casefold, (self.assignment, *self.notebooks, *self.others))

    def fit(self, stem: str) -> bool:
        """Whether the name of a file, without its ending, contains one of the assignment: "first (1)", "First-Copy1".

        One within a longer name of another assignment does not count: first-steps.ipynb may be of that.
        """
        longer = [other for other in self.others if _is_in(other, stem)]
        own = [name for name in (*self.notebooks, self.assignment) if _is_in(name, stem)]
        return any(not any(_is_in(name, other) for other in longer) for name in own)

    def fit_another(self, stem: str) -> bool:
        """Whether the name of a file, without its ending, contains that of another assignment, or of its notebooks."""
        return any(_is_in(other, stem) for other in self.others)


def _is_in(name: str, text: str) -> bool:
    return name.casefold() in text.casefold()


def _pattern(course: Course) -> re.Pattern[str] | None:
    setting = "c.FileNameCollectorPlugin.named_regexp in nbgrader_config.py"
    if not (text := course.config.FileNameCollectorPlugin.get("named_regexp", "")):
        return None
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise CourseError(f"{setting}: {error}") from error
    if missing := {"student_id", "file_id"} - set(pattern.groupindex):
        raise CourseError(f"{setting} has no group {' and '.join(sorted(missing))}")
    return pattern
