"""Which students of a watch are not on the roster: they are reported, and left out if that is wanted."""

from collections.abc import Set

from ..course import Course
from ..grading import roster
from .intake import Report


class RosterCheck:
    """Reports the ids that are not on the roster, or similar to others, once: grading adds them to the gradebook."""

    def __init__(self, course: Course, strict: bool, report: Report):
        self._course, self._strict, self._report = course, strict, report
        self._compared: set[str] = set()
        self._reported: set[str] = set()
        self.left_out: set[str] = set()  # who are not graded by this watch, even if the roster gets them meanwhile

    def compare(self, students: Set[str]) -> None:
        """Compare the ids with the roster, if some of them are new. Only these may be left out."""
        if not (new := students - self._compared):
            return
        # One that is new may be similar to any, also to one that is graded now, which a look leaves out.
        self._compared |= new
        unknown = roster.find_unknown(self._course, sorted(self._compared))
        self.left_out |= unknown.keys() & new if self._strict else set()
        for student, similar in unknown.items():
            if student not in self._reported:
                self._reported.add(student)
                what = "not graded" if student in self.left_out else "graded all the same"
                reason = f"similar to the id {similar!a}" if similar else "not on the roster"
                self._report(student, f"{reason}: {what}")
