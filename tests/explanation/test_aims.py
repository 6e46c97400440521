"""What is explained is what search and predictions say, and can be differentiated."""

import numpy as np
import pytest
import torch

from va_space.emotion.plane import similarity
from va_space.explanation.aims import Aim, read_aims
from va_space.space import Failure


@pytest.fixture(scope="module")
def vectors(space):
    rows = torch.randn(5, 512, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.normalize(rows, dim=1)


def one(space, source, modality, kind, scale="relative"):
    (aim,) = read_aims(space, [source], modality, kind, scale)
    assert isinstance(aim, Aim)
    return aim


def test_axes_are_percentiles_or_predictions(space, tiny_space, vectors):
    va = space.predict_va_from_vectors(vectors.numpy(), "picture")
    for axis, name in enumerate(("valence", " Arousal ")):
        for kind in ("photograph", "painting"):
            relative = one(space, name, "picture", kind)
            expected = space.distribution(kind).percentile(va)[:, axis]
            np.testing.assert_allclose(relative.of(vectors).detach(), expected, atol=1e-4)
            assert relative.what == f"{name.strip().lower()} among {kind}s"
        for aim in (
            one(space, name, "picture", "photograph", "absolute"),
            one(tiny_space, name, "picture", "photograph"),
        ):
            np.testing.assert_allclose(aim.of(vectors).detach(), va[:, axis], atol=1e-6)
            assert aim.target is None


def test_own_modality_is_the_cosine(space, vectors, picture, track):
    for path, modality, kind in ((picture, "picture", "photograph"), (track, "music", "recording")):
        for scale in ("relative", "absolute"):
            aim = one(space, path, modality, kind, scale)
            np.testing.assert_allclose(aim.of(vectors), vectors.numpy() @ space.encode(path), atol=1e-5)
            assert aim.what == f"cosine with {path.name}"


def test_other_targets_are_where_they_stand(space, vectors, track):
    standing = space.predict_va(track, scale="relative")
    for source, percentiles in ((track, standing), ("0.9,0.2", (0.9, 0.2)), ("1,0", (0.99, 0.01))):
        aim = one(space, source, "picture", "painting")
        place = space.distribution("painting").value(np.clip(percentiles, 0.01, 0.99))
        va = space.predict_va_from_vectors(vectors.numpy(), "picture")
        expected = np.exp(-np.linalg.norm(va - place, axis=1) / space.config.sigma)
        np.testing.assert_allclose(aim.of(vectors).detach(), expected, atol=1e-4)


def test_absolute_is_predicted_similarity_and_the_point_itself(space, vectors, picture, track):
    aim = one(space, track, "picture", "photograph", "absolute")
    expected = space.similarity(vectors.numpy(), space.encode(track)[None])[:, 0]
    np.testing.assert_allclose(aim.of(vectors).detach(), expected, atol=1e-5)
    back = one(space, picture, "music", "recording", "absolute")
    expected = space.similarity(space.encode(picture)[None], vectors.numpy())[0]
    np.testing.assert_allclose(back.of(vectors).detach(), expected, atol=1e-5)
    point = one(space, "0.9,0.2", "music", "recording", "absolute")
    va = torch.from_numpy(space.predict_va_from_vectors(vectors.numpy(), "music"))
    expected = similarity(va, torch.tensor([[0.9, 0.2]]), space.config.sigma)[:, 0]
    np.testing.assert_allclose(point.of(vectors).detach(), expected, atol=1e-5)


def test_texts(text_space, vectors):
    from va_space.targets import Text

    (aim,) = read_aims(text_space, [Text("a quiet evening")], "picture", "photograph")
    expected = vectors.numpy() @ text_space.encode_text("a quiet evening")
    np.testing.assert_allclose(aim.of(vectors), expected, atol=1e-5)


def test_all_can_be_differentiated(space, vectors, picture, track):
    sources = ["valence", "arousal", "calm", "0.5,0.5", picture, track]
    for scale in ("relative", "absolute"):
        for aim in read_aims(space, sources, "picture", "photograph", scale):
            at = vectors.clone().requires_grad_()
            (gradient,) = torch.autograd.grad(aim.of(at).sum(), at)
            assert torch.isfinite(gradient).all()
            step = 1e-2 * gradient / gradient.norm(dim=1, keepdim=True).clamp(min=1e-9)
            assert (aim.of(vectors + step) >= aim.of(vectors) - 1e-6).all()


def test_what_cannot_be_read_is_said_in_its_place(space, track, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 no picture")
    aims = read_aims(space, ["hapy", "arousal", bad, track, "./valence"], "picture", "photograph")
    assert [type(aim) for aim in aims] == [Failure, Aim, Failure, Aim, Failure]
    assert "do you mean happy" in aims[0].reason
    assert aims[2].source == bad
    assert [aim.index for aim in aims if isinstance(aim, Failure)] == [0, 2, 4]
