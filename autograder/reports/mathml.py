"""Render the formulas of Markdown as MathML, in a time and a size that have limits."""

import html
import re
from functools import lru_cache

import math_core

MAX_FORMULA_CHARACTERS = 2_000  # 20 000 braces crash the converter, and with it the worker
MAX_MATHML_CHARACTERS = 100_000  # of one formula: 2000 \\ in an align become 400 000, and a page of them 100 MB
MAX_BRACKETS = 8  # opening ones in one formula: 22 that are not closed take 0.2 s, each further one twice as long
MAX_UNSCROLLED_CHARACTERS = 40  # a longer formula within a line may not fit on a phone, so it can scroll
_TEX = math_core.LatexToMathML()
# The only tags that a formula may have, without an attribute that acts: the converter's output is not sanitised.
_MATHML = re.compile(r"</?(?:math|m[a-z]+|code|em|i|b)(?: (?!on|href|src)[a-z]+(?:=\"[^\"<>]*\")?)*/?>")
_SPACED_ROW = re.compile(r"\\\\\[[^\]\\]*\]")  # a line break with extra space, which the converter does not support
# Where math-core 0.9 searches a closing bracket. A later version may have others (`BRACKETS` in tests/fuzz/found.py).
_OPENING_NAMES = (
    "lAngle lBrace lVert lang langle lbrace lbrack lceil lfloor lgroup llangle llbracket llcorner llparenthesis "
    "lmoustache lparen lvert ulcorner"
)
_OPENING_SIGNS = r"(\[\u2308\u230a\u231c\u231e\u23b0\u2768-\u2775\u27c5\u27e6-\u27ef\u2983-\u2998\u29d8-\u29db\u29fc"
_ARGUMENT = r"(?![A-Za-z])\s*+(?:\\[A-Za-z]++|\\?.)"  # a bracket behind a command
_OPENING = rf"\\(?:{_OPENING_NAMES.replace(' ', '|')})(?![A-Za-z])|\\{{|[{_OPENING_SIGNS}]|\\[bB]igg?l{_ARGUMENT}"
# For a bracket behind these, no closing one is searched: `\big(`, not `\bigl(`. That of \sqrt may begin an option.
_UNPAIRED = rf"\\(?:left|right|middle|sqrt|[bB]igg?[mr]?){_ARGUMENT}"
# What is not in the group is taken whole, so that no bracket is found in it: `\big(`, `\sqrt[`, `\\(`.
_BRACKET = re.compile(rf"{_UNPAIRED}|(?P<opening>{_OPENING})|\\(?:[A-Za-z]++|.)", re.DOTALL)
_DEFINITION = re.compile(r"\\(?:def|let|(?:re)?newcommand|providecommand)(?![A-Za-z])")  # a command can repeat text


@lru_cache(maxsize=1024)
def render_formula(tex: str, display: bool = False) -> str:
    """Render a formula as MathML. TeX that is too long, or that cannot be converted, is shown as code.

    Examples
    --------
    >>> render_formula("x^2")
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    formula = _to_mathml(tex, display)
    if formula is None:
        return f"<code>{html.escape(tex)}</code>"
    if not display and len(tex) <= MAX_UNSCROLLED_CHARACTERS:
        return formula
    return f'<span class="{"formula" if display else "formula in-line"}" tabindex="0">{formula}</span>'


def _to_mathml(tex: str, display: bool) -> str | None:
    """Convert TeX. None if it defines a command, is too long, cannot be converted, or becomes too long or unsafe."""
    if len(tex) > MAX_FORMULA_CHARACTERS or _DEFINITION.search(tex):
        return None
    try:
        simple = _without_open_brackets(_SPACED_ROW.sub(r"\\\\", tex))
        formula = _TEX.convert_with_local_state(simple, displaystyle=display)
    except math_core.LatexError:
        return None
    return formula if len(formula) <= MAX_MATHML_CHARACTERS and "<" not in _MATHML.sub("", formula) else None


def _without_open_brackets(tex: str) -> str:
    """If a formula has many opening brackets, put each into a group, where the converter searches no closing one.

    ``(`` becomes ``{{}(}``, as the converter takes ``{(}`` for a mere ``(``.
    """
    if sum(match["opening"] is not None for match in _BRACKET.finditer(tex)) <= MAX_BRACKETS:
        return tex
    return _BRACKET.sub(lambda match: "{{}" + match["opening"] + "}" if match["opening"] else match[0], tex)
