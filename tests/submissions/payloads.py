"""Markup of hostile submissions, and a function that finds active content in markup as a browser would."""

import re
from html.parser import HTMLParser

MARKUP = (
    "<script>alert(1)</script>",
    "<ScRiPt src='https://evil.example/x.js'></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://evil.example/pixel.png'>",
    '<img src="data:text/html,<script>alert(1)</script>">',
    '<img src="data:image/png;base64,AAAA" onload="alert(1)">',
    "<svg onload=alert(1)></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text y='20'>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext></p><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<math><maction actiontype='statusline' xlink:href='javascript:alert(1)'>x</maction></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object><embed src='//evil.example'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java&#x73;cript:alert(1)'>x</a>",
    "<a href=' &#1; javascript:alert(1)'>x</a>",
    "<a href='jav\tascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<form action='https://evil.example'><input name=a><button formaction='javascript:alert(1)'>x</button></form>",
    "<style>body { background: url(https://evil.example) } * { display: none }</style>",
    "<p style='position: fixed; inset: 0; background: url(https://evil.example)'>x</p>",
    "<div id='sigmoid' class='modal lectrain-verdict' name='submit'>x</div>",
    "<link rel=stylesheet href='https://evil.example/x.css'><base href='https://evil.example'>",
    "<meta http-equiv=refresh content='0; url=https://evil.example'>",
    "<video src='https://evil.example' autoplay onplay=alert(1)><source src=x></video><audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "<x/onmouseover=alert(1)>x</x><marquee onstart=alert(1)>x</marquee>",
    "</div></body></html><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    """<table><tr><th scope="></th><script>alert(1)</script>" onclick="alert(1)">x</th></tr></table>""",
    """<a title="<h1><x"></a><h1></h1><b title="></b><script>alert(1)</script>" onclick="alert(1)">x</b>""",
    """<img alt='<h1><img src="' src=x onerror=alert(1)><h1></h1>"><script>alert(1)</script>""",
    "<template><script>alert(1)</script></template><portal src='https://evil.example'></portal>",
    r"$\href{javascript:alert(1)}{x}$ and $\style{position:fixed}{x}$ and $\class{modal}{x}$",
    r"$\hr<wbr>ef{javascript:alert(1)}{x}$ and $\hr<!-- -->ef{javascript:alert(1)}{x}$ and $&#92;href{javascript:1}{x}$",
)

MARKDOWN = (
    "[x](javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    '![x](https://evil.example/"onerror="alert(1))',
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '# <img src=x onerror=alert(1)> "onclick=alert(1) x="',
    "`<img src=x onerror=alert(1)>` and <img src=x onerror=alert(1)>",
    "    [x](javascript:alert(1))\n\n<b>[x](javascript:alert(1))</b>",
    "```html\n<img src=x onerror=alert(1)>\n```\n<script>alert(1)</script>",
    "<div>\n\n[x](javascript:alert(1))\n\n</div>",
    "<pre>\n\n\n[x](javascript:alert(1))\n\n</pre>",
    "$</div><img src=x onerror=alert(1)>$ and $$<script>alert(1)</script>$$",
    "\\begin{align}<img src=x onerror=alert(1)>\\end{align}",
    "|a|\n|-|\n|<img src=x onerror=alert(1)>|",
)

_SAFE_STYLE = ("width", "max-width")
_SAFE_ATTRIBUTES = ["alt", "title", "width", "height", "colspan", "rowspan", "align", "scope", "start", "open"]


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.active: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        from autograder.submissions.sanitise_html import BOX, TAGS

        if tag not in TAGS:
            self.active.append(f"<{tag}>")
        for name, value in attrs:
            value = (value or "").strip().lower()
            if name == "style":
                properties = [part.partition(":")[0].strip() for part in value.split(";") if part.strip()]
                is_safe = all(name in _SAFE_STYLE for name in properties) and "(" not in value
                is_active = not is_safe and (tag, value) != ("div", BOX.lower())
            elif name in ("src", "href"):
                safe = ("data:image/",) if name == "src" else ("http://", "https://", "mailto:", "#")
                is_active = bool(value) and not value.startswith(safe)
            else:
                is_active = name not in _SAFE_ATTRIBUTES
            if is_active:
                self.active.append(f'{name}="{value}"')

    def handle_data(self, data):
        self.text += data


def find_active_content(markup: str) -> list[str]:
    """Return the tags and attributes that do more than show text, links and embedded pictures."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.active + re.findall(r"\\href(?![A-Za-z])", reader.text)  # \hrefx is another command in TeX


def without_anchors(rendered: str) -> str:
    """Remove the id and the link that nbconvert adds to every heading."""
    rendered = re.sub(r'(<h[1-6]) id="[^"<>]*"', r"\1", rendered)
    return re.sub(r'<a class="anchor-link" href="#[^"<>]*">(¶|&#182;)</a>', "", rendered)
