"""Scores for others: the table of the term, spreadsheets, Canvas, Moodle, Gradescope."""
