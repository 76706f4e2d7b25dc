"""Questions about a student's own code, on paper.

The grader rewrites the text of a right function and runs the results in the sandbox, apart from grading. The answers
become three questions for its author. The module `student_sheet` has the pipeline, `class_sheets` writes the files.
"""
