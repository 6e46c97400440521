"""Put a trained model into the package, in half precision, with a card made from its benchmark results.

va-space benchmark -m runs/open/model -o runs/open/benchmark
python scripts/ship_weights.py runs/open/model runs/open/benchmark
"""

import argparse
import hashlib
import json
from pathlib import Path

import torch

from va_space.benchmark.table import blocks, rows_table
from va_space.encoders.pretrained import WEIGHTS, load_model, save_model

TASKS = "picture-va", "music-va", "matching", "calibration", "robustness", "listeners"
WEIGHTS_FOLDER = Path(__file__).parent.parent / "va_space" / "weights"


def main() -> None:
    """Read the arguments and write the folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="folder that a training wrote")
    parser.add_argument("benchmark", type=Path, help="folder that va-space benchmark wrote for it")
    arguments = parser.parse_args()

    model, _ = load_model(arguments.model)
    files = sorted(arguments.benchmark.glob("*.json"))
    results = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}
    template = (Path(__file__).parent / "weights_card.md").read_text(encoding="utf-8")
    scores = "\n\n".join(scores_of(results[name]) for name in TASKS if name in results)
    config = model.config
    facts = {
        "picture_backbone": config.picture_backbone,
        "picture_sizes": " and ".join(
            f"{config.picture.size * scale:g}" for scale in config.picture.tta_scales or (1.0,)
        ),
        "music_backbone": config.music_backbone,
        "sample_rate": config.audio.sample_rate,
        "n_mels": config.audio.n_mels,
        "window_seconds": f"{config.audio.window_seconds:g}",
        "dimension": config.dimension,
        "sigma": f"{config.sigma:.4f}",
        "parameters": f"{sum(value.numel() for value in model.parameters()) / 1e6:.1f}",
        "scores": scores,
    }
    save_model(model, WEIGHTS_FOLDER, card=template.format(**facts, hash="HASH"), dtype=torch.float16)
    digest = hashlib.sha256((WEIGHTS_FOLDER / WEIGHTS).read_bytes()).hexdigest()
    card = WEIGHTS_FOLDER / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace("HASH", digest), encoding="utf-8")


def scores_of(result: dict) -> str:
    """Tables of one task with what they were measured on."""
    about = "; ".join(result[part] for part in ("data", "split") if part in result)
    lines = [f"### {result['task']}", "", f"{about}.", ""]
    for rows in blocks(result["rows"]):
        lines += [*rows_table(rows), ""]
    return "\n".join(lines).rstrip()


if __name__ == "__main__":
    main()
