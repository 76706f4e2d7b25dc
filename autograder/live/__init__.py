"""Submissions as they arrive: handed in over HTTP, graded at once, and returned."""
