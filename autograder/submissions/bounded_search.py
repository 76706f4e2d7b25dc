"""A search that ends early: whether a text has more matches than a limit is known before all are found."""

import re
from itertools import islice
from typing import AnyStr


def find_after(pattern: re.Pattern[AnyStr], text: AnyStr, skipped: int) -> re.Match[AnyStr] | None:
    """Find the match that follows this number of others. None if there are not so many."""
    return next(islice(pattern.finditer(text), skipped, None), None)
