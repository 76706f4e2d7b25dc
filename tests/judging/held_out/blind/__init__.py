"""Wrong and right answers to all function exercises, written from the notebooks alone, before the exercises were read.

No rule, mistake or variant had been looked at. Each answer has one line that explains why it is wrong, or what makes
it unusual although it is right.
"""

from . import bce, fashion_mnist, flat_minima, iris, momentum, sgd, sigmoid, training_issues  # noqa: F401  (each adds its answers)
from .common import ANSWERS as ANSWERS
