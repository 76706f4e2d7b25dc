"""The course: a package per notebook, with the specification of its exercises and their known answers."""

HELD_OUT = "tests.judging.held_out"  # the package whose list `HELD_OUT` the kill matrix judges, too
