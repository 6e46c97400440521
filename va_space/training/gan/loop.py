"""Training a generator: the loop, resumable at every snapshot."""

import json
import logging
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.fabric import Fabric
from lightning.fabric.loggers import TensorBoardLogger
from PIL import Image
from torch import Tensor

from va_space.atomic import replacing
from va_space.errors import CheckpointError, ConfigError
from va_space.networks.stylegan2.files import save_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2
from va_space.training.engine.augment import step_generator
from va_space.training.engine.cache import Cached
from va_space.training.engine.checkpoint import load_checkpoint, save_checkpoint
from va_space.training.engine.progress import TrainingProgress
from va_space.training.gan.data import draw_batch
from va_space.training.gan.options import GeneratorOptions
from va_space.training.gan.quality import Quality, to_uint8
from va_space.training.gan.step import Game

log = logging.getLogger(__name__)

_SHEET = 8  # pictures along a side of a sample sheet


def fit_generator(
    options: GeneratorOptions,
    pictures: Cached,
    output: Path,
    fabric: Fabric,
    progress: TrainingProgress,
    quality: Quality,
) -> Path:
    """Train a generator, continuing where an earlier run stopped.

    At every snapshot the output folder gets ``generator.safetensors`` (the running average), ``last.pt`` (to
    continue), ``history.json``, and a sheet ``samples/NNNNNN.png`` with always the same latents.

    Args:
        options: How to train.
        pictures: What to learn from.
        output: The folder.
        fabric: Where to train.
        progress: Told about steps and snapshots.
        quality: Measures the generator at every snapshot.

    Returns:
        The generator's file.

    Raises:
        CheckpointError: The folder holds a training with other options.
        ConfigError: The batch cannot be shared evenly, or the training has diverged.
    """
    if options.batch_size % fabric.world_size:
        raise ConfigError(
            f"the batch size must be a multiple of the number of processes, {fabric.world_size}"
        )
    game = Game(options, fabric)
    state: dict[str, Any] = {"step": 0, "seconds": 0.0, "history": []}
    if (output / "last.pt").exists():
        state = _restore(output / "last.pt", options, game)
        log.info("continuing %s at step %d of %d", output, state["step"], options.steps)
    elif fabric.is_global_zero:
        _write_sheet(
            torch.from_numpy(np.array(pictures.values[: _SHEET**2])), output / "samples" / "real.png"
        )
    logger = TensorBoardLogger(root_dir=output, name="tensorboard", version="")
    before, seen = time.perf_counter() - state["seconds"], _Means()
    share = options.batch_size // fabric.world_size
    while state["step"] < options.steps:
        step = state["step"]
        generator = step_generator(options.seed, step, fabric.global_rank)
        real = fabric.to_device(draw_batch(pictures, share, options.mirror, generator))
        terms = game.step(step, real, generator)
        seen.add(terms)
        state["step"] = step + 1
        progress.step(step + 1, options.steps, terms, 0.0)
        if not fabric.is_global_zero:
            continue
        logger.log_metrics({f"train/{name}": value for name, value in terms.items()}, step)
        if (step + 1) % options.snapshot_every == 0 or step + 1 == options.steps:
            state["seconds"] = time.perf_counter() - before
            kimg = (step + 1) * options.batch_size / 1000
            metrics = {"kimg": kimg, "seconds": state["seconds"], **seen.take(), **quality(game.average)}
            state["history"].append(metrics)
            progress.epoch(len(state["history"]), metrics, unit="snapshot")
            logger.log_metrics({f"snapshot/{name}": value for name, value in metrics.items()}, step)
            _write_snapshot(game, state, options, output)
    fabric.barrier()
    return output / "generator.safetensors"


class _Means:
    """Means of what the steps report; the lazy terms come only now and then."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {}

    def add(self, terms: dict[str, float]) -> None:
        for name, value in terms.items():
            self.values.setdefault(name, []).append(value)

    def take(self) -> dict[str, float]:
        """The means since the last call."""
        means = {name: sum(values) / len(values) for name, values in self.values.items()}
        self.values.clear()
        return means


def _write_snapshot(game: Game, state: dict[str, Any], options: GeneratorOptions, output: Path) -> None:
    _write_sheet(samples(game.average), output / "samples" / f"{state['step']:06d}.png")
    save_stylegan2(game.average, output / "generator.safetensors")
    with replacing(output / "history.json") as beside:
        beside.write_text(json.dumps(state["history"], indent=1), encoding="utf-8")
    save_checkpoint({**state, "game": game.state_dict(), "options": options.identity()}, output / "last.pt")


@torch.inference_mode()
def samples(network: StyleGAN2, count: int = _SHEET**2) -> Tensor:
    """uint8 (count, 3, size, size): always the same latents, untruncated, with constant noise."""
    z = torch.randn(count, network.config.z_dim, generator=torch.Generator().manual_seed(0))
    return to_uint8(network(z.to(network.mapping.w_avg.device), noise="const")).cpu()


def _write_sheet(pictures: Tensor, path: Path) -> None:
    count, channels, height, width = pictures.shape
    across = min(_SHEET, count)
    down = count // across
    grid = pictures[: down * across].view(down, across, channels, height, width).permute(0, 3, 1, 4, 2)
    pixels = np.ascontiguousarray(grid.reshape(down * height, across * width, channels).numpy())
    with replacing(path) as beside:
        Image.fromarray(pixels).save(beside)


def _restore(path: Path, options: GeneratorOptions, game: Game) -> dict[str, Any]:
    state = load_checkpoint(path)
    theirs, ours = state.pop("options", None), options.identity()
    if theirs != ours:
        changed = [name for name in ours if not isinstance(theirs, dict) or theirs.get(name) != ours[name]]
        raise CheckpointError(
            f"{path} was made with other options ({', '.join(changed)}): choose another output, or remove it"
        )
    game.load_state_dict(state.pop("game"))
    return state
