"""Parse the code that IPython runs for a cell: without common indentation and magics."""

import ast
import re
import textwrap
import warnings

# A cell magic after which no definition is kept, such as %%timeit.
_SEPARATING_MAGIC = re.compile(r"\s*%%(?!(?:time|capture|prun)\b)")
# These patterns replace IPython's own search for magics, which tokenises the cell again for each one: that takes
# quadratic time. So might a hostile text, but ++ and *+ keep what they have matched.
_MAGIC_LINE = re.compile(
    r"""^([ \t]*+)(?:
    %{1,2}[A-Za-z] | !(?!=) | \?      # %time, !ls, ?name
    | %?[\w.*]++\?\??[ \t]*+$         # name?, name??
    )(?:.*\\\n)*+.*                   # the rest, with lines that continue it""",
    re.MULTILINE | re.VERBOSE,
)
_TIMED_LINE = re.compile(r"^([ \t]*+)%time[ \t]++(?!-)", re.MULTILINE)  # it keeps what its statement defines
# with a value: files = !ls
_MAGIC_VALUE = re.compile(r"^([ \t]*+[\w.,:'\"\[\] \t]++=[ \t]*+)[%!](?!=)(?:.*\\\n)*+.*", re.MULTILINE)


def parse_cell(source: str) -> ast.Module | None:
    """Parse a cell. None if it is not valid Python.

    Lines with magics, which define no name that Python sees, become ``pass`` or ``()``; ``%time x = 1`` becomes
    ``x = 1``. A cell that begins with a
    magic after which no definition is kept, such as ``%%timeit``, is not Python.

    Beside a real magic, a line in a text or in brackets that looks like one, such as ``%d``, is replaced, too: the text
    is another one then, and the cell with the brackets counts as invalid.

    Examples
    --------
    >>> ast.unparse(parse_cell("  %matplotlib inline\\n  x = f(y)"))
    'pass\\nx = f(y)'
    """
    if _SEPARATING_MAGIC.match(source):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of invalid escape sequences
        if tree := _parse(source):  # IPython leaves such a cell unchanged
            return tree
        code = _TIMED_LINE.sub(r"\1", textwrap.dedent(source))
        return _parse(_MAGIC_VALUE.sub(r"\1()", _MAGIC_LINE.sub(r"\1pass", code)))


def _parse(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
