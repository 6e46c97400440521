"""The site: it builds strictly, and it documents every public package."""

import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
# Of no use to programs: the command line, and what carries data.
LEFT_OUT = {"commands", "demo", "weights"}


def script(name: str) -> ModuleType:
    spec = spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_package_has_a_page_of_reference():
    pytest.importorskip("mkdocs", reason="needs the extra docs")
    packages = {path.parent.name for path in (ROOT / "va_space").glob("*/__init__.py")}
    assert set(script("site_pages").REFERENCE) == packages - LEFT_OUT


def test_roles_and_examples_of_docstrings_are_adapted():
    pytest.importorskip("griffe", reason="needs the extra docs")
    adapted = script("site_docstrings").adapted
    assert adapted(":func:`index` of :class:`~va_space.space.VASpace`") == (
        '<code>index</code> of <autoref optional identifier="va_space.space.VASpace">'
        "<code>VASpace</code></autoref>"
    )
    assert adapted("A.\n\n>>> [1, 2]\n[1, 2]\n\nB.") == "A.\n\n```pycon\n>>> [1, 2]\n[1, 2]\n```\n\nB."
    assert adapted("A.\n\nExample:\n    >>> 1\n    1") == "A.\n\nExamples:\n    >>> 1\n    1"


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip("mkdocs", reason="needs the extra docs")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "git clone" in (tmp_path / "index.html").read_text("utf-8")
    reference = (tmp_path / "reference/retrieval/index.html").read_text("utf-8")
    assert 'id="va_space.retrieval.search.search"' in reference
    # Links of the guides to files outside docs/ lead to their pages.
    assert 'href="../perf/"' in (tmp_path / "benchmarks/index.html").read_text("utf-8")
    # Links to sound are players; what they play, and the pictures, came along.
    gallery = (tmp_path / "gallery/index.html").read_text("utf-8")
    players = re.findall(r'<audio controls preload="none" src="([^"]+)"', gallery)
    pictures = re.findall(r'<img [^>]*src="([^"]+\.(?:jpg|png))"', gallery)
    assert len(players) > 10
    assert len(pictures) > 20
    assert all((tmp_path / "gallery" / unquote(each)).is_file() for each in (*players, *pictures))
