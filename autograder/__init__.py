"""The instructor's half of the course: references, judge, runner, reports. Students never receive it.

>>> from autograder import exercises
>>> exercises["sigmoid"].check(lambda z: 0.5 * (1 + np.tanh(z / 2))).passed
True
"""

from .author import check
from .exercises import EXERCISES as exercises

__all__ = ["check", "exercises"]
__version__ = "0.1.0"
