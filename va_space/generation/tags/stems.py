"""What the separated sources of a recording hold: drums, bass, vocals, the rest. Needs the extra ``stems``.

A Demucs network (Defossez 2021; Rouard, Massa, Defossez 2023) separates them. Its weights do not come with
this package, and are never downloaded unasked. They are read as safetensors; older files (.th) are pickles,
which can run code, and are refused.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from va_space.encoders.three_branch import SETTINGS, ThreeBranch
from va_space.errors import CheckpointError, MissingExtraError
from va_space.generation.tags.choosing import instruments_in
from va_space.generation.tags.description import Stem
from va_space.generation.tags.form import block_powers, in_lufs
from va_space.media.audio import resample
from va_space.media.windows import SoundSource, cut_windows, sound_blocks

if TYPE_CHECKING:
    from torch import nn

REPOSITORY, USUAL = "adefossez/HTDemucs", "htdemucs"
_GET = (
    f"get the weights (MIT; 84 MB): hf download {REPOSITORY} --local-dir demucs, and give that folder. "
    "They are never downloaded unasked"
)
# What a file may name as its network. Anything else would import, and so run, what the file chooses.
_NETWORKS = {
    "demucs.htdemucs.HTDemucs": ("demucs.htdemucs", "HTDemucs"),
    "demucs.hdemucs.HDemucs": ("demucs.hdemucs", "HDemucs"),
    "demucs.demucs.Demucs": ("demucs.demucs", "Demucs"),
}
_PIECE = 60.0  # seconds that are separated at once
_BLEEDING = 10 ** (-25 / 20)  # a stem that is so much softer than the mix holds what is left of the others
Progress = Callable[[float], None]
Samples = NDArray[np.float32]


class _Separator(Protocol):
    """What the networks have in common."""

    sources: list[str]
    samplerate: int
    audio_channels: int


@dataclass(frozen=True)
class StemModel:
    """A network that separates.

    Attributes:
        network: A network of Demucs, or a bag of them.
        sources: Names of the stems, in its order.
        sample_rate: Of what it takes and gives.
        channels: Likewise.
    """

    network: Any
    sources: tuple[str, ...]
    sample_rate: int
    channels: int

    def separate(self, mix: Samples) -> Samples:
        """(n,) mono samples to (stems, n)."""
        from demucs.apply import apply_model

        level = max(float(mix.std()), 1e-8)
        sound = torch.from_numpy((mix - mix.mean()) / level).expand(1, self.channels, -1)
        device = next(self.network.parameters()).device
        with torch.inference_mode():
            # Without random shifts: the same file, the same stems.
            stems = apply_model(self.network, sound, shifts=0, split=True, device=device)[0]
        return (stems.mean(dim=1) * level).cpu().numpy()


def load_stem_model(source: str | Path | None = None, device: str | torch.device = "cpu") -> StemModel:
    """Read a network that separates.

    Args:
        source: A folder as the model hub has it (.yaml and .safetensors), or a .safetensors file. None looks
            for the usual network among what was downloaded to this machine before.
        device: Where to compute.

    Raises:
        MissingExtraError: Demucs is not installed.
        CheckpointError: There are no weights there, they are damaged, or of another network; the message says
            how to get them.
    """
    try:
        import demucs.apply
    except ImportError as error:
        raise MissingExtraError("Separating stems", "stems", f"({error})") from error
    path = _downloaded() if source is None else Path(source)
    networks: list[Any]
    weights = None
    if path.is_dir():
        files, weights = _bag(path)
        networks = [_read_network(file) for file in files]
    else:
        networks = [_read_network(path)]
    try:
        network: nn.Module = (
            networks[0] if len(networks) == 1 else demucs.apply.BagOfModels(networks, weights)
        )
    except (AssertionError, ValueError) as error:
        raise CheckpointError(f"{path}: its networks do not belong together ({error})") from error
    return as_stem_model(network.to(device))


def as_stem_model(network: "nn.Module") -> StemModel:
    """A network of Demucs that is there already."""
    about: _Separator = network  # type: ignore[assignment]
    network.eval().requires_grad_(False)
    return StemModel(network, tuple(about.sources), int(about.samplerate), int(about.audio_channels))


def stems_of(
    model: StemModel, taggers: ThreeBranch, source: SoundSource, progress: Progress | None = None
) -> tuple[Stem, ...]:
    """Separate a recording, in constant memory, and listen to each stem.

    Args:
        model: Separates.
        taggers: Name what is heard.
        source: A file, or (samples, sample rate).
        progress: Called with the seconds that are done.

    Raises:
        MediaError: The recording cannot be read.
        MissingExtraError: librosa is not installed; or reading it needs PyAV, which is not.
    """
    powers: list[list[NDArray[np.float64]]] = [[] for _ in model.sources]
    classes: list[list[NDArray[np.float64]]] = [[] for _ in model.sources]
    done = 0.0
    for mix in _pieces(sound_blocks(source, model.sample_rate), round(_PIECE * model.sample_rate)):
        level = float(np.sqrt(np.square(mix).mean()))
        for number, stem in enumerate(model.separate(mix)):
            powers[number].append(block_powers((stem, model.sample_rate)))
            windows = _windows(stem, model.sample_rate, _BLEEDING * level)
            if len(windows):
                classes[number].append(_classes(taggers, windows))
        done += len(mix) / model.sample_rate
        if progress:
            progress(done)
    return tuple(
        Stem(
            name,
            in_lufs(np.concatenate(powers[number])),
            instruments_in(np.concatenate(classes[number])) if classes[number] else (),
        )
        for number, name in enumerate(model.sources)
    )


def _pieces(blocks: Iterable[Samples], length: int) -> Iterator[Samples]:
    """A stream in pieces of a length; a short rest goes with the last."""
    waiting = np.zeros(0, np.float32)
    for block in blocks:
        waiting = np.concatenate([waiting, block])
        while len(waiting) >= 2 * length:
            yield waiting[:length]
            waiting = waiting[length:]
    if len(waiting):
        yield waiting


def _windows(stem: Samples, sample_rate: int, softest: float) -> Samples:
    """(w, window samples) of a stem, as the taggers take them, that are not too soft."""
    blocks = resample([np.ascontiguousarray(stem)], sample_rate, SETTINGS.sample_rate, "stem")
    windows = [window for _, window in cut_windows(blocks, SETTINGS, SETTINGS.window_seconds)]
    loud = [window for window in windows if np.sqrt(np.square(window).mean()) > softest]
    return np.stack(loud) if loud else np.zeros((0, SETTINGS.window_samples), np.float32)


def _classes(taggers: ThreeBranch, windows: Samples) -> NDArray[np.float64]:
    device = next(taggers.parameters()).device
    with torch.inference_mode():
        return taggers.classes(torch.from_numpy(windows).to(device)).cpu().numpy().astype(np.float64)


def _downloaded() -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(REPOSITORY, local_files_only=True))
    except Exception as error:  # the hub's client raises a wide family
        raise CheckpointError(
            f"no weights of a network that separates stems on this machine: {_GET}"
        ) from error


def _bag(folder: Path) -> tuple[list[Path], list[list[float]] | None]:
    """Files of the networks in a folder, and how they are weighted."""
    import yaml

    lists, files = sorted(folder.glob("*.yaml")), sorted(folder.glob("*.safetensors"))
    if not files:
        old = (
            "; .th files are pickles, which can run code, and are not read" if [*folder.glob("*.th")] else ""
        )
        raise CheckpointError(f"{folder}: no .safetensors file in it{old}; {_GET}")
    if len(lists) != 1:
        return files[:1], None
    try:
        content = yaml.safe_load(lists[0].read_text(encoding="utf-8"))
        chosen = [folder / f"{Path(str(name)).name}.safetensors" for name in content["models"]]
        return chosen, content.get("weights")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise CheckpointError(f"{lists[0]}: not a list of networks ({error})") from error


def _read_network(path: Path) -> "nn.Module":
    from importlib import import_module

    from safetensors import SafetensorError, safe_open

    if path.suffix == ".th":
        raise CheckpointError(f"{path}: a pickle, which can run code, is not read; {_GET}")
    try:
        with safe_open(path, "pt") as file:
            about = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: cannot be read as weights ({error}); {_GET}") from error
    if about.get("klass") not in _NETWORKS or "structure" in about:
        raise CheckpointError(f"{path}: not weights of a network of Demucs; {_GET}")
    module, name = _NETWORKS[about["klass"]]
    try:
        made: nn.Module = getattr(import_module(module), name)(
            *_arguments(about["args"]), **_arguments(about["kwargs"])
        )
        made.load_state_dict({key: _float(value) for key, value in state.items()})
    except (KeyError, TypeError, ValueError, RuntimeError, AssertionError) as error:
        first = str(error).partition("\n")[0]
        raise CheckpointError(f"{path}: damaged, or of another release of Demucs ({first})") from error
    return made


def _float(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def _arguments(text: str) -> Any:
    """Arguments of a network from JSON, in which Demucs writes fractions as dictionaries."""

    def fraction(found: dict[str, Any]) -> object:
        if found.get("_type") == "fraction":
            return Fraction(found["numerator"], found["denominator"])
        return found

    return json.loads(text, object_hook=fraction)
