"""What each layer of the package may import, as setup.cfg says under [importlinter]."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_each_layer_imports_only_what_is_below_it():
    pytest.importorskip("importlinter", reason="needs import-linter")
    program = (
        "import sys; from importlinter.cli import lint_imports;"
        "sys.exit(lint_imports(config_filename='setup.cfg', no_cache=True))"
    )
    # A process of its own: the checker looks for the package among the modules that are loaded.
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "2 kept, 0 broken" in found.stdout
