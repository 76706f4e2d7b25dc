"""Compare the students of a watch with the roster: report unknown ids, and leave them out if that is wanted."""

from collections.abc import Set

from ..course import Course
from ..grading import roster
from .intake import Report


class RosterCheck:
    """Reports each id that `roster.find_unknown` finds, once. If it is strict, it also leaves out those that are new.

    Grading adds every id to the gradebook. So a mistyped one would become a student of its own.
    """

    def __init__(self, course: Course, strict: bool, report: Report):
        self._course, self._strict, self._report = course, strict, report
        self._compared: set[str] = set()
        self._reported: set[str] = set()
        self.left_out: set[str] = set()  # who are not graded by this watch, even if the roster gets them meanwhile

    def compare(self, students: Set[str]) -> None:
        """Compare the ids with the roster, if some of them are new.

        Only new ones are left out: the submission of an earlier one may have been graded already.
        """
        if not (new := students - self._compared):
            return
        # All ids so far are compared, because a new one may be similar to one that is not in `students` this time:
        # the watch does not look at a student whose submission is being graded.
        self._compared |= new
        unknown = roster.find_unknown(self._course, sorted(self._compared))
        if self._strict:
            self.left_out |= unknown.keys() & new
        for student in sorted(unknown.keys() - self._reported):
            similar = unknown[student]
            reason = f"similar to the id {similar!a}" if similar else "not on the roster"
            what = "not graded" if student in self.left_out else "graded all the same"
            self._report(student, f"{reason}: {what}")
        self._reported |= unknown.keys()
