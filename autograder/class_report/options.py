"""The letters that a question offers, with their texts."""

import re

from markupsafe import Markup

from ..reports.markdown import render_line

# `**b** lists`, up to the end of the line, the next `· **c**` or the next cell of a table. A formula may have `|`.
_OPTION = re.compile(r"\*\*([a-z])\*\*\s+((?:\$[^$\n]+\$|`[^`\n]+`|.)+?)\s*(?=$|\s·\s\*\*|\s\|)", re.MULTILINE)
# Before an indented line that goes on with the text above: it begins no item, option or row of a table.
_LINE_BREAK = re.compile(r"\n[ \t]+(?!\s|[*+-]\s|\d+\.\s|\*\*[a-z]\*\*\s|\|)")
_INDENT = re.compile(r"^\$(?:\\q?quad|\\[,;: ]|\s)+")  # space between a letter and its formula


def find_options(text: str) -> dict[str, Markup]:
    """Find the text of each letter that a question offers. A letter with several texts is left out.

    Examples
    --------
    >>> find_options("* **a** sets\\n* **b** lists")["b"]
    Markup('lists')
    """
    texts: dict[str, set[str]] = {}
    for letter, option in _OPTION.findall(_LINE_BREAK.sub(" ", text)):
        texts.setdefault(letter, set()).add(_INDENT.sub("$", option))
    return {letter: render_line(options.pop()) for letter, options in texts.items() if len(options) == 1}
