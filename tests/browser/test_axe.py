"""axe-core on the export of a notebook's first third, and on the exported text of the others.

Only nbconvert's template may violate a rule.
"""

import re

import nbformat
import pytest
from nbconvert import HTMLExporter

from tests.conftest import SOURCES

from .conftest import violations

pytestmark = pytest.mark.slow

# nbconvert's template has pale prompts (In [1]:), and colours of code with too little contrast to its background.
TEMPLATE_NODE = re.compile(r'^<div class="jp-InputPrompt |^<div class="jp-OutputPrompt |^<span class="[a-z0-9]{1,2}">')
# The colours are the same in all exports, and this rule takes most of the time.
WITHOUT_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}


@pytest.mark.parametrize("name", SOURCES)
def test_the_export_of_a_notebook_adds_no_violations(name, file_visit, tmp_path):
    file, nb, is_first = tmp_path / "notebook.html", nbformat.read(SOURCES[name], 4), name == next(iter(SOURCES))
    # Code looks the same in all exports, and has most of the nodes.
    nb.cells = nb.cells[:30] if is_first else [cell for cell in nb.cells if cell.cell_type == "markdown"]
    file.write_text(HTMLExporter().from_notebook_node(nb)[0], encoding="utf-8")
    file_visit.allow_requests = True
    file_visit.page.goto(file.as_uri())
    found = violations(file_visit.page, options=None if is_first else WITHOUT_CONTRAST)
    contrast = [node for node in found.pop("color-contrast", []) if not TEMPLATE_NODE.match(node)]
    assert (found, contrast) == ({}, [])
