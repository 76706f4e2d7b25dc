"""When a submission arrived, and how pages and tables say it."""

from dataclasses import dataclass
from datetime import timedelta

from ..judging.points_as_text import format_points

_MINUTES_IN = {"day": 24 * 60, "hour": 60, "minute": 1}


@dataclass(frozen=True)
class Timing:
    """When a submission arrived, compared with its due date."""

    late: timedelta = timedelta()  # after the due date, extension included; zero if it was on time
    extension: timedelta = timedelta()
    penalty: float = 0.0  # points that are subtracted from the submission because it was late

    def describe(self) -> str:
        """Describe it in a few words; empty if the submission was on time without an extension.

        Examples
        --------
        >>> Timing(timedelta(hours=26), timedelta(days=2), 1.5).describe()
        '26 hours late, extension of 2 days, 1.5 points subtracted'
        """
        parts = [f"{format_duration(self.late)} late"] if self.late else []
        parts += [f"extension of {format_duration(self.extension)}"] if self.extension else []
        if self.late:
            points = "point" if format_points(self.penalty) == "1" else "points"
            parts += [f"{format_points(self.penalty)} {points} subtracted" if self.penalty else "no points subtracted"]
        return ", ".join(parts)


def format_duration(duration: timedelta) -> str:
    """Write a duration in the largest unit in which it is a whole number, or at least 2. It may be negative.

    Examples
    --------
    >>> format_duration(timedelta(hours=26)), format_duration(timedelta(days=1)), format_duration(timedelta(seconds=1))
    ('26 hours', '1 day', '1 minute')
    >>> format_duration(timedelta(hours=-2))
    '−2 hours'
    """
    minutes = max(round(abs(duration).total_seconds() / 60), 1)
    unit = next(unit for unit, size in _MINUTES_IN.items() if minutes % size == 0 or minutes >= 2 * size)
    number = f"{round(minutes / _MINUTES_IN[unit], 1):g}"
    sign = "−" if duration < timedelta() else ""
    return f"{sign}{number} {unit}" if number == "1" else f"{sign}{number} {unit}s"
