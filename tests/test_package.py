"""What users get: the wheel, quick imports, quick help."""

import email
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from a copy of the sources, so that the checkout stays clean."""
    sources = tmp_path_factory.mktemp("sources")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    for room in ("va_space", "tests", "benchmarks", "scripts"):
        if (ROOT / room).is_dir():
            shutil.copytree(ROOT / room, sources / room, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist", "."]
    built = subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = (sources / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


@pytest.mark.slow
def test_wheel_holds_every_module_and_nothing_else(wheel):
    modules = {str(PurePosixPath(path.relative_to(ROOT))) for path in (ROOT / "va_space").rglob("*.py")}
    assert {name for name in wheel.namelist() if name.endswith(".py")} == modules
    assert {name.split("/")[0].split("-")[0] for name in wheel.namelist()} == {"va_space"}


@pytest.mark.slow
def test_wheel_holds_the_data_of_the_package(wheel):
    names = set(wheel.namelist())
    assert "va_space/py.typed" in names
    for recipe in ("open", "paper", "smoke"):
        assert f"va_space/training/recipes/{recipe}.toml" in names
    for name in ("model.safetensors", "config.json", "README.md", "LICENSE"):
        assert f"va_space/weights/{name}" in names
    assert "va_space/generation/tags/vocabulary.csv" in names
    for name in ("heads.safetensors", "README.md", "LICENSE"):
        assert f"va_space/weights/text/{name}" in names
    assert sum(name.startswith("va_space/demo/clips/") and name.endswith(".ogg") for name in names) >= 24
    suffixes = {PurePosixPath(name).suffix for name in names if ".dist-info/" not in name}
    assert suffixes <= {
        ".py",
        ".typed",
        ".toml",
        ".txt",
        ".csv",
        ".safetensors",
        ".json",
        ".md",
        ".html",
        ".css",
        ".js",
        ".ttf",
        ".LICENSE",
        ".ogg",
        "",
    }


@pytest.mark.slow
def test_wheel_is_small_enough(wheel):
    sizes = {entry.filename: entry.file_size for entry in wheel.infolist()}
    assert sum(size for name, size in sizes.items() if name.startswith("va_space/weights/")) <= 80e6
    assert sum(size for name, size in sizes.items() if name.startswith("va_space/demo/clips/")) <= 3e6
    assert sum(entry.compress_size for entry in wheel.infolist()) <= 50e6


@pytest.mark.slow
def test_bill_of_materials_is_that_of_the_wheel(wheel):
    bill = json.loads(wheel.read("va_space/sbom.cdx.json"))
    files = [file for part in bill["components"] for file in part.get("components", [])]
    assert {"va_space/weights/model.safetensors", "va_space/studio/static/htmx.min.js"} < {
        file["name"] for file in files
    }
    for file in files:
        assert hashlib.sha256(wheel.read(file["name"])).hexdigest() == file["hashes"][0]["content"]


@pytest.mark.slow
def test_metadata(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = email.message_from_bytes(wheel.read(name))
    assert metadata["Name"] == "va-space"
    assert metadata["Requires-Python"] == "<3.14,>=3.11"
    assert metadata["License-Expression"] == (
        "Apache-2.0 AND CC-BY-NC-SA-4.0 AND CC-BY-SA-4.0 AND Bitstream-Vera AND 0BSD AND ISC"
    )
    assert {"LICENSE", "va_space/weights/LICENSE", "va_space/weights/text/LICENSE"} <= set(
        metadata.get_all("License-File")
    )
    assert metadata.get_payload().startswith("# va-space")
    extras = set(metadata.get_all("Provides-Extra"))
    assert {"av", "midi", "train", "benchmark", "demo", "all", "dev"} <= extras


@pytest.mark.slow
def test_wheel_licence_is_the_apache_licence(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/licenses/LICENSE"))
    text = wheel.read(name).decode()
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "APPENDIX: How to apply the Apache License to your work." in text


def cost(code: str) -> float:
    """Processor time of a fresh Python, the least of three: beside other work it hardly changes.

    Only ratios of two are compared.
    """
    program = (
        "import os, subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', {code!r}], check=True, capture_output=True)\n"
        "print(os.times().children_user + os.times().children_system)"
    )
    command = [sys.executable, "-c", program]
    return min(float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(3))


@pytest.mark.slow
def test_import_and_help_are_quick_beside_torch():
    torch = cost("import torch, torchvision")
    assert cost("from va_space import VASpace") < 1.5 * torch
    assert cost("import va_space") < 0.1 * torch
    help_shown = "import sys; sys.argv = ['va-space', '--help']; from va_space.cli import main; main()"
    assert cost(help_shown) < 0.4 * torch


@pytest.mark.parametrize(
    "verb", ["", "demo", "va", "embed", "index", "search", "restyle", "train", "benchmark"]
)
def test_help_loads_no_heavy_module(verb):
    code = (
        "import sys; from va_space.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = {'torch', 'torchvision', 'numpy', 'librosa', 'lancedb', 'pyarrow', 'PIL', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *verb.split(), "--help"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Usage" in result.stdout
    assert result.stderr.strip() == "[]"
