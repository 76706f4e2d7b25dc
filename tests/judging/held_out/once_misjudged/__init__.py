"""Answers that an earlier version of the rules misjudged, or whose score depended on the draw.

They are written as in `second`.
"""

from pathlib import Path

from ..second import read_answers

ANSWERS = [answer for path in sorted(Path(__file__).parent.glob("*.txt")) for answer in read_answers(path)]
