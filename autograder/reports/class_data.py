"""What the pages about a class show: records, the roster, grades of persons, due dates, and titles."""

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from ..course import Course, CourseError
from ..grading import records
from ..grading.boundary import Boundary
from ..grading.records import Record
from ..grading.talk_marks import talk_of
from ..judging.exercise_set import ExerciseSet
from ..judging.model import Exercise
from ..judging.quizzes import is_blank
from ..judging.verdict import Verdict
from . import grades
from .graded_cells import GradedCell, find_graded_cells, find_options
from .grades import CellGrade, StudentInfo, Total
from .timing import Timing
from .value_mistakes import describe_mistake, explain_mistake

QuestionKey = tuple[str, str]
"""A notebook and a `grade_id` in it."""


@dataclass(frozen=True)
class ClassData:
    """An assignment in a class: its questions, its students, and how their submissions were graded.

    The page for the projector fills only the first four fields. It finds no person then, and scores are the grader's.
    """

    course: Course
    assignment: str
    records: Sequence[Record] = ()
    questions: Mapping[QuestionKey, GradedCell] = field(default_factory=dict)  # by notebook and `grade_id`
    boundary: Boundary = field(default_factory=Boundary)  # around what is done for one student
    students: Mapping[str, StudentInfo] = field(default_factory=dict)  # the students in the gradebook
    submitted: frozenset[str] = frozenset()  # the students whose submission is in the course
    timings: Mapping[str, Timing] = field(default_factory=dict)  # by student
    # by student: by notebook and `grade_id`
    cells: Mapping[str, Mapping[QuestionKey, CellGrade]] = field(default_factory=dict)
    totals: Mapping[str, Total] = field(default_factory=dict)  # by student, in the gradebook
    # by student: the marks for questions about their own code
    talks: Mapping[str, Total] = field(default_factory=dict)

    @classmethod
    def read(cls, course: Course, assignment: str, boundary: Boundary | None = None) -> "ClassData":
        """Read the data of an assignment. Raise CourseError if no submission has been graded yet."""
        graded = records.read_all(course.records_folder, assignment)
        if not graded:
            raise CourseError(f"nothing is graded yet: run python -m autograder grade {assignment}")
        with course.gradebook() as gradebook:
            by_notebook = grades.read_notebook_grades(gradebook, assignment)
            cells: dict[str, dict[QuestionKey, CellGrade]] = {}
            for (student, notebook), own in by_notebook.items():
                cells.setdefault(student, {}).update({(notebook, name): grade for name, grade in own.cells.items()})
            return cls(
                course=course,
                assignment=assignment,
                records=graded,
                questions=read_questions(course, assignment),
                boundary=boundary or Boundary(),
                students=grades.read_students(gradebook),
                submitted=frozenset(course.students(assignment)),
                timings=grades.read_timings(gradebook, assignment),
                cells=cells,
                totals=grades.read_totals(gradebook, assignment, by_notebook),
                talks=grades.read_totals(gradebook, talk_of(assignment)),
            )

    @property
    def exercises(self) -> ExerciseSet:
        """The exercises of the course."""
        return self.course.exercises

    @functools.cached_property
    def verdicts(self) -> Mapping[QuestionKey, Mapping[str, Verdict]]:
        """The grader's verdicts on each question that it judges, by student."""
        verdicts: dict[QuestionKey, dict[str, Verdict]] = defaultdict(dict)
        for record in self.records:
            for verdict in record.verdicts:
                if verdict.findings:
                    verdicts[self.key_of(verdict.exercise)][record.student] = verdict
        return dict(verdicts)

    def info(self, student: str) -> StudentInfo:
        """What the gradebook has about a student."""
        return self.students.get(student, StudentInfo(student))

    def times(self, student: str) -> str:
        """Describe when a student submitted; empty if it was on time without an extension."""
        return self.timings.get(student, Timing()).describe()

    def grade(self, student: str, key: QuestionKey) -> CellGrade | None:
        """The grade of an answer in the gradebook. None if it has none."""
        return self.cells.get(student, {}).get(key)

    def total(self, record: Record) -> Total:
        """The total of a submission in the gradebook, or else that of the record."""
        # an unreadable submission has no maximum of its own
        max_score = record.max_score or max(other.max_score for other in self.records)
        return self.totals.get(record.student, Total(record.score, max_score))

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

    @property
    def missing(self) -> list[str]:
        """The students who submitted nothing."""
        return sorted(self.students.keys() - self.submitted - {record.student for record in self.records})

    @property
    def not_graded(self) -> list[str]:
        """The students whose submission has not been graded yet."""
        return sorted(self.submitted - {record.student for record in self.records})

    def position(self, key: QuestionKey) -> int:
        """The position of a question in the assignment. An unknown question comes last."""
        return list(self.questions).index(key) if key in self.questions else len(self.questions)

    def key_of(self, exercise: str) -> QuestionKey:
        """Find the question of an exercise; one that no notebook has if it is in none."""
        return next((key for key in self.questions if key[1] == exercise), ("", exercise))

    def title(self, key: QuestionKey) -> Markup:
        """The title of a question, as on the feedback page, or its id. Several notebooks may have the same titles."""
        if key not in self.questions:
            return Markup("<code>{}</code>").format(key[1])
        title = self.questions[key].title
        has_several_notebooks = len({notebook for notebook, _ in self.questions}) > 1
        return Markup("{}: {}").format(key[0], title) if has_several_notebooks else title

    def title_of(self, exercise: str) -> Markup:
        """The title of an exercise."""
        return self.title(self.key_of(exercise))

    def can_be_discussed(self, exercise: str, mistake: str) -> bool:
        """Whether a mistake is an answer that a class can learn from: not an empty one, and not a prediction."""
        if (known := self._exercise_with(exercise, mistake)) is None:
            return True
        return not known.is_prediction and not is_blank(known.mistakes[mistake].answer)

    def explain(self, exercise: str, mistake: str) -> str:
        """Explain the first wrong letter of a mistake. Empty if the exercise has no explanations."""
        known = self._exercise_with(exercise, mistake)
        return explain_mistake(known, mistake) if known else ""

    def describe_mistake(self, exercise: str, mistake: str) -> Markup:
        """Describe a mistake. If the answer consists of letters, show the texts that were chosen, else its name."""
        known, key = self._exercise_with(exercise, mistake), self.key_of(exercise)
        if known is None or key not in self.questions or known.is_function:
            return escape(mistake)
        return describe_mistake(known, mistake, find_options(self.questions[key].text))

    def _exercise_with(self, exercise: str, mistake: str) -> Exercise | None:
        """Find an exercise that knows a mistake."""
        known = self.exercises.get(exercise)
        return known if known and mistake in known.mistakes else None


def read_questions(course: Course, assignment: str) -> dict[QuestionKey, GradedCell]:
    """Read the questions of an assignment by notebook and `grade_id`, in the order of its notebooks."""
    return {
        (name, question.grade_id): question
        for name in course.notebooks(assignment)
        for question in find_graded_cells(course.source_notebook(assignment, name))
    }
