"""The headings in the Markdown of a cell, as the course writes them: lines that begin with `#`."""

import re

# A block of code, up to its end or that of the text, in which `#` begins a comment; in the group, a heading. Up to
# three spaces may stand in front of both.
_FENCE_OR_HEADING = re.compile(
    r"^ {0,3}(?P<fence>```|~~~)(?s:.*?)(?:^ {0,3}(?P=fence)|\Z)|^ {0,3}(?P<heading>#{1,6} .*)", re.MULTILINE
)


def last_heading(text: str, otherwise: str) -> str:
    """The last heading of a text. If it has none, the other text: such as the heading above it.

    Examples
    --------
    >>> last_heading("# Title\\n## Part 1\\nText.", "")
    '## Part 1'
    """
    headings = [heading for found in _FENCE_OR_HEADING.finditer(text) if (heading := found["heading"])]
    return headings[-1] if headings else otherwise
