"""What the model that ships says of a dozen inputs stays what it was.

The expected values are in ``golden/model.npz``. When the weights change, and only then, make them again by

    python tests/test_golden.py
"""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from va_space import VASpace
from va_space.demo.music import clips
from va_space.demo.photographs import PHOTOGRAPHS
from va_space.media.editable import load_editable
from va_space.retrieval.index import index
from va_space.retrieval.search import search
from va_space.targets import MusicTarget
from va_space.transfer.restyle import restyle

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden" / "model.npz"
# Rounding differs between processors (1.1e-3 in the latent between AVX2 and AVX-512, after eight steps), and
# other orders of the same sums move a vector by 1e-5.
TOLERANCES = {"latent": 5e-3}
EACH = 6


def compute(folder):
    """Vectors, predictions, similarity, windows, what a search finds first, and a picture's grade."""
    space = VASpace.from_pretrained(device="cpu", precision="fp32")
    pictures = [photograph.path for photograph in PHOTOGRAPHS[:EACH]]
    tracks = [clip.path for clip in clips()[:EACH]]
    vectors = space.encode([*pictures, *tracks])
    target = MusicTarget.of(space, vectors[EACH + 2], name="a track")
    restyled = next(iter(restyle(space, load_editable(pictures[0]), [target], steps=8, seed=0)))
    library = index(space, tracks, folder).library
    return {
        "vectors": vectors,
        "predictions": space.predict_va([*pictures, *tracks]),
        "similarity": space.similarity(vectors[:EACH], vectors[EACH:]),
        "windows": space.encode(tracks[-1], windows=True).vectors,
        "ranking": np.array(
            [[result.path.name for result in search(space, library, picture, EACH)] for picture in pictures]
        ),
        "latent": restyled.latent.numpy(),
    }


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    return compute(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("name", ["vectors", "predictions", "similarity", "windows", "ranking", "latent"])
def test_the_model_says_what_it_said(computed, name):
    with np.load(GOLDEN) as golden:
        expected = golden[name]
    if name == "ranking":
        np.testing.assert_array_equal(computed[name], expected)
    else:
        np.testing.assert_allclose(computed[name], expected, rtol=0, atol=TOLERANCES.get(name, 2e-5))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as beside:
        np.savez_compressed(GOLDEN, **compute(beside))
