import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from safetensors import safe_open

from va_space.errors import ConfigError
from va_space.retrieval.export import export_vectors
from va_space.space import Encoded


def items(space, count):
    """Embedded inputs with random unit vectors, pictures and music in turn."""
    vectors = np.random.default_rng(0).normal(size=(count, space.config.dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        Encoded(index, f"{index}.x", "music" if index % 2 else "picture", vector)
        for index, vector in enumerate(vectors)
    ]


def read(path):
    """Columns and metadata of any of the formats."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        columns = {name: table[name].to_pylist() for name in table.column_names}
        return columns, {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as file:
            columns = {name: file[name].tolist() for name in file.files if name != "metadata"}
            return columns, json.loads(str(file["metadata"]))
    with safe_open(path, "numpy") as file:
        metadata = file.metadata()
        texts = {name: json.loads(metadata.pop(name)) for name in ("path", "modality")}
        return texts | {name: file.get_tensor(name).tolist() for name in file.keys()}, metadata  # noqa: SIM118


@pytest.mark.parametrize("name", ["v.parquet", "v.npz", "v.safetensors"])
def test_columns_and_metadata_come_back(tiny_space, tmp_path, name):
    encoded = items(tiny_space, 7)
    assert export_vectors(tiny_space, iter(encoded), tmp_path / "new" / name, group_size=3) == 7
    columns, metadata = read(tmp_path / "new" / name)
    assert set(columns) == {"path", "modality", "vector", "valence", "arousal"}
    assert columns["path"] == [item.source for item in encoded]
    assert columns["modality"] == [item.modality for item in encoded]
    np.testing.assert_array_equal(
        np.array(columns["vector"], np.float32), np.stack([item.vector for item in encoded])
    )
    for index, item in enumerate(encoded):
        expected = tiny_space.predict_va_from_vectors(item.vector[None], item.modality)[0]
        np.testing.assert_allclose(
            [columns["valence"][index], columns["arousal"][index]], expected, atol=1e-6
        )
    assert metadata["model"] == tiny_space.identity
    assert set(metadata) == {"model", "va_space_version"}


def test_parquet_has_fixed_size_lists_and_row_groups(tiny_space, tmp_path):
    export_vectors(tiny_space, items(tiny_space, 7), tmp_path / "v.parquet", group_size=3)
    file = pq.ParquetFile(tmp_path / "v.parquet")
    assert file.num_row_groups == 3
    assert (
        str(file.schema_arrow.field("vector").type)
        == f"fixed_size_list<element: float>[{tiny_space.config.dimension}]"
    )


@pytest.mark.parametrize("name", ["v.parquet", "v.npz", "v.safetensors"])
def test_interrupted_export_leaves_the_old_file(tiny_space, tmp_path, name):
    path = tmp_path / name
    export_vectors(tiny_space, items(tiny_space, 2), path)
    before = path.read_bytes()

    def interrupted():
        yield from items(tiny_space, 5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_vectors(tiny_space, interrupted(), path, group_size=2)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_to_write_makes_no_file(tiny_space, tmp_path):
    assert export_vectors(tiny_space, [], tmp_path / "v.parquet") == 0
    assert list(tmp_path.iterdir()) == []


def test_unknown_ending_is_refused_before_anything_is_embedded(tiny_space, tmp_path):
    asked = iter(items(tiny_space, 1))
    with pytest.raises(ConfigError, match=r"\.parquet, \.npz, \.safetensors"):
        export_vectors(tiny_space, asked, tmp_path / "v.csv")
    assert len(list(asked)) == 1


def test_file_names_that_are_not_unicode(tiny_space, tmp_path):
    (item,) = items(tiny_space, 1)
    odd = Encoded(0, "\udcff.png", item.modality, item.vector)
    export_vectors(tiny_space, [odd], tmp_path / "v.parquet")
    assert read(tmp_path / "v.parquet")[0]["path"] == ["\\udcff.png"]
