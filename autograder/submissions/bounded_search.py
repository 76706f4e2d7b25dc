"""A search that ends early: whether a text has more matches than a limit is known before all are found."""

import re
from itertools import islice
from typing import AnyStr


def find_nth(pattern: re.Pattern[AnyStr], text: AnyStr, number: int) -> re.Match[AnyStr] | None:
    """Find the match that follows a number of others. None if there are not so many."""
    return next(islice(pattern.finditer(text), number, None), None)
