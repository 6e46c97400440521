import csv
import io
import json

import pytest

from va_space.emotion.words import word_point


@pytest.fixture(scope="module")
def library(tiny_space, tmp_path_factory):
    """Two sounds and the library of them, written without the processes that indexing starts."""
    import numpy as np
    import soundfile

    from va_space.retrieval.library import MusicLibrary, Track

    folder = tmp_path_factory.mktemp("sounds")
    files = [folder / "c.wav", folder / "50% of d#.flac"]
    for seed, file in enumerate(files):
        noise = np.random.default_rng(seed).uniform(-0.5, 0.5, 20000) * np.linspace(1, 0.1 + seed, 20000)
        soundfile.write(file, noise.clip(-1, 1), 8000)
    library = MusicLibrary.create(
        folder / "library", model=tiny_space.fingerprint, dimension=512, root=folder
    )
    va = tiny_space.predict_va_from_vectors
    library.put(
        [
            Track(
                path=file.name,
                size=file.stat().st_size,
                modified=0,
                hash=file.name,
                duration=2.5,
                title=file.stem,
                artist="Some\nOne",
                album="",
                genre=("Rock", "Jazz")[item.index],
                vector=item.vector,
                va=va(item.vector[None], "music")[0],
                starts=item.starts,
                windows=item.windows,
                windows_va=va(item.windows, "music"),
            )
            for file, item in zip(files, tiny_space.encode_iter(files), strict=True)
        ]
    )
    return folder / "library"


@pytest.fixture
def find(va_space, library, tiny_model, tiny_space, monkeypatch):
    """Run a search with the small model, which is loaded once for all tests."""
    monkeypatch.setattr("va_space.commands.search.open_space", lambda *options: tiny_space)
    return lambda *arguments: va_space("search", *arguments, "--library", library)


def rows_of(result):
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("query", ["a.png", "c.wav", "0.8,0.3", "Serene"])
def test_every_kind_of_query_finds_all_tracks(find, media, library, query):
    path = media / query
    rows = rows_of(find(path if path.exists() else query, "--json"))
    assert [row["rank"] for row in rows] == [1, 2]
    assert {row["path"] for row in rows} == {
        str(library.parent / name) for name in ("c.wav", "50% of d#.flac")
    }
    assert all(0 <= row["score"] <= 1 for row in rows)
    assert all(0 < row["length"] <= 1 and row["duration"] == 2.5 for row in rows)
    assert "query" not in rows[0]


def test_saved_model_is_opened(va_space, media, library, tiny_model, tiny_space):
    result = va_space("search", media / "a.png", "-l", library, "--model", tiny_model, "--json")
    assert result.returncode == 1
    assert "made with another model" in result.stderr  # the saved one has a fingerprint


def test_table_names_query_and_tracks(find, media):
    result = find(media / "a.png", "-k", 1)
    heading, track = result.stdout.splitlines()
    assert heading.split("\t")[:4] == ["rank", "score", "valence", "arousal"]
    assert track.startswith("1\t0.")
    assert "\tSome One\t" in track
    assert "a.png: valence" in result.stderr


def test_csv_has_the_same_as_json(find, media):
    arguments = [media / "a.png", "--explain", "--clip", 2]
    table = list(csv.DictReader(io.StringIO(find(*arguments, "--csv").stdout)))
    rows = rows_of(find(*arguments, "--json"))
    assert table == [
        {name: "" if value in (None, []) else str(value) for name, value in row.items()} for row in rows
    ]
    assert set(rows[0]) >= {"valence_apart", "arousal_apart", "rest_apart"}
    assert {row["length"] for row in rows} == {2}


def test_each_query_by_itself(find, media):
    rows = rows_of(find(media, "calm", "--each", "--json"))
    assert [row["query"] for row in rows] == [
        name for name in ("a.png", "b.jpg", "c.wav", "d.flac", "calm") for _ in range(2)
    ]
    alone = rows_of(find("calm", "--json"))
    assert [{"query": "calm", **row} for row in alone] == rows[-2:]


def test_several_words_are_their_mean(find):
    points = [word_point("calm"), word_point("tense")]
    mean = ",".join(f"{(a + b) / 2:.8f}" for a, b in zip(*points, strict=True))
    rows, expected = rows_of(find("calm", "tense", "--json")), rows_of(find(mean, "--json"))
    assert [row["path"] for row in rows] == [row["path"] for row in expected]
    assert [row["score"] for row in rows] == pytest.approx([row["score"] for row in expected], abs=1e-4)


def test_story_has_one_passage_for_each(find, media):
    rows = rows_of(find(media / "b.jpg", "calm", media / "a.png", "--story", "--clip", 1, "--json"))
    assert [row["query"] for row in rows] == ["b.jpg", "calm", "a.png"]
    assert [row["rank"] for row in rows] == [1, 2, 3]


def test_filters(find):
    assert [row["title"] for row in rows_of(find("calm", "--genre", "jazz", "--json"))] == ["50% of d#"]
    assert [row["title"] for row in rows_of(find("calm", "--exclude", "*.flac", "--json"))] == ["c"]
    assert len(rows_of(find("calm", "--where", "duration < 3", "--min-duration", 2, "--json"))) == 2
    nothing = find("calm", "--min-duration", 100, "--json")
    assert rows_of(nothing) == []
    assert "No track" in nothing.stderr


def test_bad_condition_is_one_short_line(find):
    result = find("calm", "--where", "beauty > 3")
    assert result.returncode == 1
    assert "beauty" in result.stderr
    assert "Traceback" not in result.stderr


def test_playlist_starts_at_the_cues(find, tmp_path, library):
    rows = rows_of(find("calm", "--m3u", tmp_path / "new" / "p.m3u8", "--json"))
    lines = (tmp_path / "new" / "p.m3u8").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    entries = [lines[at : at + 3] for at in range(1, len(lines), 3)]
    for row, (about, start, path) in zip(rows, entries, strict=True):
        assert about == f"#EXTINF:2,Some One - {row['title']}"
        assert start == f"#EXTVLCOPT:start-time={row['start']:.2f}"
        assert path == row["path"]  # also with % and #


def test_files_that_are_gone_are_told(find, library, tmp_path):
    pytest.importorskip("jinja2")
    files = [path for path in library.parent.iterdir() if path.is_file()]
    for path in files:
        path.rename(path.with_suffix(".away"))
    try:
        result = find("calm", "-k", 1, "--report", tmp_path / "p.html", "--m3u", tmp_path / "p.m3u8")
    finally:
        for path in files:
            path.with_suffix(".away").rename(path)
    assert result.returncode == 0
    assert f"gone from where the files were indexed, below {library.parent}" in result.stderr
    assert f"va-space index {library.parent} -o {library} --prune" in result.stderr
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "1 of 1 tracks cannot be played: their files are gone" in page
    assert "# 1 of 1 files were gone" in (tmp_path / "p.m3u8").read_text(encoding="utf-8")


def test_playlist_of_passages_stops_at_their_end(find, tmp_path):
    rows = rows_of(find("calm", "--clip", 2, "--m3u", tmp_path / "p.m3u8", "--json"))
    text = (tmp_path / "p.m3u8").read_text(encoding="utf-8")
    assert f"#EXTVLCOPT:stop-time={rows[0]['start'] + 2:.2f}" in text


def test_report_shows_what_was_found(find, media, tmp_path):
    pytest.importorskip("jinja2")
    result = find(media / "a.png", "calm", "--story", "--clip", 1, "--report", tmp_path / "p.html", "--json")
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert all(row["title"] in page for row in rows_of(result))
    assert (tmp_path / "p.html").as_uri() in result.stderr


def test_without_each_a_bad_picture_ends_the_search(find, media):
    (media / "bad.png").write_bytes(b"no picture")
    result = find(media / "a.png", media / "bad.png")
    assert (result.returncode, result.stdout) == (1, "")
    assert str(media / "bad.png") in result.stderr
    result = find(media / "a.png", media / "bad.png", "--each", "--json")
    assert result.returncode == 1
    assert len(json.loads(result.stdout)) == 2


def test_help_shows_patterns_with_their_stars(va_space):
    assert '"*live*"' in va_space("search", "--help").stdout


def test_library_that_is_not_there(va_space, tmp_path, tiny_model):
    result = va_space("search", "0.5,0.5", "--library", tmp_path / "none", "--model", tiny_model)
    assert result.returncode == 2
    assert "va-space index" in result.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["1.5,0.5"], "between 0 and 1"),
        (["sereen"], "do you mean serene"),
        (["moon.jpg"], "no such file"),
        (["calm", "--json", "--csv"], "do not go together"),
        (["calm", "--each", "--story"], "do not go together"),
        (["calm", "--clip", "0"], "more than 0"),
        (["calm", "-k", "0"], "k"),
        ([], "QUERY"),
    ],
)
def test_wrong_usage(va_space, tmp_path, arguments, told):
    result = va_space("search", *arguments, "--library", tmp_path)
    assert result.returncode == 2
    assert told in " ".join(result.stderr.replace("│", " ").split())


def test_mixed_queries_have_no_mean(find, media):
    result = find(media / "a.png", "calm")
    assert result.returncode == 2
    assert "--each" in result.stderr


def test_empty_folder_is_wrong_usage(find, tmp_path):
    (tmp_path / "empty").mkdir()
    assert find(tmp_path / "empty").returncode == 2
