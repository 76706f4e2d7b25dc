"""Sphinx's configuration of the website. `build.py` writes the folder of its sources."""

import os

from docutils import nodes
from sphinx.application import Sphinx

import lectrain
from autograder.reports.mathml import render_formula

# The address of a public repository with the content of the students' zip, for links to Colab and Binder.
STUDENT_REPOSITORY = os.environ.get("LECTRAIN_STUDENT_REPOSITORY", "")

project = html_title = "lectrain"
version = release = lectrain.__version__
language = "en"
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton"]
exclude_patterns = []
default_role = "literal"  # docstrings write `names` like this
nitpicky = False
# A cell may begin with a heading of level 3. The diagram in the guide for maintainers stays text.
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

# --- notebooks and Markdown
nb_execution_mode = "off"  # build.py has run them
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 4
myst_links_external_new_tab = False

# --- docstrings
autodoc_preserve_defaults = True  # a name instead of its long value, which would not fit a phone
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say shapes and units, and types would fill a phone
numpydoc_show_class_members = False

# --- pages
html_context = {"default_mode": "auto"}
html_theme = "sphinx_book_theme"
templates_path = ["templates"]
html_static_path = []  # build.py sets it
html_css_files = ["site.css"]
html_copy_source = False  # students download their notebooks without outputs
html_show_sourcelink = False
html_show_search_summary = False  # it would load every page that matches, and cannot do so without a server
html_math_renderer = "mathml"
html_theme_options = {
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "back_to_top_button": False,  # it would cover the buttons of an explorable on a phone
    "footer_content_items": [],
    "navbar_persistent": [],  # the sidebar has the search field
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if STUDENT_REPOSITORY:
    html_theme_options |= {
        "repository_url": STUDENT_REPOSITORY,
        "repository_branch": os.environ.get("LECTRAIN_STUDENT_BRANCH", "main"),
        "launch_buttons": {
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
            "notebook_interface": "jupyterlab",
        },
    }


def setup(app: Sphinx) -> None:
    """Render formulas as MathML, which browsers show without a script."""

    def inline(translator: object, node: nodes.math) -> None:
        translator.body.append(render_formula(node.astext()))
        raise nodes.SkipNode

    def display(translator: object, node: nodes.math_block) -> None:
        translator.body.append(f'<p class="display">{render_formula(node.astext(), True)}</p>')
        raise nodes.SkipNode

    app.add_html_math_renderer("mathml", (inline, None), (display, None))
