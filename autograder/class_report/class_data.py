"""What the pages about a class show: how the submissions to an assignment were graded, and what the gradebook adds."""

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nbgrader.api import Assignment, Gradebook, Notebook, SourceCell
from sqlalchemy import select

from ..course import Course, CourseError
from ..grading import records
from ..grading.boundary import Boundary
from ..grading.gradebook import is_graded
from ..grading.records import Record
from ..grading.talk_marks import talk_of
from ..judging.verdict import Verdict
from ..reports import grades
from ..reports.grades import CellGrade, NotebookGrades, NotebookKey, StudentInfo, Total
from ..reports.timing import Timing
from .questions import QuestionKey, Questions


@dataclass(frozen=True)
class ClassData:
    """An assignment in a class, as the grader graded it, and with it the gradebook if that was read.

    The page for the projector does without the gradebook: the fields below `questions` are empty.
    """

    course: Course
    assignment: str
    records: Sequence[Record] = ()
    boundary: Boundary = field(default_factory=Boundary)  # around what is done for one student
    questions: Questions = field(default_factory=Questions)
    students: Mapping[str, StudentInfo] = field(default_factory=dict)  # the students in the gradebook
    submitted: frozenset[str] = frozenset()  # the students whose submission is in the course
    timings: Mapping[str, Timing] = field(default_factory=dict)  # by student
    notebook_grades: Mapping[NotebookKey, NotebookGrades] = field(default_factory=dict)
    totals: Mapping[str, Total] = field(default_factory=dict)  # by student, in the gradebook
    talks: Mapping[str, Total] = field(default_factory=dict)  # by student: the marks for questions about own code
    released_lines: frozenset[str] = frozenset()  # that all students received

    @classmethod
    def read(cls, course: Course, assignment: str, boundary: Boundary | None = None) -> "ClassData":
        """Read the data of an assignment. Raise CourseError if no submission has been graded yet."""
        graded = records.read_all(course.records_folder, assignment)
        if not graded:
            raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
        with course.gradebook() as gradebook:
            notebook_grades = grades.read_notebook_grades(gradebook, assignment)
            return cls(
                course=course,
                assignment=assignment,
                records=graded,
                questions=Questions.read(course, assignment),
                boundary=boundary or Boundary(),
                students=grades.read_students(gradebook),
                submitted=frozenset(course.students(assignment)),
                timings=grades.read_timings(gradebook, assignment),
                notebook_grades=notebook_grades,
                totals=grades.read_totals(gradebook, assignment, notebook_grades),
                talks=grades.read_totals(gradebook, talk_of(assignment)),
                released_lines=_read_released_lines(gradebook, assignment),
            )

    @functools.cached_property
    def verdicts(self) -> Mapping[QuestionKey, Mapping[str, Verdict]]:
        """The grader's verdicts on each question that it judges, by student."""
        verdicts: dict[QuestionKey, dict[str, Verdict]] = defaultdict(dict)
        for record in self.records:
            for verdict in record.verdicts:
                if verdict.findings:
                    verdicts[self.questions.key_of(verdict.exercise)][record.student] = verdict
        return dict(verdicts)

    @property
    def keys(self) -> list[QuestionKey]:
        """All questions in the order of the assignment, then exercises of records that no notebook has any more."""
        return list(dict.fromkeys([*self.questions, *self.verdicts]))

    def grade(self, student: str, key: QuestionKey) -> CellGrade | None:
        """The grade of an answer in the gradebook. None if the notebook was not graded."""
        notebook, grade_id = key
        grade = self.notebook_grades.get((student, notebook), NotebookGrades()).cells.get(grade_id)
        return grade if grade and is_graded(grade) else None

    def must_be_graded(self, student: str, key: QuestionKey) -> bool:
        """Whether a person has yet to grade an answer."""
        grade = self.grade(student, key)
        return grade is not None and grade.needs_manual_grade

    def score(self, student: str, key: QuestionKey) -> float | None:
        """The score that counts: a person's, or else the grader's. None while one of them has yet to decide."""
        grade, verdict = self.grade(student, key), self.verdicts.get(key, {}).get(student)
        if self.must_be_graded(student, key):
            return None
        if grade and (grade.is_override or verdict is None):
            return grade.score
        return None if verdict is None or verdict.is_received else verdict.score

    def info(self, student: str) -> StudentInfo:
        """What the gradebook has about a student."""
        return self.students.get(student, StudentInfo(student))

    def times(self, student: str) -> str:
        """Describe when a student submitted; empty if it was on time without an extension."""
        return self.timings.get(student, Timing()).describe()

    def remarks(self, record: Record) -> list[str]:
        """A description of the times of a submission, and the messages of the grader."""
        return [text for text in (self.times(record.student), *record.messages) if text]

    def total(self, record: Record) -> Total:
        """The total of a submission in the gradebook, or else that of the record."""
        # an unreadable submission has no maximum of its own
        max_score = record.max_score or max(other.max_score for other in self.records)
        return self.totals.get(record.student, Total(record.score, max_score))

    @property
    def missing(self) -> list[str]:
        """The students who submitted nothing."""
        return sorted(self.students.keys() - self.submitted - {record.student for record in self.records})

    @property
    def not_graded(self) -> list[str]:
        """The students whose submission has not been graded yet."""
        return sorted(self.submitted - {record.student for record in self.records})

    @property
    def late(self) -> list[str]:
        """The students whose submission came after its due date."""
        return [record.student for record in self.records if self.timings.get(record.student, Timing()).late]


def _read_released_lines(gradebook: Gradebook, assignment: str) -> frozenset[str]:
    """Read the lines that all students received in the cells of an assignment that nbgrader knows."""
    rows = select(SourceCell.source).join(SourceCell.notebook).join(Notebook.assignment)
    sources = gradebook.db.scalars(rows.where(Assignment.name == assignment))
    return frozenset(line for source in sources for line in source.splitlines())
