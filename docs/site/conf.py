"""How the site is built: ``make site``. The pages are those of the clone, where they stand.

The source folder is the clone itself, so that links between README, docs, notebooks and the model's
files hold as they do in the clone. What is not a page comes from the package when the site is
built: the figures of the gallery, the API, the commands' help.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]

from mathml import MATHML_EXTENSION
from sphinx.application import Sphinx

import netpyne_model
from netpyne_model.commands import COMMANDS

project = "CA1 place cell"
author = "The CA1 place cell package authors"
copyright = author
release = netpyne_model.__version__

extensions = [
    "myst_nb",
    "sphinx_gallery.gen_gallery",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    MATHML_EXTENSION,
]
root_doc = "README"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs/**.md",
    "docs/site/api.rst",
    "build/gallery/*.rst",
    "notebooks/README.md",
    "notebooks/*.ipynb",
]
exclude_patterns = ["docs/site/*.md", "build/gallery/sg_execution_times.rst"]

html_theme = "furo"
html_title = project
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False

# -- pages and notebooks -------------------------------------------------------------------------

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # they are committed with what they show; `make notebooks` runs them
BELOW = {
    "docs/gallery/index": "\n/build/gallery/index",
    "docs/extend/index": ":hidden:\n\n*",
    "notebooks/README": ":hidden:\n\n*",
}
"""What stands below a page in the contents, beside what the front page lists."""
CONTENTS = (Path(__file__).parent / "contents.md").read_text(encoding="utf-8")

# -- gallery -------------------------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": str(ROOT / "docs" / "gallery"),
    "gallery_dirs": str(ROOT / "build" / "gallery"),
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("package_figures.scraper", "matplotlib"),
    "reset_modules": ("matplotlib", "package_figures.reset"),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_memory": False,
    "write_computation_times": False,
}

# -- API -----------------------------------------------------------------------------------------

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc's sections say the types
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
default_role = "code"  # what stands between single backticks in the docstrings


# -- what only the site has ----------------------------------------------------------------------


def commands_help() -> str:
    """The help of every command, as it prints it."""
    parts = ["## What each command takes"]
    for name in COMMANDS:
        command = [sys.executable, "-m", "netpyne_model", name, "--help"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        parts.append(f"### ca1 {name}\n\n```text\n{done.stdout}```")
    return "\n\n".join(parts)


def as_on_the_site(app: Sphinx, docname: str, source: list[str]) -> None:
    """A page as the site has it: its own anchors, no links to folders, and what is added to it."""
    text = re.sub(r'<a id="([\w-]+)"></a>', r"(\1)=", source[0])
    source[0] = re.sub(r"(?<!!)\[([^\]]+)\]\([^)\s:]+/\)", r"\1", text)
    if docname == root_doc:
        source[0] += f"\n{CONTENTS}"
    elif docname == "docs/commands":
        source[0] += f"\n{commands_help()}\n"
    elif docname in BELOW:
        source[0] += f"\n```{{toctree}}\n:glob:\n{BELOW[docname]}\n```\n"


def front_page(app: Sphinx, exception: Exception | None) -> None:
    """The README is what a browser opens first."""
    if exception is None:
        pages = Path(app.outdir)
        shutil.copyfile(pages / f"{root_doc}.html", pages / "index.html")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", as_on_the_site)
    app.connect("build-finished", front_page)
    return {"parallel_read_safe": True}
