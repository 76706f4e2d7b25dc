"""Points as every page, table and file writes them."""


def format_points(points: float | None) -> str:
    """Write points with at most two decimals; an empty text if there are none.

    Examples
    --------
    >>> format_points(3.0), format_points(1 / 3), format_points(-0.0)
    ('3', '0.33', '0')
    """
    return "" if points is None else f"{round(points, 2) + 0.0:g}"
