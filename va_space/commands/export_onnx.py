"""``va-space export-onnx``."""

import warnings
from pathlib import Path
from typing import Annotated

from va_space.commands import VERBS
from va_space.commands._common import AsJson, Model, output_option, remark, show_table


@VERBS.register("export-onnx")
def export_onnx(
    output: Annotated[Path, output_option("Folder to write to, made if missing.")],
    as_json: AsJson = False,
    model: Model = None,
) -> None:
    """Write both encoders as ONNX files, for programs without torch.

    pictures.onnx takes RGB pictures, music.onnx windows of mono samples; both give vectors with valence and
    arousal. va-space.json says how to feed them and which model they are. Each file is run by onnxruntime and
    compared with torch; the largest difference is shown, and a file that differs is not written.
    """
    from va_space.encoders.pretrained import load_model
    from va_space.export.onnx import ABOUT
    from va_space.export.onnx import export_onnx as export

    loaded, fingerprint = load_model(model)
    with warnings.catch_warnings():
        # torch's exporter warns of its own use of its own deprecated parts.
        warnings.simplefilter("ignore")
        exported = export(loaded, output, fingerprint=fingerprint)
    rows = [
        {
            "file": str(output / name),
            "bytes": (output / name).stat().st_size,
            "largest difference to torch": f"{difference:.1e}" if not as_json else difference,
        }
        for name, difference in exported.items()
    ]
    show_table(rows, as_json)
    remark(f"How to feed them is in {output / ABOUT}.")
