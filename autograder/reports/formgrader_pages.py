"""Formgrader's pages: what students choose is shown as text, and no script runs that is not nbgrader's.

nbgrader writes ids and names into its pages as they are, so an id such as `<img src=x onerror=…>` would run as code
with the rights of the instructor. `nbgrader_config.py` calls `protect`. The page for manual grading is made by
nbconvert; its names are escaped in `formgrader/formgrade/formgrade_macros.html.j2`.

Not a server extension, because Jupyter would have to be told about it on each machine: Formgrader loads
`nbgrader_config.py` anyway.
"""

import base64
import functools
import hashlib
import re
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

NONCE = secrets.token_urlsafe()  # of this server: only scripts that have it run, and no student sees a page with it
CLICK_HANDLERS = ("createAssignmentModal();", "createStudentModal();", "toggleAllNames()")  # in nbgrader's templates
_HASHES = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in CLICK_HANDLERS]
_ALLOWED_HANDLERS = " ".join(f"'sha256-{code}'" for code in _HASHES)
# Of Formgrader's pages, and of the submitted files that it serves. MathJax loads its parts itself, which
# `strict-dynamic` permits, and asks for inline styles and a blank font.
POLICY = (
    f"default-src 'none'; script-src 'nonce-{NONCE}' 'strict-dynamic' 'unsafe-hashes' {_ALLOWED_HANDLERS}; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data: about:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


def protect() -> None:
    """Escape the pages of Formgrader, and send their content security policy, if this process serves them."""
    formgrader = sys.modules.get("nbgrader.server_extensions.formgrader.base")
    if formgrader is not None:  # importing it takes longer than most commands
        formgrader.BaseHandler.render = _render
        formgrader.BaseHandler.content_security_policy = POLICY


def _render(handler: Any, name: str, **values: Any) -> str:
    """Render a template, in place of `BaseHandler.render`."""
    folder = sys.modules["nbgrader.server_extensions.formgrader.handlers"].template_path
    return _environment(Path(folder)).get_template(name).render(nonce=NONCE, **values)


@functools.cache
def _environment(folder: Path) -> "Environment":
    """Return nbgrader's templates with escaping, and with the nonce in each of their scripts."""
    from jinja2 import Environment, FunctionLoader

    def load(name: str) -> str:
        source = (folder / name).read_text(encoding="utf-8")
        # nbgrader 0.9 has them in scripts, where HTML escapes are wrong; tests/browser/test_formgrader.py finds others
        source = re.sub(r'= "{{ (\w+) }}";', r"= {{ \1 | tojson }};", source)
        return source.replace("<script", '<script nonce="{{ nonce }}"')

    return Environment(loader=FunctionLoader(load), autoescape=True)
