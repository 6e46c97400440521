"""A library by URI: of the file system, and of object storage."""

import numpy as np
import pytest
import soundfile
from object_storage import object_storage

from va_space.errors import LibraryError
from va_space.retrieval.index import index
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.lock import one_writer


@pytest.fixture
def bucket(monkeypatch):
    """URI of a bucket on a server of this process."""
    with object_storage() as address:
        names = {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "DEFAULT_REGION": "us-east-1"}
        for name, value in {**names, "ENDPOINT": address, "ALLOW_HTTP": "true"}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield "s3://music"


@pytest.fixture(params=["file", "s3"])
def uri(request, tmp_path):
    if request.param == "s3":
        return f"{request.getfixturevalue('bucket')}/some/library"
    return f"{(tmp_path / 'library').as_uri()}"


def test_a_library_by_uri(uri, tiny_space, tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    noise = np.random.default_rng(0)
    for number in range(4):
        soundfile.write(music / f"{number}.wav", noise.uniform(-1, 1, 8000 * (1 + number)), 8000)
    with pytest.raises(LibraryError, match="no library"):
        MusicLibrary.open(uri)
    assert len(index(tiny_space, music, uri).library) == 4
    (music / "1.wav").rename(music / "moved.wav")
    (music / "2.wav").unlink()
    report = index(tiny_space, music, uri, prune=True)
    assert (report.added, report.moved, report.unchanged, report.missing) == (0, 1, 2, ["2.wav"])
    library = MusicLibrary.open(uri)
    assert library.folder == uri
    vector = tiny_space.encode(music / "3.wav")
    (row,) = library.nearest(vector, 1, where="duration > 3")
    assert row["path"] == "3.wav"
    assert len(library.windows([row["id"]])[row["id"]]) == 4
    with one_writer(uri), pytest.raises(LibraryError, match="another process"):
        index(tiny_space, music, uri)
