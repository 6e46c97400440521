"""One model in several precisions, for latency.py and precision.py."""

import copy
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor

from va_space import VASpace
from va_space.benchmark.context import Context
from va_space.datasets.cache import cache_folder
from va_space.datasets.records import Record
from va_space.encoders.model import SpaceModel
from va_space.encoders.pretrained import load_model
from va_space.export.onnx import MUSIC, PICTURES, export_onnx
from va_space.media.audio import load_section
from va_space.media.pictures import load_picture, picture_to_tensor

# What keeps 8 bits from convolution to convolution; spectrograms and heads stay in float32.
_QUANTISED = ["Conv", "Add", "Relu", "LeakyRelu", "MaxPool"]
_EXAMPLES = 48

Outputs = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Variant:
    """One way to compute the same model.

    Attributes:
        name: For the table.
        megabytes: Of the files with its weights.
        pictures: uint8 (n, 3, size, size) to (n, dimension) vectors and (n, 2) valence and arousal.
        music: float32 (n, window samples) likewise.
    """

    name: str
    megabytes: float
    pictures: Callable[[Tensor], Outputs]
    music: Callable[[Tensor], Outputs]


def make_variants(name: str | None, folder: Path) -> tuple[Context, list[Variant]]:
    """All variants of a model, torch in float32 first; their files are written to a folder.

    int8 with fixed ranges learns those from training pictures and training music.
    """
    data = os.environ.get("VA_SPACE_DATA")
    if not data:
        raise SystemExit("set VA_SPACE_DATA to the folder of data sets (docs/datasets.md)")
    model, fingerprint = load_model(name)
    exact = VASpace(copy.deepcopy(model), fingerprint=fingerprint, device="cpu", precision="fp32")
    context = Context(exact, Path(data), cache_folder())
    export_onnx(model, folder / "fp32", fingerprint=fingerprint)
    _quantise(context, folder)
    full = sum(value.numel() for value in model.state_dict().values()) * 4 / 1e6
    return context, [
        _torch("torch fp32", exact, full),
        _torch("torch, stored as fp16", VASpace(_halved(model), device="cpu", precision="fp32"), full / 2),
        _torch("torch bf16", VASpace(model, device="cpu", precision="bf16"), full),
        _onnx("ONNX fp32", folder / "fp32"),
        _onnx("ONNX int8, static", folder / "static"),
        _onnx("ONNX int8, dynamic", folder / "dynamic"),
    ]


def picture_of(record: Record, context: Context) -> Tensor:
    """uint8 (1, 3, size, size)."""
    size = context.space.config.picture.size
    return picture_to_tensor(load_picture(record.path, min_side=size), size)[None]


def windows_of(records: Sequence[Record], context: Context) -> Tensor:
    """float32 (n, window samples) of windows of one file that lie wholly in it."""
    audio = context.audio
    last = max(record.start for record in records) + audio.window_seconds
    samples = load_section(records[0].path, audio.sample_rate, 0, last)
    starts = [round(record.start * audio.sample_rate) for record in records]
    rows = [
        np.resize(samples[start : start + audio.window_samples], audio.window_samples) for start in starts
    ]
    return torch.from_numpy(np.stack(rows))


def _torch(name: str, space: VASpace, megabytes: float) -> Variant:
    def pictures(values: Tensor) -> Outputs:
        vectors = space._encode_pictures(values)[0].numpy()
        return vectors, space.predict_va_from_vectors(vectors, "picture")

    def music(values: Tensor) -> Outputs:
        vectors = space._encode_music(values)[0].numpy()
        return vectors, space.predict_va_from_vectors(vectors, "music")

    return Variant(name, megabytes, pictures, music)


def _onnx(name: str, folder: Path) -> Variant:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    pictures, music = (
        onnxruntime.InferenceSession(folder / file, options, providers=["CPUExecutionProvider"])
        for file in (PICTURES, MUSIC)
    )
    return Variant(
        name,
        sum((folder / file).stat().st_size for file in (PICTURES, MUSIC)) / 1e6,
        lambda values: tuple(pictures.run(None, {"pictures": values.numpy().astype(np.float32) / 255})),
        lambda values: tuple(music.run(None, {"samples": values.numpy()})[:2]),
    )


def _halved(model: SpaceModel) -> SpaceModel:
    return copy.deepcopy(model).half().float()


def _quantise(context: Context, folder: Path) -> None:
    random = np.random.default_rng(0)

    def some(records: Sequence[Record]) -> list[Record]:
        return [records[row] for row in random.choice(len(records), _EXAMPLES, replace=False)]

    def pictures() -> Iterator[dict[str, np.ndarray]]:
        for record in some(context.pictures["train"]):
            yield {"pictures": picture_of(record, context).numpy().astype(np.float32) / 255}

    def music() -> Iterator[dict[str, np.ndarray]]:
        for record in some(context.music["train"]):
            yield {"samples": windows_of([record], context).numpy()}

    for kind in ("static", "dynamic"):
        (folder / kind).mkdir()
    for file, examples in ((PICTURES, pictures), (MUSIC, music)):
        prepared = folder / f"prepared-{file}"
        quant_pre_process(folder / "fp32" / file, prepared, skip_symbolic_shape=True)
        _forget_shapes(prepared)
        quantize_static(
            prepared,
            folder / "static" / file,
            _Examples(examples()),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_QUANTISED,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=_outside_convolutions(prepared),
        )
        # onnxruntime has this kind of convolution for unsigned weights only.
        quantize_dynamic(
            prepared, folder / "dynamic" / file, op_types_to_quantize=["Conv"], weight_type=QuantType.QUInt8
        )


def _forget_shapes(path: Path) -> None:
    """The quantiser transposes weights, and stumbles over what is written down of their shapes."""
    model = onnx.load(path)
    del model.graph.value_info[:]
    onnx.save(model, path)


def _outside_convolutions(path: Path) -> list[str]:
    """Names of the nodes before the first and after the last convolution."""
    nodes = onnx.load(path).graph.node
    places = [place for place, node in enumerate(nodes) if node.op_type == "Conv"]
    return [node.name for node in [*nodes[: places[0]], *nodes[places[-1] + 1 :]]]


class _Examples(CalibrationDataReader):
    """Examples in the form that onnxruntime asks for them."""

    def __init__(self, examples: Iterator[dict[str, Any]]) -> None:
        self.examples = examples

    def get_next(self) -> dict[str, Any] | None:
        return next(self.examples, None)
