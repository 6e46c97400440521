"""Both encoders as ONNX files, for programs without torch; checked against torch before they are there."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from va_space.atomic import replacing
from va_space.encoders.model import SpaceModel
from va_space.errors import MissingExtraError, VASpaceError
from va_space.media.mel import make_frontend

PICTURES, MUSIC, ABOUT = "pictures.onnx", "music.onnx", "va-space.json"
# Two orders beyond what float32 kernels differ by: more is a graph that means something else.
TOLERANCE = 1e-4


class PictureGraph(nn.Module):
    """Pictures to vectors with valence and arousal."""

    def __init__(self, model: SpaceModel) -> None:
        super().__init__()
        self.encoder, self.predictor = model.picture_encoder, model.picture_va

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 3, size, size) RGB in [0, 1] to (n, dimension) unit vectors and (n, 2)."""
        vectors = self.encoder(pictures)
        return vectors, self.predictor(vectors)


class MusicGraph(nn.Module):
    """Windows of sound to vectors with valence and arousal; spectrograms included."""

    def __init__(self, model: SpaceModel) -> None:
        super().__init__()
        self.frontend = make_frontend(model.config.audio)
        self.encoder, self.predictor = model.music_encoder, model.music_va

    def forward(self, samples: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(n, window samples) mono to those of the windows, and of the track that they are.

        Returns:
            (n, dimension) unit vectors and (n, 2) of the windows, then (1, dimension) and (1, 2) of the
            track: the normalised mean of its windows' vectors, and what is predicted from that.
        """
        vectors = self.encoder(self.frontend(samples))
        track = nn.functional.normalize(vectors.mean(dim=0, keepdim=True), dim=-1)
        # One pass for both: quantisers stumble over weights that two nodes share.
        points = self.predictor(torch.cat([vectors, track]))
        return vectors, points[:-1], track, points[-1:]


def export_onnx(model: SpaceModel, folder: str | Path, *, fingerprint: str) -> dict[str, float]:
    """Write ``pictures.onnx``, ``music.onnx`` and ``va-space.json`` with how to feed them.

    Each graph is run by onnxruntime on noise and compared with torch before it takes its place.

    Args:
        model: In evaluation mode, float32, on the CPU.
        folder: Made if it is missing.
        fingerprint: Of the weights; it is written into the files.

    Returns:
        Name of the graph -> largest absolute difference of any output between onnxruntime and torch, in
        batches of one and of three.

    Raises:
        MissingExtraError: onnx, onnxscript or onnxruntime is not installed.
        VASpaceError: A graph and torch disagree by more than :data:`TOLERANCE`.
    """
    config, folder = model.config, Path(folder)
    random = np.random.default_rng(0)

    def pictures(n: int) -> Tensor:
        return torch.from_numpy(random.random((n, 3, config.picture.size, config.picture.size), np.float32))

    def samples(n: int) -> Tensor:
        noise = random.standard_normal((n, config.audio.window_samples), np.float32)
        # Pink rather than white, as music is: each band then has about as much power.
        return torch.from_numpy(np.cumsum(noise, axis=1) / 1000)

    about = {
        "format": "va-space-onnx",
        "fingerprint": fingerprint,
        "identity": fingerprint,  # its name before 0.2, for programs that read it
        "space": config.to_dict(),
        "deviation": {
            "picture": _finite(model.picture_va.deviation),
            "music": _finite(model.music_va.deviation),
        },
        "files": _files(model),
    }
    differences = {
        PICTURES: _export(PictureGraph(model), pictures, folder / PICTURES, about),
        MUSIC: _export(MusicGraph(model), samples, folder / MUSIC, about),
    }
    with replacing(folder / ABOUT) as beside:
        beside.write_text(
            json.dumps({**about, "largest difference": differences}, indent=2), encoding="utf-8"
        )
    return differences


def _files(model: SpaceModel) -> dict[str, dict[str, str]]:
    """What goes in (first) and comes out of each file, all of it float32."""
    config = model.config
    size, window = config.picture.size, config.audio.window_samples
    vectors = f"(n, {config.dimension}) unit vectors"
    return {
        PICTURES: {
            "pictures": f"(n, 3, {size}, {size}) RGB in [0, 1]: whole pictures, resized with antialiasing",
            "vectors": vectors,
            "valence_arousal": "(n, 2) in [0, 1]",
        },
        MUSIC: {
            "samples": f"(n, {window}) mono at {config.audio.sample_rate} Hz: the windows of one track",
            "vectors": f"{vectors} of the windows",
            "valence_arousal": "(n, 2) of the windows, in [0, 1]",
            "track_vector": f"(1, {config.dimension}) normalised mean of the vectors",
            "track_valence_arousal": "(1, 2) of the track, in [0, 1]",
        },
    }


def _export(
    graph: nn.Module, example: Callable[[int], Tensor], path: Path, about: Mapping[str, Any]
) -> float:
    """Write one graph; returns the largest difference to torch."""
    try:
        import onnxruntime
        import onnxscript  # noqa: F401  torch names it only when it is too late for a good message
    except ImportError as error:
        raise MissingExtraError("Exporting ONNX", "onnx", f"({error})") from error
    source, *outputs = about["files"][path.name]
    # Two, since torch takes a batch of one for a constant.
    program = torch.onnx.export(
        graph.eval(),
        (example(2),),
        dynamo=True,
        input_names=[source],
        output_names=outputs,
        dynamic_shapes=({0: torch.export.Dim("n")},),
        verbose=False,
    )
    assert program is not None
    program.model.metadata_props.update({key: about[key] for key in ("format", "fingerprint", "identity")})
    with replacing(path) as beside:
        program.save(beside)
        session = onnxruntime.InferenceSession(beside, providers=["CPUExecutionProvider"])
        difference = max(_difference(graph, session, example(n)) for n in (1, 3))
        if not difference <= TOLERANCE:
            raise VASpaceError(
                f"{path}: onnxruntime and torch differ by {difference:.2g}, more than {TOLERANCE:g}, so it "
                "was not written. Another version of torch, onnxscript or onnxruntime may translate better"
            )
    return difference


def _difference(graph: nn.Module, session: Any, inputs: Tensor) -> float:
    with torch.inference_mode():
        expected = graph(inputs)
    found = session.run(None, {session.get_inputs()[0].name: inputs.numpy()})
    return max(float(np.abs(a.numpy() - b).max()) for a, b in zip(expected, found, strict=True))


def _finite(values: Tensor) -> list[float] | None:
    """For JSON, which knows no nan."""
    return values.tolist() if values.isfinite().all() else None
