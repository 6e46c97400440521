"""Texts on the command line."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from va_space.retrieval.index import index
from va_space.space import VASpace

pytest.importorskip("transformers", reason="needs the extra text")

TEXT = "a quiet evening after the funeral"


@pytest.fixture(scope="module")
def library(text_space, files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts") / "library"
    index(text_space, files[:4], folder)
    return folder


def test_va_of_texts_beside_files(va_space, media, text_model, text_space):
    result = va_space(
        "va", media / "a.png", "--text", TEXT, "--text", "we won 😀", "-m", text_model, "--json"
    )
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert [row["path"] for row in rows] == [str(media / "a.png"), TEXT, "we won 😀"]
    assert [row["modality"] for row in rows] == ["picture", "text", "text"]
    expected = text_space.predict_va(text=TEXT)
    assert (rows[1]["valence"], rows[1]["arousal"]) == pytest.approx(tuple(expected), abs=1e-3)
    assert "we won 😀: 1 of 3 words or signs are not known" in result.stderr


def test_a_text_of_which_nothing_is_known_is_one_failure(va_space, text_model):
    result = va_space("va", "--text", "😀", "--text", TEXT, "-m", text_model, "--json")
    assert result.returncode == 1
    assert [row["path"] for row in json.loads(result.stdout)] == [TEXT]
    assert "the sentence encoder knows nothing of it" in result.stderr
    assert "1 of 2 inputs failed" in result.stderr


def test_nothing_to_show(va_space, text_model):
    result = va_space("va", "-m", text_model)
    assert result.returncode == 2
    assert "name a file, or a --text" in result.stderr


def test_search_by_a_text_with_a_space_and_by_an_option(va_space, library, text_model):
    by_argument = va_space("search", TEXT, "-l", library, "-m", text_model, "--json", "-k", 3)
    by_option = va_space("search", "--text", TEXT, "-l", library, "-m", text_model, "--json", "-k", 3)
    assert by_argument.returncode == 0, by_argument.stderr
    assert by_argument.stdout == by_option.stdout
    assert len(json.loads(by_argument.stdout)) == 3


def test_one_word_needs_the_option(va_space, library, text_model):
    refused = va_space("search", "funeral", "-l", library, "-m", text_model)
    assert refused.returncode == 2
    assert "no such file, and no known word" in refused.stderr
    taken = va_space("search", "--text", "funeral", "-l", library, "-m", text_model, "--json")
    assert taken.returncode == 0, taken.stderr


def test_texts_and_words_each_by_itself(va_space, library, text_model):
    result = va_space("search", "calm", "--text", "calm", "--each", "-l", library, "-m", text_model, "--json")
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert len(rows) == 8
    word, text = rows[:4], rows[4:]
    assert [row["cosine"] for row in word] == [None] * 4
    assert all(row["cosine"] is not None for row in text)


def test_search_for_nothing(va_space, library, text_model):
    result = va_space("search", "-l", library, "-m", text_model)
    assert result.returncode == 2
    assert "name something to search for" in result.stderr


def test_a_model_without_heads_says_what_to_do(va_space, library, tiny_model, tmp_path):
    result = va_space("va", "--text", TEXT, "-m", tiny_model)
    assert result.returncode == 1
    assert "va-space train text" in result.stderr
    assert "Traceback" not in result.stderr


def test_restyle_by_a_text(va_space, text_model, tmp_path):
    picture = tmp_path / "p.png"
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(picture)
    options = ("-m", text_model, "-o", tmp_path / "out.png", "--steps", 1, "--json")
    result = va_space("restyle", picture, "--text", TEXT, "--text", "we won. 😀", *options)
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert [row["target"] for row in rows] == [TEXT, "we won. 😀"]
    assert (tmp_path / "out-a-quiet-evening-after-the-funeral.png").exists()
    assert "are not known" in result.stderr


def test_compose_for_a_text(va_space, text_model, tmp_path):
    out = tmp_path / "out.mid"
    options = ("-m", text_model, "-o", out, "--seconds", 4, "--candidates", 1, "--json")
    result = va_space("compose", "--text", TEXT, *options)
    assert result.returncode == 0, result.stderr
    space = VASpace.from_pretrained(text_model, device="cpu", precision="fp32")
    place = space.predict_va(text=TEXT, scale="relative")
    (row,) = json.loads(result.stdout)
    assert (row["valence_percentile"], row["arousal_percentile"]) == pytest.approx(tuple(place), abs=2e-3)
    assert out.exists()


def test_embedding_texts_of_a_table_and_of_the_command(va_space, media, text_model, tmp_path):
    (tmp_path / "reviews.csv").write_text(f"id,review\n7,{TEXT}\n")
    table = ["--texts", tmp_path / "reviews.csv", "--column", "review"]
    options = [*table, "--text", "we won", "-o", tmp_path / "v.parquet", "-m", text_model]
    result = va_space("embed", media / "a.png", *options)
    assert result.returncode == 0, result.stderr
    found = pq.read_table(tmp_path / "v.parquet")
    assert found["text"].to_pylist() == ["", "we won", TEXT]
    assert found["path"].to_pylist() == [str(media / "a.png"), "text 1", f"{tmp_path / 'reviews.csv'}:1"]
    for wrong in (["--texts", tmp_path / "reviews.csv"], ["--texts", media / "a.png"], []):
        refused = va_space("embed", *wrong, "-o", tmp_path / "w.parquet", "-m", text_model)
        assert refused.returncode == 2
