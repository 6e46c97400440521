import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
import soundfile
from PIL import Image
from safetensors import safe_open

from va_space.errors import ConfigError
from va_space.export import export
from va_space.space import VASpace

FORMATS = ["v.parquet", "v.npz", "v.safetensors"]


@pytest.fixture(scope="module")
def space(tiny_space):
    """The tiny model under a name, as one that was saved has."""
    return VASpace(tiny_space.model, fingerprint="tiny", device="cpu", precision="fp32")


@pytest.fixture
def folder(tmp_path):
    """Nine pictures, two recordings of 2.6 s, which have three windows, and a file that is neither."""
    folder = tmp_path / "media"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for number in range(9):
        pixels = generator.integers(0, 256, (40, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    for name in ("4-noise", "a-noise"):
        soundfile.write(folder / f"{name}.wav", generator.uniform(-0.5, 0.5, 20800), 8000)
    (folder / "5-bad.jpg").write_bytes(b"not a picture")
    return folder


def good(folder):
    """Those that can be read, in the order of an export."""
    return [str(path) for path in sorted(folder.iterdir()) if "bad" not in path.name]


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


class Interrupt:
    """Progress that stops the work at the n-th input."""

    def __init__(self, after):
        self.after = after

    def __call__(self, done, total):
        if done == self.after:
            raise KeyboardInterrupt


def interrupted(space, folder, output, after, **options):
    with pytest.raises(KeyboardInterrupt):
        export(space, [folder], output, progress=Interrupt(after), **options)


@pytest.mark.parametrize("name", FORMATS)
def test_columns_and_metadata(space, folder, tmp_path, name):
    output = tmp_path / "new" / name
    done = export(space, [folder], output, part_size=5)
    assert (done.output, done.rows, done.inputs, done.resumed, done.failed) == (str(output), 11, 12, 0, 1)
    columns, metadata = read(output)
    assert set(columns) == {"path", "modality", "vector", "valence", "arousal"}
    assert columns["path"] == good(folder)
    assert columns["modality"] == ["music" if path.endswith("wav") else "picture" for path in good(folder)]
    np.testing.assert_allclose(columns["vector"], space.encode(good(folder)), atol=1e-5)
    va = np.column_stack([columns["valence"], columns["arousal"]])
    np.testing.assert_allclose(va, space.predict_va(good(folder)), atol=1e-5)
    assert metadata == {"model": "tiny", "va_space_version": metadata["va_space_version"]}
    assert sorted(path.name for path in output.parent.iterdir()) == ["v.failures.parquet", name]


@pytest.mark.parametrize("name", FORMATS)
def test_windows(space, folder, tmp_path, name):
    sounds = [path for path in good(folder) if path.endswith("wav")]
    done = export(space, [*sounds, folder / "0.png"], tmp_path / name, windows=True)
    assert done.rows == 7
    columns, metadata = read(tmp_path / name)
    assert columns["path"] == [path for path in sounds for _ in range(3)] + [str(folder / "0.png")]
    assert columns["start"][:6] == [0, 1, 2] * 2
    assert columns["start"][6] is None or np.isnan(columns["start"][6])
    expected = np.concatenate([track.vectors for track in space.encode(sounds, windows=True)])
    np.testing.assert_allclose(columns["vector"][:6], expected, atol=1e-5)
    va = np.column_stack([columns["valence"], columns["arousal"]])[:6]
    np.testing.assert_allclose(va, space.predict_va_from_vectors(expected, "music"), atol=1e-5)
    assert float(metadata["window_seconds"]) == 1


def test_windows_of_another_length(space, folder, tmp_path):
    sounds = [path for path in good(folder) if path.endswith("wav")]
    output = tmp_path / "v.parquet"
    assert export(space, sounds, output, windows=True, window_seconds=0.5).rows == 10
    columns, metadata = read(output)
    assert columns["start"] == [0, 0.5, 1, 1.5, 2] * 2
    assert metadata["window_seconds"] == "0.5"
    tracks = space.encode(sounds, windows=True, window_seconds=0.5)
    np.testing.assert_allclose(columns["vector"], np.concatenate([t.vectors for t in tracks]), atol=1e-5)
    with pytest.raises(ValueError, match="windows=True"):
        export(space, sounds, output, window_seconds=0.5)


def test_failures_are_a_table_until_they_are_repaired(space, folder, tmp_path):
    told = []
    paths = [folder, tmp_path / "missing.png"]
    output = tmp_path / "v.parquet"
    done = export(space, paths, output, part_size=4, failed=lambda path, reason: told.append((path, reason)))
    assert done.failures == str(tmp_path / "v.failures.parquet")
    rows = pq.read_table(done.failures).to_pylist()
    assert [row["path"] for row in rows] == [str(folder / "5-bad.jpg"), str(tmp_path / "missing.png")]
    assert rows[1]["reason"] == "no such file"
    assert told == [(row["path"], row["reason"]) for row in rows]
    assert export(space, [folder / "0.png"], output).failures is None
    assert not (tmp_path / "v.failures.parquet").exists()


def test_pandas_polars_and_duckdb_read_vectors_of_fixed_size(space, folder, tmp_path):
    pandas, polars, duckdb = map(pytest.importorskip, ("pandas", "polars", "duckdb"))
    output, dimension = tmp_path / "v.parquet", space.config.dimension
    export(space, [folder], output)
    expected = np.stack(pq.read_table(output)["vector"].to_pylist())
    assert pq.read_schema(output).field("vector").type == pa.list_(pa.float32(), dimension)
    np.testing.assert_array_equal(np.stack(pandas.read_parquet(output)["vector"]), expected)
    frame = polars.read_parquet(output)
    assert frame.schema["vector"] == polars.Array(polars.Float32, dimension)
    np.testing.assert_array_equal(frame["vector"].to_numpy(), expected)
    with duckdb.connect() as database:
        found = database.sql(
            f"SELECT list_cosine_similarity(vector, (SELECT vector FROM '{output}' LIMIT 1)) AS cosine, "
            f"vector::FLOAT[{dimension}] AS vector FROM '{output}'"
        )
        assert str(found.types[1]) == f"FLOAT[{dimension}]"
        cosines = [row[0] for row in found.fetchall()]
    np.testing.assert_allclose(cosines, expected @ expected[0], atol=1e-5)


@pytest.mark.parametrize("name", FORMATS)
def test_interrupted_work_goes_on(space, folder, tmp_path, name):
    output, whole = tmp_path / name, tmp_path / f"whole-{name}"
    export(space, [folder], whole)
    output.write_bytes(b"old")
    interrupted(space, folder, output, after=8, part_size=3)
    assert output.read_bytes() == b"old"
    assert len(list((tmp_path / f"{name}.parts").iterdir())) == 2
    done = export(space, [folder], output, part_size=3)
    assert (done.resumed, done.inputs, done.failed) == (6, 12, 1)
    (columns, metadata), (expected, of_whole) = read(output), read(whole)
    assert metadata == of_whole
    assert columns["path"] == expected["path"]
    np.testing.assert_allclose(columns["vector"], expected["vector"], atol=1e-5)
    assert not (tmp_path / f"{name}.parts").exists()


@pytest.mark.slow
def test_killed_work_goes_on(tiny_model, folder, tmp_path):
    output = tmp_path / "v.parquet"
    code = (
        "import os, signal, sys\n"
        "from va_space import VASpace\n"
        "from va_space.export import export\n"
        "def progress(done, total):\n"
        "    if done == 10: os.kill(os.getpid(), signal.SIGKILL)\n"
        "space = VASpace.from_pretrained(sys.argv[1], device='cpu')\n"
        "export(space, [sys.argv[2]], sys.argv[3], part_size=4, progress=progress)\n"
    )
    command = [sys.executable, "-c", code, tiny_model, folder, output]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert sorted(path.name[:6] for path in (tmp_path / "v.parquet.parts").iterdir())[-2:] == ["part-0"] * 2
    saved = VASpace.from_pretrained(tiny_model, device="cpu")
    assert export(saved, [folder], output, part_size=4).resumed == 8
    assert pq.read_table(output)["path"].to_pylist() == good(folder)
    assert not (tmp_path / "v.parquet.parts").exists()


def test_what_changed_since_the_interruption_is_done_again(space, folder, tmp_path):
    output = tmp_path / "v.parquet"
    interrupted(space, folder, output, after=10, part_size=3)
    os.utime(folder / "1.png", ns=(1, 1))
    assert export(space, [folder], output, part_size=3).resumed == 6


@pytest.mark.parametrize(
    ("fingerprint", "options"),
    [
        ("other", {}),
        ("tiny", {"windows": True}),
        ("tiny", {"windows": True, "window_seconds": 0.5}),
        ("tiny", {"part_size": 4}),
    ],
)
def test_other_work_does_not_go_on_with_it(space, folder, tmp_path, fingerprint, options):
    output = tmp_path / "v.parquet"
    interrupted(space, folder, output, after=7, part_size=3)
    other = VASpace(space.model, fingerprint=fingerprint, device="cpu", precision="fp32")
    assert export(other, [folder], output, **({"part_size": 3} | options)).resumed == 0
    assert not (tmp_path / "v.parquet.parts").exists()


def test_a_model_without_a_name_never_goes_on(tiny_space, folder, tmp_path):
    interrupted(tiny_space, folder, tmp_path / "v.parquet", after=7, part_size=3)
    assert export(tiny_space, [folder], tmp_path / "v.parquet", part_size=3).resumed == 0


def test_folder_of_parts(space, folder, tmp_path):
    output = f"{tmp_path}/vectors/"
    assert export(space, [folder], output, part_size=5).rows == 11
    Path(output, "mine.txt").write_text("mine")
    assert export(space, [folder], output, part_size=5).resumed == 12
    (folder / "0.png").unlink()
    done = export(space, [folder], output, part_size=5)
    assert (done.resumed, done.failures) == (0, f"{tmp_path}/vectors.failures.parquet")
    assert len(list(Path(output).glob("*.parquet"))) == 3
    assert Path(output, "mine.txt").exists()
    table = pyarrow.dataset.dataset(sorted(map(str, Path(output).glob("*.parquet")))).to_table()
    assert table["path"].to_pylist() == good(folder)


def test_object_storage(space, folder, tmp_path):
    pytest.importorskip("pyarrow", minversion="21", reason="fsspec+ needs pyarrow 21")
    export(space, [folder], tmp_path / "v.parquet")
    uri = f"file://{folder}"
    done = export(space, [uri, "fsspec+memory://pictures/0.png"], "fsspec+memory://made/new/v.parquet")
    assert (done.rows, done.failed) == (11, 2)
    from fsspec.implementations.memory import MemoryFileSystem

    memory = MemoryFileSystem()
    assert memory.ls("/made/new", detail=False) == ["/made/new/v.failures.parquet", "/made/new/v.parquet"]
    with memory.open("/made/new/v.parquet") as file:
        table = pq.read_table(file)
    assert table["path"].to_pylist() == [f"file://{path}" for path in good(folder)]
    assert table.drop_columns("path").equals(pq.read_table(tmp_path / "v.parquet").drop_columns("path"))
    with memory.open("/made/new/v.failures.parquet") as file:
        reasons = {Path(row["path"]).name: row["reason"] for row in pq.read_table(file).to_pylist()}
    assert reasons["0.png"] == "no such file"
    memory.rm("/made", recursive=True)


def test_nothing_to_write_makes_no_file(space, folder, tmp_path):
    output = tmp_path / "new" / "v.parquet"
    done = export(space, [folder / "5-bad.jpg"], output)
    assert (done.output, done.rows, done.failed) == (None, 0, 1)
    assert [path.name for path in output.parent.iterdir()] == ["v.failures.parquet"]
    assert export(space, [], output).inputs == 0


def test_wrong_outputs_are_refused_before_anything_is_embedded(space, folder, tmp_path):
    with pytest.raises(ConfigError, match=r"\.npz, \.parquet, \.safetensors, /"):
        export(space, [folder], tmp_path / "v.csv")
    (tmp_path / "v.parquet").mkdir()
    with pytest.raises(ConfigError, match="is a folder"):
        export(space, [folder], tmp_path / "v.parquet")
    assert not (tmp_path / "v.parquet.parts").exists()


def test_file_names_that_are_not_unicode(space, folder, tmp_path):
    odd = folder / "\udcff.png"
    try:
        (folder / "0.png").rename(odd)
    except OSError:
        pytest.skip("this file system has only names in Unicode")
    export(space, [odd, folder / "\udcfe.png"], tmp_path / "v.parquet")
    assert pq.read_table(tmp_path / "v.parquet")["path"].to_pylist() == [f"{folder}/\\udcff.png"]
    assert pq.read_table(tmp_path / "v.failures.parquet")["path"].to_pylist() == [f"{folder}/\\udcfe.png"]
