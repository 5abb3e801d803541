"""How Sphinx builds the site. Build it with docs/build.py, which gathers the pages first."""

import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # mathml.py

project = "hdlib and the workbook"
author = copyright = "The hdlib authors"
version = release = installed("hdlib-workbook")
language = "en"

extensions = [
    "mathml",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["docs/index.md"]  # its text stands at the end of the landing page

# The site shows what is committed, which `pytest --nbval` holds equal to what the code prints.
nb_execution_mode = "off"
# The saved notebooks show pictures instead of widgets, so nothing is to be fetched for them.
nb_ipywidgets_js: dict[str, dict[str, str]] = {}

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath", "html_image"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_use_unqualified_type_names = True
default_role = "code"

html_theme = "pydata_sphinx_theme"
html_title = project
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_sidebars = {
    page: [] for page in ("docs/speed", "docs/claims", "CONTRIBUTING", "CHANGELOG")
}  # no sections
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "navigation_with_keys": True,
    "secondary_sidebar_items": ["page-toc"],
    "show_prev_next": True,
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
