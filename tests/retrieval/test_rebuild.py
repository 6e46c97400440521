"""The change of a library to another model: the old one stays until the new one is whole."""

import pytest

from va_space.errors import LibraryError
from va_space.retrieval import rebuild
from va_space.retrieval.index import index
from va_space.retrieval.library import MusicLibrary
from va_space.retrieval.search import search
from va_space.space import VASpace


@pytest.fixture
def other(tiny_space):
    return VASpace(tiny_space.model, fingerprint="other", device="cpu", precision="fp32")


@pytest.fixture
def folder(tiny_space, music, tmp_path):
    index(tiny_space, music / "Live", tmp_path / "library")
    return tmp_path / "library"


def interrupt(space, music, folder):
    def progress(done, total):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index(space, music / "Live", folder, rebuild=True, progress=progress)


def test_an_old_library_says_what_to_do_and_how_long_it_takes(other, music, folder):
    with pytest.raises(
        LibraryError, match=r"another model.*--rebuild. 6 tracks, .* of music.* about .*stays"
    ):
        index(other, music / "Live", folder)


def test_the_old_library_is_in_use_until_the_new_one_is_whole(tiny_space, other, music, folder):
    interrupt(other, music, folder)
    assert len(search(tiny_space, MusicLibrary.open(folder), "calm", 20)) == 6
    done = index(other, music / "Live", folder, rebuild=True)
    assert done.unchanged > 0  # it went on from there
    library = MusicLibrary.open(folder)
    assert (library.model, len(library)) == ("other", 6)
    assert len(search(other, library, "calm", 20)) == 6
    assert {path.name for path in folder.iterdir()} >= {"tracks.lance", "windows.lance"}
    assert not {"rebuilding", "replaced"} & {path.name for path in folder.iterdir()}


def test_the_same_model_can_be_rebuilt(tiny_space, music, folder):
    before = set(MusicLibrary.open(folder).known()["id"].to_pylist())
    done = index(tiny_space, music / "Live", folder, rebuild=True)
    assert done.added == 6
    assert not before & set(done.library.known()["id"].to_pylist())


@pytest.mark.parametrize("steps", range(1, 4))
def test_an_interrupted_change_of_places_is_finished(other, music, folder, monkeypatch, steps):
    done, real = [], rebuild.Path.rename

    def rename(path, to):
        if len(done) == steps:
            raise OSError("the power is gone")
        done.append(path)
        return real(path, to)

    monkeypatch.setattr(rebuild.Path, "rename", rename)
    with pytest.raises(OSError, match="power"):
        index(other, music / "Live", folder, rebuild=True)
    monkeypatch.undo()
    index(other, music / "Live", folder)
    assert (MusicLibrary.open(folder).model, len(MusicLibrary.open(folder))) == ("other", 6)


def test_library_keeps_its_distribution(tiny_space, music, folder):
    library = MusicLibrary.open(folder)
    kept = library._tracks.schema.field("valence").metadata
    assert b"distribution" in kept
    assert library.kind == "recording"
    assert library.distribution().count == 6
    library.remove(library.known()["id"].to_pylist()[:2])
    assert library.distribution().count == 4  # what is kept is of another state
