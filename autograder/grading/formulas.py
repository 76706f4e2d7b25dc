"""Hide formulas in tables of ours from a spreadsheet, by an apostrophe in front, and read such tables again.

A spreadsheet evaluates a cell that starts with one of some characters, also in full width. It may split a line at
separators other than commas, ignore spaces and quotes before the formula, and take a line break for the next row.
"""

import re

_START = "(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])"  # of a formula
_SEPARATOR = "[;,|\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]"
# A run of separators is matched from its beginning and as a whole: to try each of its parts takes quadratic time.
_FORMULA = re.compile(rf"""(^|(?<![;,|\s"'])[;,|\s"']++){_START}""")
_HIDDEN_FORMULA = re.compile(rf"""(^["']*|{_SEPARATOR}[;,|\s"']*)'{_START}""")


def hide_formulas(text: str) -> str:
    """Write an apostrophe before each formula in a text, at its start and after each separator of cells.

    Examples
    --------
    >>> hide_formulas("=1;=2")
    "'=1;'=2"
    """
    return _FORMULA.sub(_with_apostrophe, text)


def _with_apostrophe(match: re.Match[str]) -> str:
    before = match.group()
    return f"{before}'" if match.start() == 0 or re.search(_SEPARATOR, before) else before


def show_formulas(text: str) -> str:
    """Remove the apostrophes that `hide_formulas` wrote.

    Examples
    --------
    >>> show_formulas("'=1;'=2")
    '=1;=2'
    """
    return _HIDDEN_FORMULA.sub(r"\1", text)
