"""Judge answers against a specification. Knows no submissions and no nbgrader."""
