"""Hide formulas in tables of ours from a spreadsheet, by an apostrophe in front, and read such tables again.

A spreadsheet evaluates a cell that starts with one of some characters, also in full width. It may split a line at
separators other than commas, ignore spaces and quotes before the formula, and take a line break for the next row.
"""

import re

_SEPARATOR = "[;,|\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]"
_IGNORED = r"""[;,|\s"']"""  # what may stand before a formula; \s includes the other separators
_START = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"  # of a formula
# A run of ignored characters is matched from its beginning and as a whole: to try each part takes quadratic time.
_BEFORE_FORMULA = re.compile(rf"(?:^|(?<!{_IGNORED}){_IGNORED}++)(?={_START})")


def hide_formulas(text: str) -> str:
    """Write an apostrophe before each formula in a text, at its start and after each separator of cells.

    Examples
    --------
    >>> hide_formulas("=1;=2")
    "'=1;'=2"
    """
    return _BEFORE_FORMULA.sub(lambda match: match[0] + "'" if _begins_cell(match) else match[0], text)


def show_formulas(text: str) -> str:
    """Remove the apostrophes that `hide_formulas` wrote.

    Examples
    --------
    >>> show_formulas("'=1; '=2")
    '=1; =2'
    """
    return _BEFORE_FORMULA.sub(lambda match: match[0].removesuffix("'") if _begins_cell(match) else match[0], text)


def _begins_cell(match: re.Match[str]) -> bool:
    """Whether a cell may begin in a run of ignored characters: one of spaces and quotes alone is within a cell."""
    return match.start() == 0 or re.search(_SEPARATOR, match[0]) is not None
