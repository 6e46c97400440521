"""What an installation has, what it lacks, and what to do about it: one function for each part."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Literal

State = Literal["ok", "missing", "problem"]
"""``missing`` is optional, ``problem`` is not."""


@dataclass(frozen=True)
class Finding:
    """One line of what was found.

    Attributes:
        part: What was looked at.
        state: Whether it is there.
        found: What is there.
        advice: What to do; empty if nothing.
    """

    part: str
    state: State
    found: str
    advice: str = ""


def findings(model: str | None = None) -> Iterator[Finding]:
    """All that can be said of this installation, part by part.

    Args:
        model: Model to open, as :meth:`va_space.space.VASpace.from_pretrained` takes it.
    """
    yield Finding("va-space", "ok", metadata.version("va-space"))
    yield Finding("python", "ok", f"{platform.python_version()} ({sys.executable}) on {platform.platform()}")
    parts: dict[str, Callable[[], Iterator[Finding]]] = {
        "packages": packages,
        "devices": devices,
        "codecs": codecs,
        "libraries": database,
        "MIDI": midi,
        "model": lambda: opened_model(model),
        "folders": folders,
    }
    for part, look in parts.items():
        try:
            yield from look()
        except Exception as error:  # a broken package breaks what imports it, in ways of its own
            yield Finding(part, "problem", _first_line(error), _OTHER_VERSIONS)


_OTHER_VERSIONS = (
    "packages do not fit each other: take torch and torchvision from one index, and versions that "
    "docs/install.md has tried"
)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip().splitlines()[0]


_SHOWN = ("torch", "torchvision", "numpy", "pillow", "lancedb", "pyarrow")


def packages() -> Iterator[Finding]:
    """What va-space needs, and each extra: whether it is installed, in a version that was asked for."""
    from packaging.requirements import Requirement

    about = metadata.metadata("va-space")
    requirements = [Requirement(line) for line in metadata.requires("va-space") or []]
    core = [each for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""})]
    lacks = {f"'{each.name}{each.specifier}'": _lack(each.name, each.specifier) for each in core}
    wrong = {wanted: lack for wanted, lack in lacks.items() if lack}
    yield Finding(
        "packages",
        "problem" if wrong else "ok",
        "; ".join(wrong.values()) or ", ".join(f"{name} {metadata.version(name)}" for name in _SHOWN),
        f"pip install {' '.join(wrong)}" if wrong else "",
    )
    for extra in about.get_all("Provides-Extra") or []:
        if extra in ("all", "dev"):
            continue
        needed = [each for each in requirements if each.marker and each.marker.evaluate({"extra": extra})]
        lacking = [lack for each in needed if each not in core and (lack := _lack(each.name, each.specifier))]
        yield Finding(
            f"extra {extra}",
            "missing" if lacking else "ok",
            "; ".join(lacking) or "installed",
            f"pip install 'va-space[{extra}]'" if lacking else "",
        )


def _lack(name: str, specifier: object) -> str:
    """What is wrong with a distribution; empty if nothing."""
    from packaging.specifiers import SpecifierSet

    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"no {name}"
    wanted = SpecifierSet(str(specifier))
    return "" if wanted.contains(version, prereleases=True) else f"{name} {version}, needs {wanted}"


def devices() -> Iterator[Finding]:
    """Where a model can run."""
    import torch

    yield Finding("processor", "ok", f"{os.cpu_count()} cores, {torch.get_num_threads()} threads")
    for number in range(torch.cuda.device_count()):
        about = torch.cuda.get_device_properties(number)
        yield Finding(f"cuda:{number}", "ok", f"{about.name}, {about.total_memory / 2**30:.0f} GiB")
    if torch.backends.mps.is_available():
        yield Finding("mps", "ok", "Apple's GPU")
    if not torch.cuda.is_available() and torch.version.cuda and Path("/proc/driver/nvidia").exists():
        advice = "the driver may be too old for this PyTorch: see pytorch.org/get-started"
        yield Finding("cuda", "problem", f"PyTorch for CUDA {torch.version.cuda} sees no GPU", advice)


def codecs() -> Iterator[Finding]:
    """What can be read."""
    import soundfile
    from PIL import features

    formats = sorted(soundfile.available_formats())
    yield Finding("sound", "ok", f"libsndfile {soundfile.__libsndfile_version__}: {', '.join(formats)}")
    yield _av()
    kinds = {kind: bool(features.check(kind)) for kind in ("jpg", "zlib", "webp", "avif", "libtiff")}
    lacking = [kind for kind, there in kinds.items() if not there]
    found = ", ".join(kind for kind, there in kinds.items() if there)
    yield Finding("pictures", "missing" if lacking else "ok", found, _upgrade("pillow", lacking))


def _upgrade(name: str, lacking: list[str]) -> str:
    return (
        f"this build of {name} lacks {', '.join(lacking)}: install {name} from its wheel" if lacking else ""
    )


def _av() -> Finding:
    wanted = ("aac", "opus", "alac", "h264", "hevc", "vp9", "av1")
    try:
        import av
    except ImportError:
        return Finding("video, m4a, opus", "missing", "no av", "pip install 'va-space[av]'")
    known = av.codecs_available
    lacking = [name for name in wanted if name not in known and f"lib{name}" not in known]
    found = f"PyAV {av.__version__}: {', '.join(name for name in wanted if name not in lacking)}"
    return Finding("video, m4a, opus", "missing" if lacking else "ok", found, _upgrade("av", lacking))


def database() -> Iterator[Finding]:
    """What music libraries are kept in."""
    import lancedb
    import pyarrow

    yield Finding("libraries", "ok", f"LanceDB {lancedb.__version__}, Arrow {pyarrow.__version__}")


def midi() -> Iterator[Finding]:
    """What plays MIDI data sets."""
    from va_space.datasets.midi import find_soundfont
    from va_space.errors import VASpaceError

    try:
        yield Finding("SoundFont", "ok", str(find_soundfont()))
    except VASpaceError as error:
        yield Finding("SoundFont", "missing", "none (only MIDI data sets need one)", str(error))
    try:
        import fluidsynth  # noqa: F401
    except ModuleNotFoundError:  # the extra says so
        return
    except ImportError as error:
        advice = "install the library FluidSynth (Debian and Ubuntu: apt install fluidsynth)"
        yield Finding("FluidSynth", "missing", f"{error} (only MIDI data sets need it)", advice)


def opened_model(name: str | None) -> Iterator[Finding]:
    """Whether the model opens, and can be used: versions that do not fit show here at the latest."""
    import numpy as np
    from PIL import Image

    from va_space.encoders.pretrained import model_folder
    from va_space.errors import VASpaceError
    from va_space.space import VASpace

    try:
        space = VASpace.from_pretrained(name)
    except VASpaceError as error:
        yield Finding("model", "problem", str(name or "the one that ships"), str(error))
        return
    noise = np.random.default_rng(0).normal(size=44_100).astype(np.float32) / 10
    started = perf_counter()
    space.predict_va([Image.new("RGB", (64, 64)), (noise, 44_100)])
    used = f"reads a picture and a second of sound in {perf_counter() - started:.1f} s on {space.device}"
    yield Finding("model", "ok", f"{space.fingerprint[:12]} in {model_folder(name)}; {used}")


def folders() -> Iterator[Finding]:
    """Caches and data, and the environment's part in them."""
    from va_space.datasets.cache import CACHE_VARIABLE, cache_folder

    yield _writable("cache", cache_folder(), CACHE_VARIABLE)
    hub = Path(os.environ.get("HF_HOME") or Path.home() / ".cache/huggingface")
    offline = os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")
    yield Finding("models of others", "ok", f"{hub}, {_size(hub)}{', offline' if offline else ''}")
    data = os.environ.get("VA_SPACE_DATA")
    if data and not Path(data).is_dir():
        advice = "set VA_SPACE_DATA to a folder of data sets, or unset it"
        yield Finding("data", "problem", f"{data}: no such folder", advice)
    else:
        yield Finding("data", "ok", data or "VA_SPACE_DATA is not set (only training and benchmarks need it)")


def _writable(part: str, folder: Path, variable: str) -> Finding:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not os.access(there, os.W_OK):
        advice = f"set {variable} to a folder that can be written"
        return Finding(part, "problem", f"{folder}: cannot be written", advice)
    return Finding(part, "ok", f"{folder}, {_size(folder)}")


def _size(folder: Path) -> str:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(parent, name).lstat().st_size
            except OSError:  # gone meanwhile
                continue
    return f"{total / 2**20:.0f} MiB" if folder.exists() else "not there yet"
