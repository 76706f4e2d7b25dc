"""Points as every page, table and file writes them."""


def format_points(points: float | None) -> str:
    """Write points with at most two decimals; an empty text if there are none.

    Examples
    --------
    >>> format_points(30.0), format_points(1 / 3), format_points(-0.0)
    ('30', '0.33', '0')
    """
    return "" if points is None else f"{round(points, 2) + 0.0:.2f}".rstrip("0").rstrip(".")
