"""The course for nbgrader: where its folders are, and the plug-in that grades outside the student's process."""

import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # nbgrader finds the plug-in in this repository

from autograder.reports import formgrader_pages  # noqa: E402 (it is found now)

c = get_config()  # noqa: F821 (nbgrader defines it)

# Absolute paths: a relative db_url breaks when the server starts one level above.
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.course_id = "lectrain"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.db_url = f"sqlite:///{ROOT / 'gradebook.db'}?timeout=60"  # at 5 s a second grader gives up
c.CourseDirectory.max_file_size = 50_000  # kB; a larger notebook is not read

# Only submissions that belong to the student whom they name are collected, and a later one replaces an earlier one.
c.ExchangeFactory.collect = "autograder.grading.collector.Collector"
c.ExchangeFactory.release_feedback = "autograder.reports.feedback_release.FeedbackReleaser"

c.Autograde.sanitize_preprocessors = [
    "autograder.grading.preprocessors.RepairCells",
]
c.Autograde.autograde_preprocessors = [
    "autograder.grading.preprocessors.DrawCases",
    "autograder.grading.preprocessors.RunCells",
    "autograder.grading.preprocessors.JudgeAnswers",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.grading.preprocessors.SanitiseCells",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
c.Autograde.pre_convert_hook = "autograder.grading.removed_links.remove_links"  # nbgrader would copy their targets
c.Autograde.exporter_class = "autograder.grading.supervised_exporter.SupervisedExporter"
c.DrawCases.exercises = "exercises"  # the package that holds the exercises of this course
c.DrawCases.secret_file = str(ROOT / ".course-secret")

# Feedback that arrives at once answers guesses, too. What exceeds the limit is graded at the due date.
c.Watch.max_attempts = 30  # of a student, per assignment: a number, or {"01-sigmoid": 20, "*": 30}
c.Watch.seconds_between = 0  # from one submission to the next that gets feedback at once

# One page with no script and no request; `autograder feedback` writes the same.
c.GenerateFeedback.exporter_class = "autograder.reports.feedback_exporter.FeedbackExporter"
c.GenerateFeedback.preprocessors = ["autograder.reports.feedback_exporter.ReadGrades"]

# Formgrader's page for grading by hand shows model answers, and its formulas without a network; ours come first.
c.HTMLExporter.preprocessors = ["autograder.reports.model_answers.ShowModelAnswers"]  # and lets scripts run
c.HTMLExporter.filters = {"highlight_code": "autograder.reports.highlighting.highlight_cell"}  # within a limit
c.HTMLExporter.extra_template_basedirs = [
    str(Path(find_spec("autograder").origin).parent / "reports" / "formgrader"),
    str(Path(find_spec("nbgrader").origin).parent / "server_extensions" / "formgrader" / "templates"),
]

# On Formgrader's pages, what students choose is shown as text, and no script runs that is not nbgrader's.
formgrader_pages.protect()
