"""Try other versions of what va-space needs: one row of the table in docs/install.md.

python scripts/try_versions.py --python 3.11 --resolution lowest-direct -o trial
python scripts/try_versions.py --python 3.12 --extra all --with 'torch==2.9.*' 'numpy<2.3' -o trial

Builds the wheel, resolves setup.cfg's ranges for one Python, installs both into an environment of its own,
and works there as a stranger would, outside the checkout: pip check, doctor, a prediction, a library, a
search, and the quick tests of what touches most of the requirements. Needs uv (pip install uv) on the PATH.
The folder keeps the log and the versions; the environment is removed at the end.
"""

import argparse
import configparser
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
SHOWN = ("torch", "torchvision", "numpy", "pillow")
TOOLS = ("pytest", "hypothesis", "librosa", "scipy", "av")
TESTS = (
    "tests/test_space.py",
    "tests/commands/test_doctor.py",
    "tests/encoders",
    "tests/export",
    "tests/media/test_audio.py",
    "tests/media/test_mel.py",
    "tests/media/test_pictures.py",
    "tests/retrieval",
    "tests/transfer/test_grading.py",
)
# Tests with every extra: also of those that use one more package each.
MORE_TESTS = (
    "tests/media/test_container.py",
    "tests/media/test_structure.py",
    "tests/media/video",
    "tests/explanation",
    "tests/report",
    "tests/studio/test_match.py",
    "tests/benchmark/test_metrics.py",
)


class Trial:
    """An environment in a folder, and what is run in it.

    Attributes:
        steps: What was done, and whether it went well.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.environment = self.folder / "environment"
        self.python = self.environment / "bin" / "python"
        self.steps: dict[str, bool] = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = (self.folder / "log.txt").open("w", encoding="utf-8")

    def run(self, step: str, command: Sequence[str | Path], folder: Path | None = None) -> str:
        """Run a command; its output goes to the log, and is returned."""
        # Nothing of the caller's own environment may answer in place of the trial's.
        variables = {
            key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")
        }
        done = subprocess.run(
            list(map(str, command)),
            cwd=folder or self.folder,
            env=variables | {"VIRTUAL_ENV": str(self.environment)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.log.write(f"$ {' '.join(map(str, command))}\n{done.stdout}\n")
        self.log.flush()
        self.steps[step] = done.returncode == 0
        sys.stderr.write(f"{step}: {'fine' if self.steps[step] else 'FAILED'}\n")
        return done.stdout

    def install(self, python: str, resolution: str, wanted: Sequence[str]) -> None:
        """Make the environment: the versions that are wanted, and the wheel."""
        wheel = build(self.folder)
        ranges, versions = self.folder / "ranges.txt", self.folder / "versions.txt"
        ranges.write_text("\n".join(wanted), encoding="utf-8")
        # Versions without a wheel for this Python are not what pip would take.
        only_wheels = ["--only-binary", ":all:"]
        resolving = ["--python", self.python, "--resolution", resolution]
        self.run("environment", ["uv", "venv", "--clear", "--python", python, self.environment])
        self.run("resolve", ["uv", "pip", "compile", *only_wheels, *resolving, ranges, "-o", versions])
        self.run("install", ["uv", "pip", "install", *only_wheels, "-r", versions, wheel, "pip"])
        if not all(self.steps.values()):
            raise SystemExit(f"There is no such environment: see {self.folder / 'log.txt'}")

    def use(self, tests: Sequence[str]) -> None:
        """What a stranger does first, and the tests, of the wheel and not of the checkout."""
        program = self.environment / "bin" / "va-space"
        clips = self.run(
            "import", [self.python, "-c", "import va_space.demo as d; print(d.__path__[0])"]
        ).strip()
        clip = Path(clips) / "clips" / "joplin-maple-leaf-rag.ogg"
        self.run("pip check", [self.python, "-m", "pip", "check"])
        self.run("doctor", [program, "doctor"])
        self.run("va", [program, "va", clip, ROOT / "docs" / "paint.jpg"])
        shutil.rmtree(self.folder / "library", ignore_errors=True)
        self.run("index", [program, "index", *sorted(clip.parent.glob("*.ogg"))[:4], "-o", "library"])
        self.run("search", [program, "search", ROOT / "docs" / "paint.jpg", "-l", "library", "-k", "3"])
        # What tests compare with, and the core does without, comes last.
        self.run("tools", ["uv", "pip", "install", "-c", self.folder / "versions.txt", *TOOLS])
        options = ["-m", "not slow", "--rootdir", ROOT, "-c", ROOT / "setup.cfg", "-p", "no:cacheprovider"]
        options += ["--basetemp", self.folder / "tests"]  # others' runs tidy the usual place
        self.run("tests", [self.environment / "bin" / "pytest", *options, *(ROOT / test for test in tests)])

    def versions(self) -> str:
        """The versions that the table shows."""
        code = f"from importlib.metadata import version as v; print(*(v(n) for n in {SHOWN!r}), sep=' | ')"
        return self.run("versions", [self.python, "-c", code]).strip()


def build(folder: Path) -> Path:
    """Build the wheel from a copy, so that the checkout stays clean."""
    with_sources = shutil.copytree(ROOT / "va_space", folder / "sources" / "va_space", dirs_exist_ok=True)
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, with_sources.parent)
    subprocess.run(
        ["uv", "build", "-q", "--wheel", "--out-dir", folder, with_sources.parent], check=True, cwd=folder
    )
    shutil.rmtree(with_sources.parent)
    return max(folder.glob("*.whl"), key=lambda path: path.stat().st_mtime)


def ranges_of(extras: Sequence[str]) -> list[str]:
    """The requirements of setup.cfg, with those of extras."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    found = [config["options"]["install_requires"]]
    for extra in extras:
        text = config["options.extras_require"][extra]
        others = re.match(r"\s*va-space\[(.*)\]", text)
        found += ranges_of(others[1].split(",")) if others else [text]
    return [line for text in found for line in text.splitlines() if line and not line.startswith("#")]


def main() -> None:
    """Read the arguments, try, and print a row of the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default="3.11", help="version of Python, or its program")
    parser.add_argument("--resolution", choices=("lowest-direct", "highest"), default="highest")
    parser.add_argument("--extra", action="append", default=[], help="extra to install; may be repeated")
    parser.add_argument("--with", nargs="+", default=[], dest="limits", help="limits such as 'torch==2.9.*'")
    parser.add_argument("--keep", action="store_true", help="leave the environment where it is")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write")
    options = parser.parse_args()
    start = perf_counter()
    trial = Trial(options.output)
    trial.install(options.python, options.resolution, [*ranges_of(options.extra), *options.limits])
    trial.use((*TESTS, *MORE_TESTS) if "all" in options.extra else TESTS)
    versions = trial.versions()
    failed = [step for step, well in trial.steps.items() if not well]
    passed = (trial.folder / "log.txt").read_text("utf-8").rpartition(" passed")[0].rpartition("\n")[2]
    row = [options.python, options.resolution, ", ".join(options.extra) or "–", versions, f"{passed} passed"]
    sys.stdout.write(f"| {' | '.join(row)} | {', '.join(failed) or 'nothing failed'} |\n")
    sys.stderr.write(f"{(perf_counter() - start) / 60:.1f} minutes\n")
    if not options.keep:
        shutil.rmtree(trial.environment)
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
