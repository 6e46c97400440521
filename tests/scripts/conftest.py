"""Scripts are files, not modules: loaded by their path, and may import from their folder, as scripts do."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def script():
    """Load one of the scripts by its name."""
    folder = Path(__file__).parents[2] / "scripts"

    def load(name):
        path = folder / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    sys.path.insert(0, str(folder))
    yield load
    sys.path.remove(str(folder))
