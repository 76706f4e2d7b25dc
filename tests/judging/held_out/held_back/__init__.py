"""Wrong answers that nobody put into the catalogue of mistakes, with what a tutor would say of each.

They were written from the notebooks' prompts alone, before the exercises' own lists of mistakes were read. `words` is
a pattern for what a right diagnosis has to mention; None stands for answers that a tutor could not name either. (The
patterns were widened afterwards where a diagnosis said the tutor's thing in other words, each after a person's look.)
"""

from . import bce, momentum, sigmoid, softmax  # noqa: F401  (each adds its answers)
from .common import ANSWERS as ANSWERS
