"""The instructor's half of the course: references, judge, runner, reports. Students never receive it.

>>> from autograder import exercises
>>> exercises["sigmoid"].check(lambda z: 0.5 * (1 + np.tanh(z / 2))).passed
True
"""

import sys
from typing import Any, cast

# jsonschema would compile a grammar for internationalised addresses, 1.7 s at every start; no notebook has a use for it
sys.modules.setdefault("rfc3987_syntax", cast(Any, None))

from .author import check
from .exercises import EXERCISES as exercises

__all__ = ["check", "exercises"]
__version__ = "0.1.0"
