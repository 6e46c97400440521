"""An explanation as a whole: of pictures and tracks, as data, and what cannot be explained."""

import json

import numpy as np
import pytest
import soundfile
from bad_files import make_bad_files
from PIL import Image

from va_space.emotion.words import words_near
from va_space.errors import ConfigError, MediaError, VASpaceError
from va_space.explanation import MapOptions, explain
from va_space.generation.tags.choosing import tags_of
from va_space.generation.tags.hearing import hear

QUICK = MapOptions(grid=2, steps=2)


@pytest.mark.parametrize("method", ["occlusion", "integrated-gradients"])
def test_a_picture(space, picture, track, method):
    told = []
    why = explain(
        space, picture, ["valence", track, "0.9,0.2"], method=method, options=QUICK,
        progress=lambda *each: told.append(each),
    )  # fmt: skip
    assert [each.aim.name for each in why.explained] == ["valence", track.name, "0.9,0.2"]
    va = space.predict_va(picture)
    assert why.subject.point == pytest.approx(tuple(va))
    percentiles = space.distribution(why.subject.kind).percentile(va)
    assert why.subject.percentiles == pytest.approx(tuple(percentiles))
    assert list(why.subject.words) == words_near(percentiles, 3)
    assert why.explained[0].score == pytest.approx(percentiles[0], abs=1e-3)
    assert why.explained[0].side is None
    side, difference = why.explained[1].side, why.explained[1].difference
    assert side.kind == "recording"
    assert difference.valence == pytest.approx(percentiles[0] - side.percentiles[0], abs=1e-5)
    assert why.explained[2].difference.rest is None
    assert why.picture.size == (60, 40)
    assert {each.where.values.shape for each in why.explained} == {(32, 32)}
    assert len(why.changes[0].effects) == 3
    assert told[-1][1] == told[-1][2]


def test_a_track(space, track):
    why = explain(space, track, ["arousal", "calm"])
    assert why.picture is None
    assert why.changes == ()
    assert why.duration == pytest.approx(4)
    assert all(each.when is not None and each.where is None for each in why.explained)
    heard = hear(space, track)
    first = [tag for kind in ("mood", "genre", "instrument") for tag in tags_of(heard, kind)[:3]]
    expected = [tag.name for tag in first if tag.sure]
    assert list(why.subject.tags) == expected


def test_in_memory_and_other_kinds(space, picture, track):
    image = Image.open(picture)
    found = explain(space, image, ["valence"], options=QUICK, kind="painting")
    assert found.subject.kind == "painting"
    from_file = explain(space, picture, ["valence"], options=QUICK, kind="painting")
    np.testing.assert_allclose(
        found.explained[0].where.values, from_file.explained[0].where.values, atol=1e-6
    )
    samples, rate = soundfile.read(track, dtype="float32")
    own, file = explain(space, (samples, rate), ["arousal"]), explain(space, track, ["arousal"])
    np.testing.assert_allclose(own.explained[0].when.scores, file.explained[0].when.scores, atol=1e-5)


def test_a_model_without_reference_is_absolute(tiny_space, picture):
    why = explain(tiny_space, picture, ["valence", "calm"], options=QUICK)
    assert not why.is_relative
    assert why.subject.standing == ""
    assert why.explained[0].score == pytest.approx(float(tiny_space.predict_va(picture)[0]), abs=1e-5)


def test_as_data(space, picture, track):
    for source in (picture, track):
        told = explain(space, source, ["valence", "calm"], options=QUICK).to_dict()
        again = json.loads(json.dumps(told))
        assert again["name"] == source.name
        assert [each["name"] for each in again["explained"]] == ["valence", "calm"]
        assert again["explained"][1]["target"]["words"][0] == "calm"
    assert len(again["explained"][0]["effects"]) == len(again["explained"][0]["starts"])


def test_what_cannot_be_explained(space, picture, tmp_path):
    with pytest.raises(MediaError, match="pictures and tracks"):
        explain(space, "calm")
    with pytest.raises(MediaError, match="do you mean happy"):
        explain(space, picture, ["hapy"])
    with pytest.raises(ConfigError, match="attribution method"):
        explain(space, picture, ["valence"], method="magic")
    with pytest.raises(ValueError, match="something to explain"):
        explain(space, picture, [])
    soundfile.write(tmp_path / "silence.wav", np.zeros(16_000), 8000)
    with pytest.raises(MediaError, match="silent"):
        explain(space, tmp_path / "silence.wav")


def test_bad_files_are_named(space, tmp_path):
    for path in make_bad_files(tmp_path / "bad"):
        with pytest.raises(VASpaceError, match=path.name.replace(".", r"\.")):
            explain(space, path, ["valence"], options=QUICK)
