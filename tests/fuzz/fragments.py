"""Text, Markdown, HTML, Python and JSON that make parsers slow or confuse them, and random mixtures of it.

Every function takes a random generator, so a seed determines its result.
"""

import random
from collections.abc import Sequence
from typing import Any

SMALL, LARGE = 5_000, 95_000  # characters of a text; some limits of the grader are at 100 000
WORDS = ("x", "sigmoid", "a b", "σ(−∞) = 0", "The gradient is zero.", "\n", "\n\n", " ", "0", "1e999", "-0.0")
CHARACTERS = (
    *("\x00", "\x07", "\x08", "\x1b[31m", "\x1b]8;;", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\ufeff"),
    *("\u200b", "\u200d", "\u202e", "\u0301", "\ufffe", "\uffff", "\ud800", "\udfff", "\U0001f600", "\U0010ffff"),
    *("\ue000", "\ue001", "\ue0000\ue001", "\ue0009\ue001", "\uf8ff", "\xa0", "\xad", "\t", "İ", "ß", "ﬁ"),
)  # fmt: skip

MARKDOWN_PIECES = (
    *("*", "**", "_", "__", "***", "~~", "`", "``", "```\n", "~~~\n", "[", "]", "![", "](", "[x](y)", "[x][y]", "[^1]"),
    *("> ", ">", "- ", "* ", "+ ", "1. ", "1) ", "    ", "\t", "# ", "###### ", "#", "---\n", "===\n", "a\n=\n", "a\n-\n"),
    *("|", "|a|b|\n", "|-|-|\n", "|a|\n|-|\n", "| :-: ", "<", ">", "<b>", "</b>", "<a href=#>", "<!--", "-->", "<![CDATA["),
    *("<?", "<div>\n\n", "</div>\n", "<pre>\n", "<script>", "<x@y.z>", "<http://a>", "http://a.b/", "www.a.b", "a@b.c"),
    *("&", "&amp;", "&#x", "&#xe000;9&#xe001;", "&#0;", "&#99999999;", "&lt;script&gt;", "&NotEqualTilde;", "\\", "\\\\", "\\*"),
    *("$", "$$", "$x$", "$$x$$\n", "\\(", "\\)", "\\\\(", "\\\\)", "\\[", "\\]", "\\\\[", "\\begin{align}", "\\end{align}", "\\begin"),
    *("{", "}", "^{", "_{", "\\frac{", "\\left(", "\\right)", "\\sqrt{", "\\text{", "\\href{javascript:alert(1)}{x}", "&=", "\\\\\n"),
    *("[a]: b\n", "[a]: <javascript:alert(1)> 'x'\n", "  \n", " \n", "'", '"', '="', "='", "onerror=alert(1) ", "attachment:x.png"),
)  # fmt: skip
HTML_PIECES = (
    *("<", ">", "</", "/>", "<a", "<a ", "<b>", "</b>", "<i>", "<p>", "</p>", "<div>", "</div>", "<table><tr><td>", "</table>"),
    *("<th scope=", "<h1>", "</h1>", "<pre>", "\n", "</pre>", "<img ", "src=x ", "alt='", 'alt="', "<svg>", "<math>", "<style>"),
    *("</style>", "<script>", "</script>", "<textarea>", "<title>", "<template>", "<noscript>", "<!--", "-->", "--!>", "<![CDATA["),
    *("]]>", "<?x", "<!DOCTYPE", "&", "&#", "&#x", "&lt;", "&amp;lt;", "&gt", "&NotEqualTilde;", "&#0;", "&#xD800;", "=", "'", '"', "/"),
    *(" a=1", " onclick=alert(1)", " href='javascript:alert(1)'", " style='color:red'", " class=x", " id=x", "$x$", "\\href{x}{y}"),
    *("<details open>", "<summary>", "<ul><li>", "<span ", "<font>", "<a><a>", "<button>", "<select>", "<option>", "<iframe>", "<p><b>"),
)  # fmt: skip
NESTINGS = (
    *(("(", ")"), ("[", "]"), ("{", "}"), ("$", "$"), ("$$", "$$"), ("*", "*"), ("**", "**"), ("*a **b ", "** c*"), ("~~", "~~")),
    *(("[", "](x)"), ("![", "](x)"), ("<b>", "</b>"), ("<div>", "</div>"), ("<table><tr><td>", "</td></tr></table>"), ("<!--", "-->")),
    *(("> ", ""), ("- ", ""), ("1. ", ""), ("> - ", "\n"), ("\\begin{a}", "\\end{a}"), ("\\frac{", "}{2}"), ("{", "}"), ("^{", "}")),
    *(("\\left(", "\\right)"), ("\\sqrt{", "}"), ("\\(", "\\)"), ("\\\\(", "\\\\)"), ("`", "`"), ("<a href='", "'>x</a>"), ("&lt;", "&gt;")),
)  # fmt: skip

CODE_PIECES = (
    *("(", "[", "{", ")", "-", "~", "not ", "await ", "lambda: ", "lambda x=", "x.", "x[", "x(", "1+", "1-", "a<", "a and ", "a if b else "),
    *("x=", "x,", "*x,", "**", "2**", ":=", "(a:=", "...", "@a\n", "#", "# x\n", "\\\n", "\n", " \n", ";", "pass;", "0x", "9", "1_", "1j*"),
    *('"', "'", '"""', "'''", 'f"{', "f'{x!r:>{", "rb''", "'a' 'b' ", "'\\N{", "'\\x", "\\", "if x:\n", "x = 1\n", "import scipy.special\n"),
    *("%", "%%", "%%time\n", "%timeit ", "!ls\n", "!!", "?", "??", "x?\n", "/f x\n", ",f x\n", ">>> ", "... ", "In [1]: ", "$", "`", "\t"),
    *("BEGIN HIDDEN TESTS\n", "### END HIDDEN TESTS\n", "BEGIN HIDDEN TESTS", "check(sigmoid)\n", "global x\n", "del x\n", "yield x\n"),
    *("from scipy.special import expit\n", "eval(", "getattr(", "__import__(", "sys.modules[", "print(", "type: ignore", "# coding: x\n"),
)  # fmt: skip
CODE_NESTINGS = (
    *(("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("x[", "]"), ("{1:", "}"), ("(lambda: ", ")"), ("[x for x in ", "]"), ("-(", ")")),
    *(('f"{', '}"'), ("f'{x:{", "}}'"), ("(a:=", ")"), ("not (", ")"), ("await (", ")"), ("getattr(", ", 'a')"), ("(yield ", ")"), ("(*", ",)")),
)  # fmt: skip
BLOCKS = (
    *("if x:", "def f():", "class C:", "for x in y:", "while x:", "try:", "with a as b:", "else:", "match x:", "case [x]:"),
    *("async def f():", "def f(x=lambda: 0):", "if a.b.c.d.e.f.g:", "except* E:", "finally:", "elif x:"),
)  # fmt: skip
HONEST_CODE = (
    "import numpy as np\n\ndef sigmoid(z):\n    return 0.5 * (1 + np.tanh(z / 2))",
    "from scipy.special import expit\n\ndef sigmoid(z):\n    return expit(z)",
    "q = [expit]\nfor f in q:\n    sigmoid = f",
    "%matplotlib inline\nplt.plot([1, 2])",
    "assert sigmoid(0) == 0.5",
)


def size(rng: random.Random, largest: int) -> int:
    """A number from 1 to ``largest``: small and large ones are equally likely on a logarithmic scale."""
    return int(largest ** rng.random())


def text(rng: random.Random) -> str:
    """Words, and characters that terminals, XML or UTF-8 cannot represent."""
    return "".join(rng.choices((*WORDS, *CHARACTERS), k=size(rng, 30)))


def large(rng: random.Random, cell_type: str) -> str:
    """A large text of one cell that repeats a fragment: what takes quadratic time is noticed."""
    if cell_type == "code":
        return _repetition(rng, CODE_PIECES, CODE_NESTINGS, LARGE)
    return _repetition(rng, MARKDOWN_PIECES + HTML_PIECES, NESTINGS, LARGE)


def markdown(rng: random.Random) -> str:
    return _mixture(rng, MARKDOWN_PIECES + HTML_PIECES * (rng.random() < 0.3), NESTINGS)


def html(rng: random.Random) -> str:
    return _mixture(rng, HTML_PIECES, NESTINGS)


def code(rng: random.Random) -> str:
    """Python and IPython's own syntax, most of it invalid."""
    match rng.randrange(6):
        case 0:
            return rng.choice(HONEST_CODE)
        case 1:
            return _indented(rng)
        case 2:
            return rng.choice(HONEST_CODE) + "\n" + _mixture(rng, CODE_PIECES, CODE_NESTINGS)
        case 3:
            return "x = " + _mixture(rng, CODE_PIECES, CODE_NESTINGS)
        case _:
            return _mixture(rng, CODE_PIECES, CODE_NESTINGS)


def _mixture(rng: random.Random, pieces: Sequence[str], nestings: Sequence[tuple[str, str]]) -> str:
    parts = [_part(rng, pieces, nestings) for _ in range(rng.choice((1, 1, 1, 2, 3, 6)))]
    return "".join(parts)


def _part(rng: random.Random, pieces: Sequence[str], nestings: Sequence[tuple[str, str]]) -> str:
    match rng.randrange(6):
        case 0:
            return "".join(rng.choices((*pieces, *WORDS), k=size(rng, 40)))
        case 1:
            return "".join(rng.choices((*pieces, *CHARACTERS, *WORDS), k=size(rng, 40)))
        case _:
            return _repetition(rng, pieces, nestings, size(rng, SMALL))


def _repetition(rng: random.Random, pieces: Sequence[str], nestings: Sequence[tuple[str, str]], characters: int) -> str:
    piece = rng.choice(pieces)
    match rng.randrange(4):
        case 0:
            opening, closing = rng.choice(nestings)
            depth = characters // len(opening + closing) + 1
            closings = depth if rng.random() < 0.7 else rng.randrange(depth)
            return opening * depth + piece + closing * closings
        case 1:
            pair = piece + rng.choice(pieces)
            return pair * (characters // len(pair) + 1)
        case 2:
            line = piece + rng.choice(WORDS)
            return "\n".join([line] * (characters // len(line) + 1))
        case _:
            return piece * (characters // len(piece) + 1)


def _indented(rng: random.Random) -> str:
    """Nested blocks around a long expression."""
    opening = rng.choice(BLOCKS)
    lines = [" " * level + (opening if rng.random() < 0.8 else rng.choice(BLOCKS)) for level in range(size(rng, 120))]
    chain = rng.choice(("a", "x", "scipy")) + rng.choice((".b", "[0]", "()", ".special.expit")) * size(rng, 300)
    return "\n".join([*lines, *[" " * len(lines) + chain] * size(rng, 20)])


# --- JSON -------------------------------------------------------------------------------------------------------

INTEGERS = (0, 1, -1, 4, 5, 99, 2**31, 2**63, -(2**63) - 1, 10**400, 10**4000)
FLOATS = (0.5, -0.0, 1e308, 5e-324, float("nan"), float("inf"), float("-inf"))


def scalar(rng: random.Random) -> Any:
    return rng.choice(
        (None, True, False, "", text(rng), "x" * size(rng, SMALL), rng.choice(INTEGERS), rng.choice(FLOATS))
    )


def json_value(rng: random.Random, depth: int = 4) -> Any:
    """Any JSON that Python's parser accepts."""
    if rng.random() < 0.02:
        return nested(rng, size(rng, 300))
    match rng.randrange(4) if depth else 0:
        case 0 | 1:
            return scalar(rng)
        case 2:
            return [json_value(rng, depth - 1) for _ in range(size(rng, 5))]
        case _:
            return {key(rng): json_value(rng, depth - 1) for _ in range(size(rng, 5))}


def key(rng: random.Random) -> str:
    return rng.choice(("a", "", "source", "data", "text/html", "nbgrader", "tags", text(rng)))


def nested(rng: random.Random, depth: int) -> Any:
    value: Any = scalar(rng)
    for _ in range(depth):
        value = [value] if rng.random() < 0.5 else {"a": value}
    return value
