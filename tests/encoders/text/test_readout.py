"""Texts under a space: vectors, predictions, what is said of them, and what is refused."""

import numpy as np
import pytest
import torch

from va_space.emotion.reference import KINDS_OF
from va_space.errors import CheckpointError, MediaError
from va_space.space import Encoded, Failure, VASpace

TEXTS = ["a quiet evening after the funeral", "we won!"]


def test_texts_are_unit_rows_in_order(text_space):
    vectors = text_space.encode_text(TEXTS)
    assert vectors.shape == (2, 512)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        alone = text_space.encode_text(text)
        assert alone.shape == (512,)
        np.testing.assert_allclose(alone, vector, atol=1e-5)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-3)


def test_tensors_and_nothing(text_space):
    assert torch.equal(
        text_space.encode_text(TEXTS, convert_to_tensor=True), torch.from_numpy(text_space.encode_text(TEXTS))
    )
    assert text_space.encode_text([]).shape == (0, 512)


def test_a_long_text_is_the_mean_of_its_parts_by_their_tokens(text_space):
    text = "a quiet evening after the funeral we won " * 3  # 24 tokens: parts of 14 and 10
    item = next(text_space.encode_text_iter([text]))
    (features,) = text_space.sentence_encoder.read([text])
    with torch.no_grad():
        parts = text_space.text_side.model(torch.from_numpy(features.parts)).numpy()
    assert features.tokens.tolist() == [16, 12]
    mean = (16 * parts[0] + 12 * parts[1]) / 28
    np.testing.assert_allclose(item.vector, mean / np.linalg.norm(mean), atol=1e-5)
    assert item.notes == ("a long text: the mean of its 2 parts",)


def test_bad_texts_among_good_ones(text_space):
    items = list(text_space.encode_text_iter(iter(["we won", "", "😀", TEXTS[0]]), batch_size=2))
    assert [item.index for item in items] == [0, 1, 2, 3]
    assert [isinstance(item, Failure) for item in items] == [False, True, True, False]
    assert items[0].modality == "text"
    assert "says nothing" in items[1].reason
    with pytest.raises(MediaError, match="text '': an empty text"):
        text_space.encode_text(["we won", ""])


def test_predictions_absolute_and_relative(text_space):
    absolute, deviation = text_space.predict_va(text=TEXTS, return_std=True)
    assert absolute.shape == deviation.shape == (2, 2)
    model = text_space.text_side.model
    with torch.no_grad():
        np.testing.assert_allclose(
            absolute, model.va(torch.from_numpy(text_space.encode_text(TEXTS))).numpy(), atol=1e-6
        )
    relative = text_space.predict_va(text=TEXTS, scale="relative")
    np.testing.assert_allclose(relative, text_space.distribution("text").percentile(absolute), atol=1e-6)
    assert text_space.predict_va(text=TEXTS[0]).shape == (2,)


def test_either_inputs_or_texts(text_space):
    with pytest.raises(TypeError, match="inputs, or text="):
        text_space.predict_va()
    with pytest.raises(TypeError, match="inputs, or text="):
        text_space.predict_va(np.zeros((8, 8, 3), np.uint8), text="we won")


def test_a_text_is_of_its_own_kind(text_space):
    item = next(text_space.encode_text_iter(TEXTS))
    assert isinstance(item, Encoded)
    assert text_space.kind_of(item) == "text"
    assert KINDS_OF["text"] == ("text",)


def test_batches_of_nothing_are_refused(text_space):
    with pytest.raises(ValueError, match="batch_size is 0"):
        next(text_space.encode_text_iter(TEXTS, batch_size=0))


def test_saving_takes_the_heads_along(text_space, tmp_path):
    text_space.save_pretrained(tmp_path)
    again = VASpace.from_pretrained(tmp_path, device="cpu", precision="fp32")
    assert again.reads_text
    np.testing.assert_allclose(again.encode_text(TEXTS), text_space.encode_text(TEXTS), atol=1e-6)


def test_a_model_without_heads_says_so(tiny_space, tmp_path):
    assert not tiny_space.reads_text
    with pytest.raises(CheckpointError, match="cannot read texts"):
        tiny_space.encode_text("we won")
    tiny_space.save_pretrained(tmp_path)
    with pytest.raises(CheckpointError, match="va-space train text"):
        VASpace.from_pretrained(tmp_path, device="cpu").predict_va(text="we won")


def test_heads_can_lie_elsewhere(text_model, text_space, tmp_path):
    text_space.save_pretrained(tmp_path)
    (tmp_path / "text").rename(tmp_path / "mine")
    space = VASpace.from_pretrained(tmp_path, text=tmp_path / "mine", device="cpu", precision="fp32")
    np.testing.assert_allclose(space.encode_text(TEXTS), text_space.encode_text(TEXTS), atol=1e-6)
