"""The times of submissions, as nbgrader saves them: in UTC and without a time zone."""

import re
from datetime import UTC, datetime

from dateutil.tz import gettz
from nbgrader.utils import parse_utc

_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(?!.* [+-]?\d+$)")  # nbgrader would read this number as seconds


def parse_time(text: str) -> datetime | None:
    """Read a time of nbgrader, in UTC and without a time zone. A date alone is its midnight.

    None if the text is not a time, or names a time zone that nbgrader does not know, such as ``CEST`` or ``+0200``
    behind a space.
    """
    if not _DATE.match(text.strip()):
        return None  # the parser would complete it from today's date
    try:
        if any(gettz(zone) is None for zone in text.split()[2:]):
            return None  # the parser would read the time as one in UTC
        parsed = parse_utc(text.strip())
    except Exception:  # a student wrote the text, and the parser raises many kinds of exceptions
        return None
    return parsed if isinstance(parsed, datetime) else None


def format_time(when: datetime) -> str:
    """Write a time as nbgrader does."""
    return when.strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def utc_from_seconds(seconds: float) -> datetime:
    """Convert the seconds since 1970, as of a file, to UTC without a time zone."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
