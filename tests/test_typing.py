"""What a type checker sees of the README's examples: the type of everything, and no Any."""

import re
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parent.parent
# What the README does not spell out: single inputs, windows, tensors, uncertainty, tensors with gradients.
MORE = """
import numpy as np
import torch
from va_space import index, load_editable, read_target, restyle, search

one = space.encode("moon.jpg")
tensor = space.encode(["moon.jpg"], convert_to_tensor=True)
track = space.encode("nocturne.ogg", windows=True)
tracks = space.encode([("nocturne.ogg")], windows=True)
sound = space.encode((np.zeros(44100, np.float32), 44100))
overlapping = space.encode_windows("nocturne.ogg", hop_seconds=1)
both = space.predict_va(["moon.jpg"], return_std=True)
predicted = space.predict_va_from_vectors(E, "picture")
embedded = space.embed_pictures(torch.zeros(1, 3, 8, 8))
heard = space.embed_music(torch.zeros(1, 8000))
library = index(space, "music", "library").library
found = search(space, library, "moon.jpg")
target = read_target(space, "calm")
restyled = [item.picture for item in restyle(space, load_editable("moon.jpg"), [target])]
fingerprint = space.fingerprint
"""
ARRAY = "numpy.ndarray[tuple[int, ...], numpy.dtype[numpy.floating[numpy._typing._nbit_base._32Bit]]]"
EXPECTED = {
    "space": "va_space.space.VASpace",
    "E": ARRAY,
    "V": ARRAY,
    "S": ARRAY,
    "result": "va_space.encoders.results.Encoded | va_space.encoders.results.Failure",
    "one": ARRAY,
    "tensor": "torch._tensor.Tensor",
    "track": "va_space.encoders.results.WindowedTrack",
    "tracks": "list[va_space.encoders.results.WindowedTrack]",
    "sound": ARRAY,
    "overlapping": "va_space.encoders.results.WindowedTrack",
    "both": f"tuple[{ARRAY}, {ARRAY}]",
    "predicted": ARRAY,
    "embedded": "torch._tensor.Tensor",
    "heard": "torch._tensor.Tensor",
    "library": "va_space.retrieval.library.MusicLibrary",
    "found": "list[va_space.retrieval.results.Result]",
    "target": "va_space.targets._target.Target",
    "restyled": "list[va_space.media.editable.EditablePicture]",
    "fingerprint": "str",
}


@pytest.mark.slow
def test_the_examples_of_the_readme_have_types(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    questions = "".join(f"reveal_type({name})\n" for name in EXPECTED)
    program = tmp_path / "readme.py"
    program.write_text(example + MORE + questions, encoding="utf-8")
    config = ["--config-file", str(ROOT / "setup.cfg"), "--cache-dir", str(ROOT / ".mypy_cache")]
    output, errors, _ = api.run([*config, str(program)])
    assert not errors
    problems = [line for line in output.splitlines() if " error: " in line and program.name in line]
    assert not problems, output
    revealed = re.findall(r'Revealed type is "(.*)"', output)
    assert dict(zip(EXPECTED, revealed, strict=True)) == EXPECTED
    assert not [kind for kind in revealed if re.search(r"\bAny\b", kind)]
