"""Grade submissions: nbgrader's preprocessors, one submission, a whole class, the gradebook, the records."""
