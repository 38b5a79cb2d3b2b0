"""The site: built from a copy of the clone with warnings as errors, its gallery run; its links lead somewhere, offline."""

import os
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html
from pages import ROOT

pytest.importorskip("sphinx", reason="the site is built by the extra `docs`")

FOLDERS = ("netpyne_model", "NeuroML2", "mod", "morphologies", "scripts", "docs", "notebooks")
SCRIPTS = sorted((ROOT / "docs" / "gallery").glob("*.py"))


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, float]:
    """The folder of the built site, and how long it took (s)."""
    clone = tmp_path_factory.mktemp("site")
    for folder in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(ROOT / folder, clone / folder, ignore=ignored)
    for file in [path for path in ROOT.iterdir() if path.is_file() and path.suffix != ".lock"]:
        shutil.copy(file, clone)
    options = ["--builder", "html", "--fail-on-warning", "--quiet", "--conf-dir", "docs/site"]
    command = [sys.executable, "-m", "sphinx", *options, ".", "build/site"]
    environment = os.environ | {"PYTHONPATH": str(clone), "MPLBACKEND": "agg"}
    start_s = time.monotonic()
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return clone / "build" / "site", time.monotonic() - start_s


@cache
def targets(file: Path) -> frozenset[str]:
    """Names on a page that a link may lead to."""
    return frozenset(html.parse(str(file)).xpath("//@id"))


def links(file: Path):
    """Every link of a page, and whether the browser loads it by itself."""
    page = html.parse(str(file))
    loaded = page.xpath("//img/@src | //script/@src | //link[@rel='stylesheet']/@href")
    yield from ((link, True) for link in loaded if not link.startswith("data:"))
    yield from ((link, False) for link in page.xpath("//a/@href"))


@pytest.mark.slow
def test_every_link_leads_somewhere_and_nothing_is_loaded_from_the_network(built, capsys):
    site, seconds = built
    pages = sorted(site.rglob("*.html"))
    internal, external = 0, set()
    for file in pages:
        for link, loaded in links(file):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                assert not loaded, f"{file.name} loads {link}"
                external.add(link)
                continue
            internal += 1
            there = file if not parts.path else (file.parent / unquote(parts.path)).resolve()
            assert there.is_file(), f"{file.relative_to(site)}: {link}"
            if parts.fragment and there.suffix == ".html":
                assert unquote(parts.fragment) in targets(there), f"{file.name}: {link}"
    assert (site / "index.html").read_bytes() == (site / "README.html").read_bytes()
    with capsys.disabled():
        print(
            f"\n{len(pages)} pages, {len(SCRIPTS)} scripts of the gallery, {internal} links followed,"
            f" {len(external)} external, built in {seconds:.0f} s"
        )


@pytest.mark.slow
def test_every_script_of_the_gallery_shows_its_figure(built):
    site, _ = built
    assert 8 <= len(SCRIPTS) <= 12
    index = (ROOT / "docs" / "gallery" / "index.md").read_text(encoding="utf-8")
    for script in SCRIPTS:
        page = html.parse(str(site / "build" / "gallery" / f"{script.stem}.html"))
        figures = page.xpath("//img[contains(@class, 'sphx-glr')]/@src")
        assert figures, script.name
        for figure in figures:
            assert (site / "build" / "gallery" / figure).resolve().stat().st_size > 5_000
        assert f"]({script.name}) |" in index


@pytest.mark.slow
def test_equations_tables_notebooks_and_api_are_there(built):
    site, _ = built
    model = html.parse(str(site / "docs" / "model.html"))
    assert len(model.xpath("//math[@display='block']")) > 10
    assert not model.xpath("//script[contains(@src, 'mathjax')]")
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        page = html.parse(str(site / "notebooks" / f"{notebook.stem}.html"))
        assert page.xpath("//div[contains(@class, 'cell_output')]//img"), notebook.name
    api = html.parse(str(site / "docs" / "site" / "api.html"))
    assert {"netpyne_model.Cell.with_rule", "netpyne_model.fi_curve"} <= set(api.xpath("//@id"))
    assert "--checkpoint-every" in (site / "docs" / "commands.html").read_text(encoding="utf-8")
