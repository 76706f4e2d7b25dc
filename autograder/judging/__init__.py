"""Judge answers against a specification. Knows no notebooks, no nbgrader and no files."""
