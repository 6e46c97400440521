"""Diffusion models of the user's own: from a prompt to pictures. Needs the extra ``neural``."""

import inspect
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from va_space.errors import ConfigError
from va_space.generation.artwork.artwork import Print
from va_space.generation.artwork.choice import rank
from va_space.generation.artwork.engines import ENGINES, DiffusionOptions, Progress, Request
from va_space.generation.artwork.engines.painter import find_section
from va_space.generation.prompts.template import make_prompt
from va_space.generation.provenance import versions
from va_space.generation.tags.description import TrackDescription
from va_space.media.pictures import load_picture
from va_space.space import VASpace

if TYPE_CHECKING:
    from va_space.generation.neural.models import LoadedModel

FEWEST, MOST = 10, 50
"""Denoising steps at textures of 0 and 1."""
FEWEST_DISTILLED, MOST_DISTILLED = 2, 8
"""The same of models that were distilled to few steps: turbo, LCM, lightning, schnell."""
_DISTILLED = ("turbo", "lcm", "lightning", "schnell", "hyper-sd")
# Such models are trained without guidance; a little of it lets them read a negative prompt.
_GUIDANCE_DISTILLED = 1.5
_LARGEST_SEED = 2**32
# What the sides of pictures are multiples of; and the side of a model that does not say.
_MULTIPLE, _SIDE = 8, 512


@ENGINES.register("diffusion")
def paint(
    space: VASpace | None,
    description: TrackDescription,
    request: Request,
    progress: Progress | None = None,
) -> Sequence[Print]:
    """Pictures by a diffusion model, one for each seed from the request's on; the space ranks them.

    Raises:
        MissingExtraError: The extra ``neural`` is not installed.
        CheckpointError: The model is not on this machine, or cannot be read; the message says what to do.
        ResourceError: There is not enough memory for it.
        ConfigError: A number is out of range, or there is no such section.
        MediaError: The picture to start from cannot be read.
    """
    from va_space.generation.neural.models import load_model

    options = request.diffusion
    _check(request)
    section = find_section(description, request.section)
    made = make_prompt(description, section, request.seed)
    prompt = made.prompt if request.prompt is None else request.prompt
    negative = made.negative if request.negative is None else request.negative
    loaded = load_model(options.model, "painting", device=options.device, download=options.download)
    painter = _Painter(loaded, options, request.size)
    seeds = [(request.seed + take) % _LARGEST_SEED for take in range(request.takes)]
    pictures = [painter.paint(prompt, negative, seed, progress) for seed in seeds]
    feeling = section.feeling if section else description.feeling
    ranked = rank(space, pictures, feeling, [str(seed) for seed in seeds], request.takes)
    shared = {
        "engine": "diffusion",
        "prompt": prompt,
        "negative": negative,
        "heard": {
            "recording": Path(description.path).name,
            "section": section.label if section else None,
            "feeling percentile": [round(float(value), 4) for value in feeling],
        },
        "diffusion model": {
            "name": Path(loaded.name).name,
            "licence": loaded.licence,
            "fingerprint": loaded.fingerprint,
            **painter.settings,
        },
        "model": space.fingerprint if space else None,
        "versions": versions("diffusers", "transformers", "torch", "pillow"),
    }
    return [
        Print(
            f"by {Path(loaded.name).name}",
            {**shared, "seed": seeds[each.number], "picture percentile": each.feeling},
            image=pictures[each.number],
            notes=painter.notes,
        )
        for each in ranked
    ]


def steps_of(texture: float, distilled: bool = False) -> int:
    """Denoising steps for a texture in [0, 1].

    >>> steps_of(0), steps_of(0.5), steps_of(1), steps_of(1, distilled=True)
    (10, 30, 50, 8)
    """
    fewest, most = (FEWEST_DISTILLED, MOST_DISTILLED) if distilled else (FEWEST, MOST)
    return fewest + round(texture * (most - fewest))


def _check(request: Request) -> None:
    options = request.diffusion
    if not 0 <= options.texture <= 1:
        raise ConfigError(f"texture is {options.texture}: must lie between 0 and 1")
    if not 0 < options.strength <= 1:
        raise ConfigError(f"strength is {options.strength}: must lie above 0 and at most at 1")
    if not 0 <= request.seed < _LARGEST_SEED:
        raise ConfigError(f"seed is {request.seed}: must lie between 0 and {_LARGEST_SEED - 1}")
    if request.motif is not None:
        raise ConfigError("motifs are the painter's; say in --prompt what to show")


class _Painter:
    """A pipeline with what all its pictures share.

    Attributes:
        settings: All of that, for JSON.
        notes: What the model cannot take.
    """

    def __init__(
        self, loaded: "LoadedModel", options: DiffusionOptions, size: tuple[int, int] | None
    ) -> None:
        self._loaded, pipeline = loaded, loaded.network
        distilled = _is_distilled(loaded)
        self._size = _fitting(pipeline, size)
        self._start: Image.Image | None = None
        if options.picture is not None:
            pipeline = _from_picture(pipeline)
            self._start = load_picture(options.picture).resize(self._size, Image.Resampling.LANCZOS)
        if options.low_memory:
            _save_memory(pipeline, loaded.device.type)
        self._pipeline = pipeline
        self._takes = inspect.signature(pipeline.__call__).parameters
        self._arguments: dict[str, Any] = {"num_inference_steps": steps_of(options.texture, distilled)}
        guidance = options.guidance
        if guidance is None and distilled:
            guidance = _GUIDANCE_DISTILLED
        if guidance is not None:
            self._arguments["guidance_scale"] = guidance
        if self._start is None:
            self._arguments |= {"width": self._size[0], "height": self._size[1]}
        else:
            # Of the steps only this share is done, as diffusers counts them: as many are done as without.
            steps = math.ceil(self._arguments["num_inference_steps"] / options.strength)
            self._arguments |= {"num_inference_steps": steps, "strength": options.strength}
        self.settings = {
            "texture": options.texture,
            "size": list(self._size),
            "device": loaded.device.type,
            "from picture": options.picture.name if options.picture else None,
            **{name: value for name, value in self._arguments.items() if name not in ("width", "height")},
        }
        self.notes = () if self._reads_negatives(guidance) else ("this model reads no negative prompt",)

    def _reads_negatives(self, guidance: float | None) -> bool:
        return "negative_prompt" in self._takes and (guidance is None or guidance > 1)

    def paint(self, prompt: str, negative: str, seed: int, progress: Progress | None) -> Image.Image:
        """One picture."""
        import torch

        from va_space.generation.neural.seeds import seeded

        arguments = dict(self._arguments)
        if not self.notes:
            arguments["negative_prompt"] = negative
        if self._start is not None:
            arguments["image"] = self._start
        if progress and "callback_on_step_end" in self._takes:
            arguments["callback_on_step_end"] = _reporting(progress, arguments["num_inference_steps"])
        chance = torch.Generator("cpu").manual_seed(seed)
        with seeded(self._loaded.device, seed):
            result = self._pipeline(prompt=prompt, generator=chance, output_type="pil", **arguments)
        if any(getattr(result, "nsfw_content_detected", None) or ()):
            self.notes = (*self.notes, "the model's own check blackened a picture; try another seed")
        picture: Image.Image = result.images[0].convert("RGB")
        return picture


def _reporting(progress: Progress, steps: int) -> Callable[..., dict[str, Any]]:
    def report(pipeline: object, step: int, time: object, values: dict[str, Any]) -> dict[str, Any]:
        progress("Denoising", step + 1, steps)
        return values

    return report


def _is_distilled(loaded: "LoadedModel") -> bool:
    names = f"{loaded.name} {loaded.card.repository if loaded.card else ''}".casefold()
    scheduler = type(getattr(loaded.network, "scheduler", None)).__name__
    return any(word in names for word in _DISTILLED) or scheduler in ("LCMScheduler", "TCDScheduler")


def _fitting(pipeline: Any, size: tuple[int, int] | None) -> tuple[int, int]:
    """The size that a model was trained for, with the sides' ratio that is wanted."""
    scale = getattr(pipeline, "vae_scale_factor", _MULTIPLE)
    network = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    sample = getattr(getattr(network, "config", None), "sample_size", None)
    sample = sample[0] if isinstance(sample, list | tuple) else sample
    side = sample * scale if sample else _SIDE
    width, height = size or (1, 1)
    multiple = math.lcm(_MULTIPLE, scale)
    sides = (side * (width / height) ** 0.5, side * (height / width) ** 0.5)
    return max(multiple, round(sides[0] / multiple) * multiple), max(
        multiple, round(sides[1] / multiple) * multiple
    )


def _from_picture(pipeline: Any) -> Any:
    import diffusers

    try:
        changed = diffusers.AutoPipelineForImage2Image.from_pipe(pipeline)
    except ValueError as error:
        raise ConfigError(f"{type(pipeline).__name__} cannot start from a picture") from error
    changed.set_progress_bar_config(disable=True)
    return changed


def _save_memory(pipeline: Any, device: str) -> None:
    """Parts take turns in memory, and pictures are decoded tile by tile: slower, and smaller."""
    pipeline.enable_attention_slicing()
    if hasattr(getattr(pipeline, "vae", None), "enable_tiling"):
        pipeline.vae.enable_tiling()
    if hasattr(getattr(pipeline, "vae", None), "enable_slicing"):
        pipeline.vae.enable_slicing()
    if device == "cuda":
        pipeline.enable_model_cpu_offload()
