"""Whole soundtracks: in sync, with and without own sound, of odd videos; and what must leave nothing."""

import json
import struct
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from videos import clicks, listened_to, looked_at, make_video

from va_space.errors import ConfigError, LibraryError, MediaError
from va_space.production.soundtrack.cues import choose_cues
from va_space.production.soundtrack.make import make_soundtrack
from va_space.production.soundtrack.scenes import Scene
from va_space.retrieval.index import index
from va_space.retrieval.relative import compare
from va_space.targets import FeelingTarget

av = pytest.importorskip("av", reason="needs the extra av")
pytest.importorskip("scenedetect", reason="needs the extra video")

FILM = [("red", 5), ("green", 4.5), ("blue", 6)]
OPTIONS = {"shortest": 4, "longest": 8, "fade": 1.0}


def onsets(path, threshold=0.25):
    """Seconds at which loud bursts begin."""
    times, samples = listened_to(path)
    at = times[np.abs(samples) > threshold]
    return at[np.diff(at, prepend=-1.0) > 0.1]


def expected(made, click_at):
    """When the clicks of what is played, by the cue sheet, are to be heard; not those within fades."""
    found = []
    for number, cue in enumerate(made.cues):
        begin, end = made.times(number)
        inner = begin + made.fade, end - made.fade
        clicks_there = [begin + at - cue.source_start for at in click_at[cue.path.name]]
        found += [second for second in clicks_there if inner[0] <= second < inner[1] - 0.05]
    return found


def assert_in_sync(path, made, click_at, within=0.005):
    heard = onsets(path)
    wanted = expected(made, click_at)
    assert len(wanted) >= len(made.cues)
    for second in wanted:
        assert np.abs(heard - second).min() < within


def test_cues_change_at_cuts_and_are_in_sync(space, library, click_at, film, tmp_path):
    video = film(*FILM)
    made = make_soundtrack(space, video, tmp_path / "out.mp4", library=library, **OPTIONS)
    assert made.copied
    assert {round(cue.scene.start, 3) for cue in made.cues} <= {0, 5, 9.5}
    assert made.cues[-1].scene.end == made.seconds == 15.5
    assert [time for time, _ in looked_at(tmp_path / "out.mp4")] == [time for time, _ in looked_at(video)]
    assert_in_sync(tmp_path / "out.mp4", made, click_at)
    assert listened_to(tmp_path / "out.mp4")[0][-1] == pytest.approx(15.5, abs=0.03)
    paths = [cue.path for cue in made.cues]
    assert all(before != after for before, after in pairwise(paths))


def test_own_sound_is_dropped_or_kept_in_its_place(space, library, film, tmp_path):
    rate = 8000
    own = 0.5 * clicks([3.0, 12.0], 15.5, rate) / 0.8
    video = film(*FILM, sound=own)
    make_soundtrack(space, video, tmp_path / "a.mp4", library=library, loudness=-40.0, **OPTIONS)
    assert not len(onsets(tmp_path / "a.mp4", 0.35))
    make_soundtrack(
        space, video, tmp_path / "b.mp4", library=library, keep_sound=True, loudness=-40.0, **OPTIONS
    )
    np.testing.assert_allclose(onsets(tmp_path / "b.mp4", 0.35), [3.0, 12.0], atol=0.01)


def test_odd_videos(space, library, click_at, tmp_path):
    colours = [(200, 30, 30)] * 6 + [(20, 40, 180)] * 6
    times = [0, 1, 2, 30, 55, 59, 60, 61, 70, 100, 101, 120]
    varying = make_video(tmp_path / "varying.mkv", colours, times=times)
    made = make_soundtrack(space, varying, tmp_path / "a.mkv", library=library, **OPTIONS)
    assert_in_sync(tmp_path / "a.mkv", made, click_at)
    np.testing.assert_allclose([time for time, _ in looked_at(tmp_path / "a.mkv")], np.array(times) / 10)
    one, minus_one, zero, last = (struct.pack(">i", each) for each in (1 << 16, -(1 << 16), 0, 1 << 30))
    upright, turned = one + 3 * zero + one + 3 * zero + last, zero + one + zero + minus_one + 4 * zero + last
    path = make_video(tmp_path / "turned.mp4", colours * 5)
    content = path.read_bytes()
    at = content.index(upright, content.index(b"tkhd"))
    path.write_bytes(content[:at] + turned + content[at + len(upright) :])
    make_soundtrack(space, path, tmp_path / "b.mp4", library=library, **OPTIONS)
    with av.open(tmp_path / "b.mp4") as file:
        assert next(file.decode(file.streams.video[0])).rotation == -90


def test_one_shot_gets_one_cue(space, library, film, tmp_path):
    made = make_soundtrack(space, film(("grey", 6)), tmp_path / "a.mp4", library=library, **OPTIONS)
    assert [(cue.scene.start, cue.scene.end) for cue in made.cues] == [(0, 6)]


def test_music_is_composed(space, film, tmp_path):
    made = make_soundtrack(space, film(("red", 4), ("blue", 4)), tmp_path / "a.mp4", shortest=3, seed=1)
    again = make_soundtrack(space, film(("red", 4), ("blue", 4)), tmp_path / "b.mp4", shortest=3, seed=1)
    assert made.cues[0].path is None
    samples = [listened_to(tmp_path / name)[1] for name in ("a.mp4", "b.mp4")]
    assert np.abs(samples[0]).max() > 0.05
    np.testing.assert_array_equal(*samples)
    assert made.data()["cues"] == again.data()["cues"]


def test_the_path_is_the_cheapest(space, library):
    # With joins that cost nothing every scene gets the best passage that is left to it.
    scenes = [
        Scene(8.0 * n, 8.0 * (n + 1), place, ())
        for n, place in enumerate([(0.1, 0.9), (0.9, 0.1), (0.4, 0.4)])
    ]
    cues = choose_cues(space, library, scenes, fade=1.0, smoothness=0.0)
    before = None
    for scene, cue in zip(scenes, cues, strict=True):
        ranking = compare(space, library, FeelingTarget("x", np.array(scene.place))).ranking
        best = {}
        for row in library.tracks(library.points()[0]):
            windows = library.windows([row["id"]])[row["id"]]
            va = np.array([(window["valence"], window["arousal"]) for window in windows], np.float32)
            scores = ranking.scores(space, np.zeros((len(va), 512), np.float32), va)
            best[row["path"]] = max(scores[start : start + 9].mean() for start in range(len(scores) - 8))
        allowed = {path: score for path, score in best.items() if path != before}
        assert cue.score == pytest.approx(max(allowed.values()), abs=1e-6)
        before = cue.path.name
        assert cue.length == 9


def test_what_cannot_be_done_leaves_nothing(space, library, film, tmp_path):
    video = film(*FILM, name="film.mkv")
    empty = make_video(tmp_path / "empty.mp4", [])
    (tmp_path / "broken.mp4").write_bytes(video.read_bytes()[:300])
    soundfile.write(tmp_path / "short.wav", np.random.default_rng(0).uniform(-0.1, 0.1, 16000), 8000)
    short = index(space, [tmp_path / "short.wav"], tmp_path / "short").library
    before = sorted(path.name for path in tmp_path.iterdir())
    wrong = [
        (MediaError, r"empty\.mp4", {"video": empty}),
        (MediaError, r"broken\.mp4", {"video": tmp_path / "broken.mp4"}),
        (MediaError, "no such file", {"video": tmp_path / "missing.mp4"}),
        (MediaError, "no sound in it", {"keep_sound": True}),
        (ConfigError, "videos end with", {"path": tmp_path / "out.avi"}),
        (ConfigError, "cues of 9 to 8 s", {"shortest": 9}),
        (ConfigError, "a fade of 99 s", {"fade": 99}),
        (
            LibraryError,
            "no track comes twice in a row|no track that may be found, and whose file is there",
            {"library": short},
        ),
    ]
    for error, message, changed in wrong:
        arguments = {"video": video, "path": tmp_path / "out.mp4", "library": library, **OPTIONS} | changed
        with pytest.raises(error, match=message):
            make_soundtrack(space, **arguments)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.slow
def test_ten_minutes_are_in_sync_at_the_end(space, library, click_at, tmp_path):
    random = np.random.default_rng(0)
    colours = [colour for colour in random.integers(0, 255, (60, 3)) for _ in range(20)]  # a cut every 10 s
    video = make_video(tmp_path / "long.mp4", colours, times=range(0, 6000, 5))
    tracemalloc.start()
    made = make_soundtrack(space, video, tmp_path / "out.mp4", library=library, **OPTIONS | {"longest": 12})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6, "the sound of all of it would be 230 MB"
    assert made.seconds == pytest.approx(600, abs=0.001)
    assert len(made.cues) >= 50
    assert_in_sync(tmp_path / "out.mp4", made, click_at)
    assert expected(made, click_at)[-1] > 590
    times, _ = listened_to(tmp_path / "out.mp4")
    assert times[-1] == pytest.approx(600, abs=0.5)  # the file states no length of its last frame
    assert json.loads(json.dumps(made.data()))["cues"][-1]["heard_until"] == pytest.approx(600, abs=0.001)
