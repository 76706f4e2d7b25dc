"""200 wrong answers to the function exercises of all notebooks, written from the notebooks' prompts and docstrings alone.

`words` is a pattern (whatever the case of letters) for what a right diagnosis has to mention. Neither answers nor
patterns were touched after the judge had seen them: where it finds other words for the tutor's thing, it counts as wrong.
"""

from . import bce, fashion_mnist, flat_minima, iris, momentum, sgd, sigmoid, training_issues  # noqa: F401  (each adds its answers)
from .common import ANSWERS as ANSWERS
