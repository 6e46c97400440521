"""What an installation has, what it lacks, and what to do about it: one function for each part."""

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
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
    yield from packages()
    yield from devices()
    yield from codecs()
    yield from soundfonts()
    yield opened_model(model)
    yield from folders()


def packages() -> Iterator[Finding]:
    """What va-space needs, and each extra: whether it is installed, in a version that was asked for."""
    from packaging.requirements import Requirement

    about = metadata.metadata("va-space")
    requirements = [Requirement(line) for line in metadata.requires("va-space") or []]
    core = [each for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""})]
    lacking = [lack for each in core if (lack := _lack(each.name, each.specifier))]
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("torch", "numpy", "pillow", "lancedb")
    )
    yield Finding(
        "packages",
        "problem" if lacking else "ok",
        "; ".join(lacking) or versions,
        "pip install --upgrade va-space" if lacking else "",
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


def soundfonts() -> Iterator[Finding]:
    """What plays MIDI data sets."""
    from va_space.datasets.midi import find_soundfont
    from va_space.errors import VASpaceError

    try:
        yield Finding("SoundFont", "ok", str(find_soundfont()))
    except VASpaceError as error:
        yield Finding("SoundFont", "missing", "none (only MIDI data sets need one)", str(error))


def opened_model(name: str | None) -> Finding:
    """Whether the model opens."""
    from va_space.encoders.pretrained import load_model, model_folder
    from va_space.errors import VASpaceError

    try:
        _, fingerprint = load_model(name)
    except VASpaceError as error:
        return Finding("model", "problem", str(name or "the one that ships"), str(error))
    return Finding("model", "ok", f"{fingerprint[:12]} in {model_folder(name)}")


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
