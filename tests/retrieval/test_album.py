"""Libraries of pictures: what is stored and updated, what is refused, and how queries rank pictures."""

import copy
import os

import numpy as np
import pytest
import soundfile
from PIL import Image

from va_space.emotion.reference import Distribution, Reference
from va_space.errors import LibraryError, MediaError
from va_space.retrieval.album import rank_pictures
from va_space.retrieval.filters import Filters
from va_space.retrieval.index import index
from va_space.retrieval.library import Library, MusicLibrary, PictureLibrary
from va_space.retrieval.relative import RelativeTarget
from va_space.retrieval.search import PictureResult, search
from va_space.space import VASpace

RATE = 8000


def paint(path, seed, size=(40, 30)):
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (3, 4, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize(size).save(path)
    return path


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Twelve pictures, six of them in a folder, and a track beside them."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(12):
        paint(folder / ("trip" if number >= 6 else "") / f"{number:02}.png", number, (40 + number, 30))
    soundfile.write(folder / "beside.wav", np.zeros(RATE), RATE)
    return folder


@pytest.fixture(scope="module")
def paths(pictures):
    return sorted(pictures.rglob("*.png"), key=lambda path: path.name)


@pytest.fixture(scope="module")
def album(tiny_space, pictures, tmp_path_factory):
    return index(tiny_space, pictures, tmp_path_factory.mktemp("album") / "album", kind="pictures").library


@pytest.fixture(scope="module")
def relative_space(tiny_space, album, files):
    """With the tracks and the album as what stands for recordings and photographs."""
    model = copy.deepcopy(tiny_space.model)
    model.reference = Reference(
        {
            "photograph": Distribution.of(album.points()[1]),
            "painting": Distribution.of(album.points()[1] ** 2),
            "recording": Distribution.of(tiny_space.predict_va(files)),
            "rendering": Distribution.of(tiny_space.predict_va(files) ** 2),
        },
        {},
    )
    return VASpace(model, fingerprint=tiny_space.fingerprint, device="cpu", precision="fp32")


def rows_of(library):
    ids, _ = library.points()
    return {row["path"]: row for row in library.tracks(ids)}


def test_rows_hold_what_the_space_says(tiny_space, pictures, paths, album):
    rows = rows_of(album)
    assert set(rows) == {path.relative_to(pictures).as_posix() for path in paths}
    row, file = rows["trip/07.png"], pictures / "trip" / "07.png"
    np.testing.assert_allclose(row["vector"], tiny_space.encode(file), atol=1e-6)
    np.testing.assert_allclose([row["valence"], row["arousal"]], tiny_space.predict_va(file), atol=1e-6)
    assert (row["title"], row["width"], row["height"]) == ("07", 47, 30)
    assert (row["size"], row["modified"]) == (file.stat().st_size, file.stat().st_mtime_ns)
    assert album.kind == "photograph"


def test_a_library_says_what_it_holds(album, library):
    assert isinstance(Library.open(album.folder), PictureLibrary)
    assert isinstance(Library.open(library.folder), MusicLibrary)
    # Programs that know only music go on reading music, and refuse pictures.
    layouts = [each._tracks.schema.metadata[b"layout"] for each in (library, album)]
    assert layouts == [b"3", b"4"]
    with pytest.raises(LibraryError, match="a library of pictures, and one of music is wanted"):
        MusicLibrary.open(album.folder)
    with pytest.raises(LibraryError, match="--kind pictures"):
        PictureLibrary.open(library.folder)


@pytest.mark.parametrize("rebuild", [False, True])
def test_music_does_not_go_into_an_album_nor_pictures_into_music(
    tiny_space, pictures, music, album, library, rebuild
):
    with pytest.raises(LibraryError, match="a library of pictures"):
        index(tiny_space, music, album.folder, rebuild=rebuild)
    with pytest.raises(LibraryError, match="a library of music"):
        index(tiny_space, pictures, library.folder, kind="pictures", rebuild=rebuild)
    assert len(Library.open(album.folder)) == len(Library.open(library.folder)) == 12


def test_updates_follow_files(tiny_space, tmp_path):
    folder, place = tmp_path / "pictures", tmp_path / "album"
    for number in range(5):
        paint(folder / f"{number}.png", number, (40 + number, 30))
    (folder / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0 not much of a picture")
    (folder / "notes.txt").write_text("passed over")
    first = index(tiny_space, folder, place, kind="pictures")
    assert (first.added, len(first.failures), len(first.passed_over)) == (5, 1, 1)
    before = rows_of(first.library)
    paint(folder / "new.png", 10)
    paint(folder / "0.png", 11, (44, 31))
    (folder / "1.png").rename(folder / "moved.png")
    (folder / "2.png").unlink()
    os.utime(folder / "3.png")
    second = index(tiny_space, folder, place, kind="pictures")
    assert (second.added, second.changed, second.moved, second.unchanged) == (1, 1, 1, 2)
    assert second.missing == ["2.png"]
    after = rows_of(second.library)
    assert (after["moved.png"]["id"], after["moved.png"]["title"]) == (before["1.png"]["id"], "moved")
    assert (after["0.png"]["width"], after["0.png"]["height"]) == (44, 31)
    rebuilt = index(tiny_space, folder, place, kind="pictures", rebuild=True, prune=True)
    assert set(rows_of(rebuilt.library)) == set(after) - {"2.png"}


def test_a_picture_on_its_side_has_its_upright_size(tiny_space, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("a.jpg", "a.tiff"):
        Image.new("RGB", (60, 40), (200, 90, 30)).save(tmp_path / name, exif=exif)
    made = index(tiny_space, tmp_path, tmp_path / "album", kind="pictures").library
    assert {(row["width"], row["height"]) for row in rows_of(made).values()} == {(40, 60)}


def test_files_of_the_wrong_kind(tiny_space, pictures, music, tmp_path):
    with pytest.raises(LibraryError, match="no pictures in"):
        index(tiny_space, music, tmp_path / "album", kind="pictures")
    named = [pictures / "00.png", pictures / "beside.wav"]
    done = index(tiny_space, named, tmp_path / "album", kind="pictures")
    assert [failure.reason for failure in done.failures] == ["music, not a picture"]
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "picture.dat").write_bytes((pictures / "00.png").read_bytes())
    (odd / "sound.dat").write_bytes((pictures / "beside.wav").read_bytes())
    done = index(tiny_space, odd, tmp_path / "second", kind="pictures", every=True)
    assert (done.added, done.failures) == (1, [])


def test_a_track_finds_pictures_that_stand_where_it_stands(relative_space, album, paths, files):
    query = files[4]
    standing = relative_space.reference.of("recording").percentile(relative_space.predict_va(query))
    va = relative_space.predict_va(paths)
    asked = RelativeTarget(
        "q",
        np.zeros(2, np.float32),
        percentiles=standing,
        distribution=relative_space.reference.of("photograph"),
        size=12,
    )
    found = search(relative_space, album, query, 12, explained=True)
    assert [result.path for result in found] == [paths[i] for i in np.argsort(asked.distances(va))]
    assert isinstance(found[0], PictureResult)
    assert found[0].percentiles is not None
    pair = relative_space.encode([found[0].path]), relative_space.encode([query])
    assert found[0].similarity == pytest.approx(relative_space.similarity(*pair).item(), abs=1e-4)
    assert found[0].explanation.rest is not None
    other = search(relative_space, album, query, 12, kind="rendering")
    assert [result.score for result in other] != [result.score for result in found]
    with pytest.raises(ValueError, match="a track is a recording or a rendering"):
        search(relative_space, album, query, kind="painting")


def test_absolutely_by_predicted_similarity_and_a_picture_by_the_cosine(tiny_space, album, paths, files):
    vectors = tiny_space.encode(paths)
    expected = tiny_space.similarity(vectors, tiny_space.encode([files[2]]))[:, 0]
    found = search(tiny_space, album, files[2], 12)
    assert [result.path for result in found] == [paths[i] for i in np.argsort(-expected)]
    found = search(tiny_space, album, paths[3], 12)
    cosines = (vectors @ vectors[3]).clip(0, 1)
    np.testing.assert_allclose([result.score for result in found], np.sort(cosines)[::-1], atol=1e-5)
    assert found[0].path == paths[3]


@pytest.mark.parametrize("query", ["serene", "0.2,0.9"])
def test_feelings_ask_for_pictures_too(relative_space, album, query):
    assert len(search(relative_space, album, query, 5)) == 5


def test_filters_are_those_of_pictures(tiny_space, album, pictures):
    wide = search(tiny_space, album, "calm", 12, filters=Filters(where="width > 48"))
    assert {result.width for result in wide} == {49, 50, 51}
    outside = search(tiny_space, album, "calm", 12, filters=Filters(exclude=["trip"]))
    assert {result.path.parent for result in outside} == {pictures}
    for filters in (Filters(genre=["jazz"]), Filters(min_duration=3)):
        with pytest.raises(LibraryError, match="pictures have no genre and no duration"):
            search(tiny_space, album, "calm", filters=filters)
    with pytest.raises(LibraryError, match="cannot be understood"):
        search(tiny_space, album, "calm", filters=Filters(where="artist = 'Monet'"))
    with pytest.raises(ValueError, match="pictures have no passages"):
        search(tiny_space, album, "calm", clip=3.0)


def test_diverse_pictures_are_not_copies_of_each_other(tiny_space, tmp_path):
    for number in range(4):
        paint(tmp_path / f"{number}.png", number)
    with Image.open(tmp_path / "0.png") as image:  # nearly the same: what is the same is one result anyway
        image.putpixel((0, 0), (0, 0, 0))
        image.save(tmp_path / "copy.png")
    made = index(tiny_space, tmp_path, tmp_path / "album", kind="pictures").library
    same = {tmp_path / "0.png", tmp_path / "copy.png"}
    plain, diverse = (search(tiny_space, made, tmp_path / "0.png", 2, diverse=each) for each in (False, True))
    assert {result.path for result in plain} == same
    assert len({result.path for result in diverse} & same) == 1


def test_a_folder_ranks_as_its_album(relative_space, album, pictures, files, tmp_path):
    failures = []
    ranked = rank_pictures(relative_space, pictures, files[1], 3, failures=failures)
    assert [(each.path, each.rank) for each in ranked] == [
        (each.path, each.rank) for each in rank_pictures(relative_space, album.folder, files[1], 3)
    ]
    assert failures == []
    with pytest.raises(MediaError, match="no such folder"):
        rank_pictures(relative_space, tmp_path / "none", files[1])
