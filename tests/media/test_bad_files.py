import os
from pathlib import Path

import pytest
from bad_files import make_bad_files

from va_space.errors import MediaError
from va_space.media.audio import iter_blocks, load_audio, probe_audio
from va_space.media.kinds import find_media, modality_of
from va_space.media.pictures import load_picture
from va_space.media.settings import AudioSettings
from va_space.media.windows import iter_windows


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory) -> list[Path]:
    return make_bad_files(tmp_path_factory.mktemp("bad"))


def read(path: Path) -> None:
    """As an embedding does it: look what it is, then decode it."""
    if modality_of(path) == "picture":
        load_picture(path)
    else:
        list(iter_windows(path, AudioSettings()))


def test_there_are_thirty_and_all_are_found(bad_files):
    assert len(bad_files) == 30
    assert list(find_media([bad_files[0].parent])) == sorted(bad_files)


def test_each_is_an_error_that_names_the_file(bad_files):
    for path in bad_files:
        with pytest.raises(MediaError) as caught:
            read(path)
        assert path.name in str(caught.value)
        assert caught.value.source == str(path)
        assert caught.value.reason


@pytest.mark.parametrize("reader", [load_picture, probe_audio, lambda path: load_audio(path, 16_000)])
def test_no_file_at_all(reader, tmp_path):
    for path in (tmp_path, tmp_path / "missing.jpg", Path("null\0byte.jpg")):
        with pytest.raises(MediaError):
            reader(path)


def test_a_folder_named_like_a_picture(tmp_path):
    folder = tmp_path / "album.jpg"
    folder.mkdir()
    with pytest.raises(MediaError, match=r"album\.jpg: a folder"):
        read(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp3")
    with pytest.raises(MediaError, match=r"pipe\.mp3: not a regular file"):
        read(tmp_path / "pipe.mp3")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
def test_nothing_is_left_open(bad_files):
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for path in bad_files:
        with pytest.raises(MediaError):
            read(path)
        with pytest.raises(MediaError):
            list(iter_blocks(path, 16_000))
    assert open_files() <= before
