"""What is imported is declared, and without any extra the core does all that it promises."""

import ast
import configparser
import re
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def name_of(requirement):
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def declared():
    """(requirements of the core, those of all extras), by name."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    lists = {"core": config["options"]["install_requires"], **config["options.extras_require"]}
    names = {
        extra: {name_of(line) for line in text.split("\n") if line.strip() and not line.startswith("#")}
        for extra, text in lists.items()
        if extra != "dev"
    }
    return names.pop("core"), set().union(*names.values())


@cache
def imported():
    """Top-level modules of other distributions -> a file of the package that imports them."""
    found = {}
    for path in (ROOT / "va_space").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            found.update({name.split(".")[0]: path.relative_to(ROOT) for name in names})
    return {name: path for name, path in found.items() if name not in {*sys.stdlib_module_names, "va_space"}}


def test_every_import_is_declared():
    core, extras = declared()
    distributions = metadata.packages_distributions()
    missing = {
        name: str(path)
        for name, path in imported().items()
        if name in distributions and not {name_of(each) for each in distributions[name]} & (core | extras)
    }
    assert not missing


def needed_by(names):
    """Distributions that the named ones bring, without their extras."""
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        try:
            requirements = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # of another platform
            continue
        waiting += [name_of(each) for each in requirements if "extra ==" not in each]
    return found


CORE_ALONE = """
import sys

from importlib.machinery import ModuleSpec

class Absent:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name.split(".")[0] in ABSENT else None

    def create_module(self, spec):
        raise ModuleNotFoundError(f"No module named {spec.name!r}", name=spec.name)

    def exec_module(self, module): ...

sys.meta_path.insert(0, Absent())
import numpy as np
from PIL import Image
from va_space import VASpace, index, load_editable, read_target, restyle, search
from va_space.demo.music import clips
from va_space.errors import MissingExtraError
from va_space.export.job import export

pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
Image.fromarray(pixels).save("a.png")
space = VASpace.from_pretrained(device="cpu")
library = index(space, [clips()[0].path, clips()[1].path], "library").library
assert len(search(space, library, "a.png", 2)) == 2
assert len(list(restyle(space, load_editable("a.png"), [read_target(space, "calm")], steps=1))) == 1
assert export(space, ["a.png", clips()[0].path], "vectors.parquet").rows == 2
from va_space.transfer.video.timeline import read_timeline
try:
    read_timeline(space, clips()[0].path)
except MissingExtraError as error:
    print(error)
"""


@pytest.mark.slow
def test_the_core_needs_no_extra(tmp_path):
    core, _ = declared()
    present = needed_by(core)
    absent = {
        module
        for module, names in metadata.packages_distributions().items()
        if module in imported() and not {name_of(each) for each in names} & present
    }
    assert {"librosa", "scipy", "matplotlib", "av", "sklearn", "lightning"} <= absent
    command = [sys.executable, "-c", f"ABSENT = {absent!r}\n{CORE_ALONE}"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "va-space[video]" in result.stdout
