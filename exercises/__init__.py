"""The course: a package per notebook, with the specification of its exercises and their known answers."""

HELD_OUT_PACKAGE = "tests.judging.held_out"  # the kill matrix judges its list `HELD_OUT`, too
