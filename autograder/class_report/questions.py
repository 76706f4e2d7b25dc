"""The questions of an assignment, and the titles under which the pages about a class show them."""

from markupsafe import Markup

from ..course import Course
from ..reports.graded_cells import GradedCell, find_graded_cells

QuestionKey = tuple[str, str]
"""A notebook and a `grade_id` in it. The notebook is empty for an exercise of a record that no notebook has."""


class Questions(dict[QuestionKey, GradedCell]):
    """The questions of an assignment by notebook and `grade_id`, in the order of its notebooks."""

    @classmethod
    def read(cls, course: Course, assignment: str) -> "Questions":
        """Read the questions from the source notebooks."""
        return cls(
            ((name, question.grade_id), question)
            for name in course.notebooks(assignment)
            for question in find_graded_cells(course.source_notebook(assignment, name))
        )

    def key_of(self, exercise: str) -> QuestionKey:
        """The key of an exercise."""
        return next((key for key in self if key[1] == exercise and self[key].has_check), ("", exercise))

    def title(self, key: QuestionKey) -> Markup:
        """The title of a question, as on the feedback page, or its id. Several notebooks may have the same titles."""
        if key not in self:
            return Markup("<code>{}</code>").format(key[1])
        title = self[key].title
        has_several_notebooks = len({notebook for notebook, _ in self}) > 1
        return Markup("{}: {}").format(key[0], title) if has_several_notebooks else title

    def title_of(self, exercise: str) -> Markup:
        """The title of an exercise."""
        return self.title(self.key_of(exercise))
