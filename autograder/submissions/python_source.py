"""Parse the code that IPython runs for a cell: without prompts and common indentation, and with calls for magics."""

import ast
import re
import warnings
from typing import Any

_PROMPTS = (">>>", "...", "In [", "[nav] In [", "[ins] In [", "%%")
# IPython itself tokenises the cell again for each magic, which takes quadratic time.
_MAGIC_LINE = re.compile(r"^([ \t]*+)(?:%{1,2}[A-Za-z]|!(?!=)|\?|%?[\w.*]++\?\??[ \t]*+$)(?:.*\\\n)*+.*", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"^([ \t]*+[\w.,\[\] \t]++=[ \t]*+)[%!](?!=)(?:.*\\\n)*+.*", re.MULTILINE)


def parse_cell(source: str) -> ast.Module | None:
    """Parse a cell. Lines with magics, which define no name that Python sees, become ``pass`` or ``None``.

    None if the cell is not valid Python.

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
