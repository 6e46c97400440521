"""The one loader of pretrained networks for generation: by a name of the table, or from a folder.

Nothing is fetched unless the caller says so, weights are read from safetensors alone, and no code that comes
with a model is run.
"""

import hashlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from va_space.encoders.text.quiet import no_progress_bar
from va_space.errors import CheckpointError, ConfigError, MissingExtraError
from va_space.generation.neural.files import PIPELINES, Weights, inspect_folder
from va_space.generation.neural.memory import check_memory
from va_space.generation.neural.table import DEFAULTS, Kind, ModelCard, card_of, names_of

_BYTES = {torch.float32: 4, torch.float16: 2, torch.bfloat16: 2}
# No pickles, no other frameworks, no copies of the weights in other precisions or in one file.
_FILES = ["*.json", "*.txt", "*.model", "*.jinja", "*.md", "LICENSE*"]
_NETWORK_FILES = ["model*.safetensors"]
_PIPELINE_FILES = ["*/model*.safetensors", "*/diffusion_pytorch_model*.safetensors"]
_NOT_THESE = ["*.fp16.safetensors", "*.fp16-*.safetensors", "*.non_ema*", "*onnx*", "*openvino*"]


@dataclass(frozen=True)
class LoadedModel:
    """A pretrained network, ready to compute.

    Attributes:
        name: As it was asked for.
        kind: What it does.
        folder: Where its files lie.
        weights: Its files of weights, and their size.
        card: Its row of the table; None for a folder, whose licence is for its user to know.
        device: Where it lies.
        network: A network of transformers, or a pipeline of diffusers, in evaluation mode.
        processor: What prepares its inputs; None for a pipeline, which does so itself.
    """

    name: str
    kind: Kind
    folder: Path
    weights: Weights
    card: ModelCard | None
    device: torch.device
    network: Any
    processor: Any

    @property
    def licence(self) -> str:
        """The licence of its weights, as its card says."""
        return self.card.licence if self.card else "that of the folder that was given"

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of its weights."""
        digest = hashlib.sha256()
        for path in self.weights.files:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


def load_model(
    name: str | Path | None,
    kind: Kind,
    *,
    device: str | torch.device | None = None,
    dtype: torch.dtype | None = None,
    download: bool = False,
) -> LoadedModel:
    """Load a pretrained network.

    Args:
        name: A name of :data:`~va_space.generation.neural.table.MODELS` or of a repository on the hub, whose
            files must be in the hub's cache on this machine unless ``download`` is given; a folder; or None
            for the default of its kind.
        kind: What it is for.
        device: Such as "cpu" or "cuda:1"; None takes a GPU if there is one.
        dtype: What it computes in; None is float32 on a processor, half of that on a GPU.
        download: Fetch what is not there. ``HF_HUB_OFFLINE=1`` forbids it all the same.

    Raises:
        MissingExtraError: The extra ``neural`` is not installed.
        ConfigError: It is a model of another kind by the table.
        CheckpointError: It is not on this machine, damaged, pickled, half a download, or of another kind.
        ResourceError: There is not enough memory for it.

    Example:
        >>> load_model("no-such-folder/musicgen", "music")
        Traceback (most recent call last):
        ...
        va_space.errors.CheckpointError: no-such-folder/musicgen is not on this machine: ...
    """
    try:
        import diffusers  # noqa: F401
        import transformers  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError("Generating with pretrained networks", "neural", f"({error})") from error
    name = DEFAULTS[kind] if name is None else name
    card = None if Path(name).is_dir() else card_of(str(name))
    if card is not None and card.kind != kind:
        raise ConfigError(f"{name} is for {card.kind}, not for {kind}: there are {', '.join(names_of(kind))}")
    folder = find_model(name, kind, download=download)
    place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    weights = inspect_folder(folder, kind)
    dtype = dtype or _default_dtype(kind, place)
    check_memory(str(name), weights.bytes_in(_BYTES.get(dtype, 4)), place)
    network, processor = _open(folder, kind, dtype)
    if isinstance(network, torch.nn.Module):
        network.eval().requires_grad_(False)
    network.to(place)
    return LoadedModel(str(name), kind, folder, weights, card, place, network, processor)


def find_model(name: str | Path, kind: Kind, *, download: bool = False) -> Path:
    """The folder of a model, named as for :func:`load_model`.

    Raises:
        CheckpointError: It is not on this machine, or could not be fetched; the message says what to do.
    """
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    card = card_of(str(name))
    repository = card.repository if card else str(name)
    try:
        return Path(
            snapshot_download(
                repository,
                allow_patterns=[*_FILES, *(_PIPELINE_FILES if kind in PIPELINES else _NETWORK_FILES)],
                ignore_patterns=_NOT_THESE,
                local_files_only=not download,
            )
        )
    except Exception as error:  # the hub's client raises a wide family, from validation to HTTP
        raise CheckpointError(_absent(str(name), repository, kind, card, download, error)) from error


def _absent(
    name: str, repository: str, kind: Kind, card: ModelCard | None, tried: bool, error: Exception
) -> str:
    facts = f"{repository}, about {card.gigabytes:g} GB, licence {card.licence}" if card else repository
    if repository.count("/") != 1 or repository.startswith((".", "/", "~")):
        return (
            f"{name} is not on this machine. It is no folder, and no model of this kind has that name: "
            f"{', '.join(names_of(kind))}, or organisation/name on the hub"
        )
    elsewhere = (
        f"Without network, fetch it elsewhere (hf download {repository} --local-dir {Path(repository).name}) "
        "and give that folder instead of its name"
    )
    if tried:
        return f"{name} ({facts}) could not be fetched ({_first_line(error)}). {elsewhere}"
    return (
        f"{name} is not on this machine: {facts}. It is fetched if you say so (download=True; --download). "
        f"{elsewhere}"
    )


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _default_dtype(kind: Kind, device: torch.device) -> torch.dtype:
    if device.type == "cpu":
        return torch.float32
    return torch.bfloat16 if kind == "language" else torch.float16


def _open(folder: Path, kind: Kind, dtype: torch.dtype) -> tuple[Any, Any]:
    """The network and what prepares its inputs; the state of random numbers is left as it was."""
    import diffusers
    import transformers

    options = {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True}
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng())
        stack.enter_context(no_progress_bar(transformers.utils.logging))
        stack.enter_context(no_progress_bar(diffusers.utils.logging))
        try:
            if kind in PIPELINES:
                return _open_pipeline(folder, kind, dtype, options), None
            return _open_network(folder, kind, dtype, options)
        except CheckpointError:
            raise
        except (
            Exception
        ) as error:  # from a missing tokenizer to weights of other shapes, with as many classes
            raise CheckpointError(f"{folder}: cannot be read as a model ({_first_line(error)})") from error


def _open_pipeline(folder: Path, kind: Kind, dtype: torch.dtype, options: dict[str, bool]) -> Any:
    import diffusers

    classes = {
        "diffusion music": diffusers.StableAudioPipeline,
        "painting": diffusers.AutoPipelineForText2Image,
    }
    pipeline = classes[kind].from_pretrained(folder, dtype=dtype, **options)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _open_network(folder: Path, kind: Kind, dtype: torch.dtype, options: dict[str, bool]) -> tuple[Any, Any]:
    import transformers

    classes: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "music": (
            transformers.MusicgenForConditionalGeneration.from_pretrained,
            transformers.MusicgenProcessor.from_pretrained,
        ),
        "caption": (
            transformers.BlipForConditionalGeneration.from_pretrained,
            transformers.BlipProcessor.from_pretrained,
        ),
        "language": (
            transformers.AutoModelForCausalLM.from_pretrained,
            transformers.AutoTokenizer.from_pretrained,
        ),
        "clap": (transformers.ClapModel.from_pretrained, transformers.ClapProcessor.from_pretrained),
    }
    open_network, open_processor = classes[kind]
    processor = open_processor(folder, local_files_only=True, trust_remote_code=False)
    network, loading = open_network(folder, dtype=dtype, output_loading_info=True, **options)
    if missing := sorted(loading["missing_keys"]):
        raise CheckpointError(f"{folder}: half a model: it lacks weights, such as {missing[0]}")
    return network, processor
