"""Render the formulas of Markdown as MathML, in a time and a size that have limits."""

import html
import re

import math_core

MAX_FORMULA_CHARACTERS = 2_000  # 20 000 braces crash the converter, and with it the worker
MAX_SEARCH = 5_000_000  # characters, of which the converter reads 50 million in a second
MAX_MATHML_CHARACTERS = 100_000  # of one formula: 2000 \\ in an align become 400 000, and a page of them 100 MB
MAX_UNSCROLLED_CHARACTERS = 40  # a longer formula within a line may not fit on a phone, so it can scroll
_TEX = math_core.LatexToMathML()
# What may be an opening bracket: with each that is not closed, the converter reads the rest twice as often.
# It also matches signs that open nothing, and brackets that are closed: those after scripts may cost as much. A formula
# with so many is rare, and is shown as code. `\left(` has its own `\right`.
_OPENING = re.compile(
    r"\\\\|\\left[(\[]"  # not counted
    r"|(?P<opening>\\(?:l(?!eft|ambda|dots|im|n|og|e)[A-Za-z]*|ulcorner|\{|[bB]igg?l[(\[]?)|[(\[]|[\u2308-\u29fc])"
)
# The converter's output is not sanitised. It may have only these tags, and no attribute that is a link or runs code.
# Others pass, such as the `style` that the converter writes for tables and colours.
_TAGS = (
    "math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow mspace msqrt "
    "mstyle msub msubsup msup mtable mtd mtext mtr munder munderover code em i b"
)
_MATHML = re.compile(rf"</?(?:{_TAGS.replace(' ', '|')})(?: (?!on|href|src)[a-z]+(?:=\"[^\"<>]*\")?)*/?>")
# A command of TeX: a line break (perhaps with extra space, which the converter does not support), a word, or a sign.
# One pattern reads them from left to right. If each were searched alone, the line break `\\` before the letters "def"
# would look like the command `\def`, and the second backslash of a line break like the start of a bracket.
_COMMAND = re.compile(r"\\(?:(?P<row>\\)(?:\[[^\]\\]*\])?|(?P<word>[A-Za-z]+)|.)", re.DOTALL)
# A command that is defined can repeat text without end.
_DEFINING = {"def", "edef", "gdef", "xdef", "let", "futurelet", "newcommand", "renewcommand", "providecommand"}


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
    """Convert TeX. None if it defines a command, takes long, cannot be converted, or becomes too long or unsafe."""
    if len(tex) > MAX_FORMULA_CHARACTERS or any(found["word"] in _DEFINING for found in _COMMAND.finditer(tex)):
        return None
    if len(tex) << sum(map(bool, _OPENING.findall(tex))) > MAX_SEARCH:
        return None
    try:
        simple = _COMMAND.sub(lambda found: r"\\" if found["row"] else found[0], tex)
        formula = _TEX.convert_with_local_state(simple, displaystyle=display)
    except (math_core.LatexError, UnicodeEncodeError):  # the latter for half of a surrogate pair
        return None
    return formula if len(formula) <= MAX_MATHML_CHARACTERS and "<" not in _MATHML.sub("", formula) else None
