"""Sanitise HTML: keep plain markup and embedded pictures, within the limits of the parsers.

The parsers take quadratic time. An output has up to a million characters, the outputs of a notebook eight million.
Without these limits, a few outputs hold the worker for the 30 s of its stage, while the others of the class wait.
"""

import html
import itertools
import re
import secrets

import nh3

from .bounded_search import find_after

# Of start and end tags, also those that a pass adds. 10 000 nested tags take 0.2 s, a million characters of them more
# than a minute.
MAX_TAGS = 5_000
MAX_ENTITIES = 20_000  # 250 000 "&" take 0.7 s, a million 10 s
MAX_SEPARATORS = 30_000  # of words, and so of attributes: 30 000 in one tag take 0.2 s, 100 000 take 7 s
MAX_PLAIN_CHARACTERS = 100_000  # of markup or text that is shown as it is
MAX_COSTLY_CHARACTERS = 19_000  # among these: each may become an entity, so fewer than `MAX_ENTITIES`
# Parsers repeat the attributes of some tags, such as <b>. A picture is none of these, and its data may be longer.
MAX_ATTRIBUTE_CHARACTERS = 1000
MAX_PASSES = 4  # until the sanitised markup stays as it is

PIXEL_PICTURES = ("png", "jpeg", "gif", "webp")
PICTURES = (*PIXEL_PICTURES, "svg+xml")  # browsers do not run the scripts of an SVG in an <img>
_LANDMARKS = {"article", "aside", "footer", "header", "hgroup", "nav"}  # a page has its own, for screen readers
TAGS = nh3.ALLOWED_TAGS - _LANDMARKS - {"map", "area", "wbr"}  # maps need names; MathJax ignores <wbr>: \hr<wbr>ef
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height", "style"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "ol": {"start"},
    "details": {"open"},
    "div": {"style"},
}
# The box around the text of an exercise, the only style of a <div>: `sanitise_markdown` leaves such cells as they are.
# VS Code makes every <div> as wide as the page, and with another `box-sizing` its padding would leave the page.
# The last paragraph in it has a margin of its own, so that the padding below is smaller.
BOX = (
    "background-color:rgba(0, 114, 178, 0.1);border-left:4px solid #0072B2;"
    "padding:0.8em 1em 0.5em;margin-bottom:0.6em;box-sizing:border-box"
)
_BOX_PROPERTIES = {declaration.partition(":")[0] for declaration in BOX.split(";")}
_EMBEDDED_PICTURE = re.compile(rf"data:image/({'|'.join(map(re.escape, PICTURES))});base64,[A-Za-z0-9+/=\s]*\Z")
# TeX commands that MathJax turns into links, styles, identifiers and the like. With a word joiner (U+2060) behind the
# backslash, they are none any more, and look the same in a text.
_ACTIVE_TEX = re.compile(r"\\(href|style|class|cssId|require|bbox|csname|data|mmlToken|includegraphics)(?![A-Za-z])")
_PICTURE_DATA = re.compile(r"(?<=;base64,)[A-Za-z0-9+/=]{100,}")  # so the name, of at most 40 characters, is shorter
_SEPARATOR = re.compile(r"[\s/\"']+")
_START_OF_PRE = re.compile(r'(<pre(?: \w+="[^"]*")*>)\n+')
_COSTLY_CHARACTER = re.compile(r"[<>&\s/\"']")  # an entity, or a separator of attributes


def sanitise_html(markup: str) -> str:
    """Remove scripts, forms, classes, identifiers and requests to other servers from HTML.

    Of styles, only the `BOX` and the widths of pictures stay. Markup beyond the limits on tags, entities and words,
    which may be attributes, becomes preformatted text, and is cut off.

    Examples
    --------
    >>> sanitise_html('<b onclick="alert(1)">bold</b><script>alert(1)</script>')
    '<b>bold</b>'
    """
    for _ in range(MAX_PASSES):  # a parser may read what is left in another way, so until nothing changes
        clean = _sanitise_once(markup)
        if clean == markup:
            return clean
        markup = clean
    return preformatted(markup)  # it does not settle: show it as text


def _sanitise_once(markup: str) -> str:
    """Remove what is not allowed as nh3 reads it now. It reads a short name in place of the data of each picture.

    One character in 64 of the data is a slash, and would count as a separator of attributes. It is safe to put the data
    back wherever nh3 has left a name: it has only letters, digits and ``+/=``, and nh3 quotes what it keeps of a tag.
    """
    data = _PICTURE_DATA.findall(markup)
    token, numbers = secrets.token_hex(16), itertools.count()  # no student can guess the names
    named = _PICTURE_DATA.sub(lambda _: f"{token}{next(numbers)}n", markup)  # which are valid base64, too
    if _is_oversized(named):
        return preformatted(markup)
    pieces = re.split(rf"{token}(\d+)n", _clean(named))
    found = pieces[1::2]
    if len(set(found)) < len(found):  # parsers repeat the attributes of some tags, and would multiply long data
        return preformatted(markup)
    pieces[1::2] = [data[int(number)] for number in found]
    return "".join(pieces)


def _clean(markup: str) -> str:
    clean = nh3.clean(
        markup,
        tags=TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        filter_style_properties={"width", "max-width", *_BOX_PROPERTIES},
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )
    # HTML parsers drop one line break after <pre>. A second pass would drop another one, so drop all of them.
    clean = _START_OF_PRE.sub(r"\1", clean)
    return _ACTIVE_TEX.sub("\\\\\u2060\\1", clean)


def _is_oversized(markup: str) -> bool:
    has_many = markup.count("<") > MAX_TAGS or markup.count("&") > MAX_ENTITIES
    # in all: only a parser knows where a tag ends, because its attributes may contain brackets
    return has_many or bool(find_after(_SEPARATOR, markup, MAX_SEPARATORS))


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if tag != "img" and len(value) > MAX_ATTRIBUTE_CHARACTERS:
        return None
    if (tag, name) == ("img", "src"):
        return value if _EMBEDDED_PICTURE.match(value) else None
    if (tag, name) == ("div", "style"):
        return value if value == BOX else None
    if name == "style":  # of a picture, which may have a width
        # nh3 would then keep the properties of the box, too. One whose name has CSS escapes is not found here, but in
        # the next pass: nh3 has written the name without them.
        return None if any(each in value.lower() for each in _BOX_PROPERTIES) else value
    if name == "scope":
        return value if value in ("row", "col", "rowgroup", "colgroup") else None
    if name == "href":
        return value if value.startswith(("#", "http://", "https://", "mailto:")) else None
    return value


def preformatted(text: str) -> str:
    """Convert text to HTML that shows it with its line breaks, up to where a parser would begin to take much time."""
    last = find_after(_COSTLY_CHARACTER, text, MAX_COSTLY_CHARACTERS)
    end = min(last.start() if last else len(text), MAX_PLAIN_CHARACTERS)
    note = "\n[The rest is not shown.]" if end < len(text) else ""
    return f"<pre>{html.escape(text[:end], quote=False)}{note}</pre>"
