"""Keep math-core from searching closing brackets: with each opening one that is not closed, it takes twice as long.

The lists are those of math-core 0.9, the only version that pyproject.toml allows. A slow test in
tests/reports/test_feedback.py searches them anew, in all characters and in the words of the converter's binary.
"""

import re

MAX_BRACKETS = 8  # opening ones in one formula: 22 that are not closed take 0.2 s
_NAMES = (
    "lAngle lBrace lVert lang langle lbrace lbrack lceil lfloor lgroup llangle llbracket llcorner llparenthesis "
    "lmoustache lparen lvert ulcorner"
)
_SIGN = r"[(\[\u2308\u230a\u231c\u231e\u23b0\u2768-\u2775\u27c5\u27e6-\u27ef\u2983-\u2998\u29d8-\u29db\u29fc]"
_END = r"(?![A-Za-z])"  # of a command: `\left` is none in `\lefteqn`
_ARGUMENT = rf"{_END}\s*+(?:\\[A-Za-z]++|\\?.)"
# The first line that matches is taken whole, so that no bracket is found in what is not searched. Rare arguments, such
# as those of `\genfrac`, are not listed: a formula with many brackets and one of them is shown as code.
_BRACKET = re.compile(
    rf"""
      \\(?:left|right|middle){_ARGUMENT}  # they have a pair of their own
    | \\(?:sqrt|x[A-Za-z]{{4,}}+){_ARGUMENT}  # `[` begins an option, of arrows, too; of `\sqrt(`, `(` is the argument
    | \\[bB]igg?[mr]?{_ARGUMENT}  # only for `\bigl(` is a closing one searched
    | (?P<opening>  # `\not` strikes it through
        (?:\\not\s*+)?+(?: \\(?:{_NAMES.replace(" ", "|")}){_END} | \\\{{ | {_SIGN} ) | \\[bB]igg?l{_ARGUMENT}
      )
    | \\(?:[A-Za-z]++|.)  # any other command, such as `\alpha`, or `\\` before a bracket
    """,
    re.DOTALL | re.VERBOSE,
)


def group_opening_brackets(tex: str) -> str:
    r"""If a formula has many opening brackets, put each into a group, where the converter searches no closing one.

    ``(`` becomes ``{{}(}``, as the converter takes ``{(}`` for a mere ``(``.

    Examples
    --------
    >>> group_opening_brackets(r"\big( (((((((( \xrightarrow[b]{a} \bigl(")
    '\\big( {{}(}{{}(}{{}(}{{}(}{{}(}{{}(}{{}(}{{}(} \\xrightarrow[b]{a} {{}\\bigl(}'
    """
    if sum(match["opening"] is not None for match in _BRACKET.finditer(tex)) <= MAX_BRACKETS:
        return tex
    return _BRACKET.sub(lambda match: "{{}" + match["opening"] + "}" if match["opening"] else match[0], tex)
