"""The bundle of the reports' pages: made from the committed sources and nothing else."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from netpyne_model.data_folders import PACKAGE

BROWSER = PACKAGE / "reports" / "browser"
BUNDLE = BROWSER / "bundle"
MANIFEST = json.loads((BUNDLE / "manifest.json").read_text())
LIBRARIES = ("three", "uplot")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_bundle_is_that_of_the_manifest():
    for name in ("report.js", "sweep.js", "report.css"):
        assert sha256((BUNDLE / name).read_bytes()) == MANIFEST[name]["sha256"]
    assert {path.name for path in BUNDLE.iterdir()} == {
        "report.js",
        "sweep.js",
        "report.css",
        "licences.txt",
        "manifest.json",
    }


def test_the_bundle_was_made_from_the_sources_as_they_are():
    """Without node: of what `make browser` reads, the manifest keeps a hash."""
    files = ["build.mjs", "package-lock.json"]
    files += [f"src/{path.name}" for path in sorted((BROWSER / "src").iterdir())]
    content = b"".join(name.encode() + b"\0" + (BROWSER / name).read_bytes() for name in files)
    assert sha256(content) == MANIFEST["sources"]["sha256"], "make browser"


@pytest.mark.parametrize("name", LIBRARIES)
def test_libraries_are_pinned_and_their_licences_kept(name):
    package = json.loads((BROWSER / "package.json").read_text())
    locked = json.loads((BROWSER / "package-lock.json").read_text())["packages"]
    one = locked[f"node_modules/{name}"]
    assert package["devDependencies"][name] == one["version"] == MANIFEST[name]["version"]
    assert one["integrity"].startswith("sha512-")
    assert MANIFEST[name]["licence"] == "MIT"
    licences = (BUNDLE / "licences.txt").read_text()
    assert f"{name} {one['version']}\n" in licences
    assert licences.count("Permission is hereby granted") == len(LIBRARIES)


def test_the_lock_file_names_the_public_registry_or_none():
    locked = json.loads((BROWSER / "package-lock.json").read_text())["packages"]
    for one in locked.values():
        assert one.get("resolved", "https://registry.npmjs.org/").startswith(
            "https://registry.npmjs.org/"
        )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="bundling needs Node; no 'npm' on PATH")
def test_bundling_again_gives_the_same_bytes(tmp_path):
    folder = tmp_path / "browser"
    ignored = shutil.ignore_patterns("node_modules", "bundle")
    shutil.copytree(BROWSER, folder, ignore=ignored)
    install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(install, cwd=folder, check=True, capture_output=True)
    subprocess.run(["npm", "run", "build"], cwd=folder, check=True, capture_output=True)
    for path in BUNDLE.iterdir():
        assert (folder / "bundle" / path.name).read_bytes() == Path(path).read_bytes(), path.name
    for name in LIBRARIES:
        file = folder / "node_modules" / name / MANIFEST[name]["file"]
        assert sha256(file.read_bytes()) == MANIFEST[name]["sha256"]
