"""Texts in exports, and the files that they are read from."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from safetensors import safe_open

from va_space.errors import ConfigError, MediaError
from va_space.export import export, read_texts

TEXTS = ["a quiet evening after the funeral", "we won"]


@pytest.fixture
def table(tmp_path):
    """Reviews as a table of each format, with an empty one; and as lines."""
    reviews = [TEXTS[0], "", TEXTS[1]]
    columns = {"id": [1, 2, 3], "review": reviews}
    for name, mark, between in (("r.csv", "\ufeff", ","), ("r.tsv", "", "\t")):
        lines = [f"{number}{between}{review}" for number, review in enumerate(reviews, 1)]
        (tmp_path / name).write_text("\n".join([f"{mark}id{between}review", *lines]))
    pq.write_table(pa.table(columns | {"review": [TEXTS[0], None, TEXTS[1]]}), tmp_path / "r.parquet")
    (tmp_path / "r.txt").write_text("\n".join(reviews))
    return tmp_path


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "txt"])
def test_every_kind_of_file(table, ending):
    path = table / f"r.{ending}"
    empty = [] if ending == "txt" else [(f"{path}:2", "")]
    expected = [(f"{path}:1", TEXTS[0]), *empty, (f"{path}:3", TEXTS[1])]
    assert [(each.name, each.text) for each in read_texts(path, "review")] == expected


def test_what_cannot_be_read_is_named(table):
    (table / "bad.txt").write_bytes(b"caf\xe9")
    (table / "bad.parquet").write_bytes(b"no table")
    for name, error, reason in (
        ("r.csv", ConfigError, "no column 'text'; there are id, review"),
        ("r.parquet", ConfigError, "no column 'text'"),
        ("r.doc", ConfigError, "files of texts end with .txt"),
        ("none.txt", MediaError, "no such file"),
        ("bad.txt", MediaError, "cannot be read as .txt in UTF-8"),
        ("bad.parquet", MediaError, "cannot be read as .parquet"),
    ):
        with pytest.raises(error, match=reason):
            read_texts(table / name)


def test_texts_beside_a_picture_in_every_format(text_space, table):
    picture = table / "a.png"
    Image.new("RGB", (40, 40), "red").save(picture)
    texts = [*read_texts(table / "r.csv", "review"), *read_texts(table / "r.txt")]
    for ending in ("parquet", "npz", "safetensors"):
        output = table / f"v.{ending}"
        done = export(text_space, [picture], output, texts=texts, part_size=2)
        assert (done.rows, done.inputs, done.failed) == (5, 6, 1)
    (failure,) = pq.read_table(done.failures).to_pylist()
    assert failure["path"] == f"{table / 'r.csv'}:2"
    rows = pq.read_table(table / "v.parquet").to_pylist()
    assert [row["text"] for row in rows] == ["", *TEXTS, *TEXTS]
    assert [row["modality"] for row in rows] == ["picture", *["text"] * 4]
    names = [row["path"].rpartition("/")[2] for row in rows]
    assert names == ["a.png", "r.csv:1", "r.csv:3", "r.txt:1", "r.txt:3"]
    vectors = np.array([row["vector"] for row in rows[1:3]])
    np.testing.assert_allclose(vectors, text_space.encode_text(TEXTS), atol=1e-6)
    va = text_space.predict_va(text=TEXTS)
    np.testing.assert_allclose([(row["valence"], row["arousal"]) for row in rows[1:3]], va, atol=1e-6)
    with np.load(table / "v.npz", allow_pickle=False) as file:
        assert file["text"].tolist() == [row["text"] for row in rows]
    with safe_open(table / "v.safetensors", "numpy") as file:
        assert json.loads(file.metadata()["text"]) == [row["text"] for row in rows]


def test_plain_texts_and_no_ray(text_space, tmp_path):
    assert export(text_space, [], tmp_path / "v.parquet", texts=TEXTS, windows=True).rows == 2
    table = pq.read_table(tmp_path / "v.parquet")
    assert (table["path"].to_pylist(), table["start"].to_pylist()) == (["text 1", "text 2"], [None, None])
    with pytest.raises(ConfigError, match="without Ray"):
        export(text_space, [], tmp_path / "v.parquet", texts=TEXTS, engine="ray")
