"""Parse the code that IPython runs for a cell: without prompts, common indentation and magics."""

import ast
import re
import warnings
from typing import Any

_PROMPTS = (">>>", "...", "In [", "[nav] In [", "[ins] In [")  # unless it is removed, `In [1]: x = 1` is an annotation
# These patterns replace IPython's own search for magics, which tokenises the cell again for each one: that takes
# quadratic time. So might a hostile text, but ++ and *+ keep what they have matched.
_MAGIC_LINE = re.compile(
    r"""^([ \t]*+)(?:
    %{1,2}[A-Za-z] | !(?!=) | \?      # %time, !ls, ?name
    | %?[\w.*]++\?\??[ \t]*+$         # name?, name??
    )(?:.*\\\n)*+.*                   # the rest, with lines that continue it""",
    re.MULTILINE | re.VERBOSE,
)
# with a value: files = !ls
_MAGIC_VALUE = re.compile(r"^([ \t]*+[\w.,:'\"\[\] \t]++=[ \t]*+)[%!](?!=)(?:.*\\\n)*+.*", re.MULTILINE)


def parse_cell(source: str) -> ast.Module | None:
    """Parse a cell. None if it is not valid Python.

    Lines with magics, which define no name that Python sees, become ``pass`` or ``None``. A cell with a cell magic such
    as ``%%time`` becomes one call with its text, and defines nothing.

    Beside a real magic, a line in a text or in brackets that looks like one, such as ``%d``, is replaced, too: the text
    is another one then, and the cell with the brackets counts as invalid.

    Examples
    --------
    >>> ast.unparse(parse_cell(">>> %matplotlib inline\\n>>> x = f(y)"))
    'pass\\nx = f(y)'
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of invalid escape sequences
        has_prompts = any(line.lstrip().startswith(_PROMPTS) for line in source.splitlines())
        if not has_prompts and (tree := _parse(source)):  # IPython leaves such a cell unchanged
            return tree
        from IPython.core.inputtransformer2 import TransformerManager  # imports much, and most cells are plain Python

        manager: Any = TransformerManager()  # type: ignore[no-untyped-call]
        lines = f"{source}\n".splitlines(keepends=True)
        for transform in (*manager.cleanup_transforms, *manager.line_transforms):
            lines = transform(lines)
        return _parse(_MAGIC_VALUE.sub(r"\1None", _MAGIC_LINE.sub(r"\1pass", "".join(lines))))


def _parse(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
