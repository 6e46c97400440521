"""What the networks hear, window by window."""

import numpy as np
import pytest
import torch

from va_space.encoders.three_branch import SETTINGS
from va_space.errors import MediaError
from va_space.generation.tags import hearing
from va_space.generation.tags.hearing import hear, shipped_taggers, taggers_of
from va_space.space import VASpace


@pytest.fixture(scope="module")
def space():
    """The model that ships."""
    return VASpace.from_pretrained(device="cpu", precision="fp32")


def test_the_model_that_ships_hears_what_its_own_functions_say(space, song):
    heard = hear(space, song)
    assert heard.tags.shape == (1, 50)  # a second window would be less than half full
    assert heard.classes.shape == (1, 521)
    assert heard.duration == pytest.approx(12)
    np.testing.assert_allclose(heard.whole, space.predict_va(song), atol=1e-4)
    samples = torch.from_numpy(song[0][None, : SETTINGS.window_samples])
    with torch.inference_mode():
        expected = taggers_of(space).tags(samples).numpy()
    # Tags of the mean over the window's patches, and the mean over the patches' tags.
    assert np.abs(heard.tags - expected).max() < 0.15
    assert np.corrcoef(heard.tags[0], expected[0])[0, 1] > 0.95


def test_a_model_with_another_encoder_borrows_the_taggers(tiny_space, song):
    heard = hear(tiny_space, song)
    samples = torch.from_numpy(song[0][None, : SETTINGS.window_samples])
    with torch.inference_mode():
        np.testing.assert_allclose(heard.tags, shipped_taggers().tags(samples).numpy(), atol=1e-5)
    track = tiny_space.encode_windows(song)
    mean = tiny_space.predict_va_from_vectors(track.vectors[:10], "music").mean(axis=0)
    np.testing.assert_allclose(heard.va[0], mean, atol=1e-5)
    np.testing.assert_allclose(heard.whole, tiny_space.predict_va(song), atol=1e-5)


def test_long_recordings_are_heard_in_windows_spread_evenly(tiny_space, song, monkeypatch):
    monkeypatch.setattr(hearing, "MOST_WINDOWS", 2)
    samples, rate = song
    heard = hear(tiny_space, (np.tile(samples, 4), rate))  # 48 s
    assert heard.starts.tolist() == [0, 24]
    assert heard.spread_thin
    assert heard.between(12, 20).tolist() in ([1, 0], [0, 1])  # nothing was heard there: the nearest


def test_progress_reaches_the_end(tiny_space, song):
    seconds = []
    hear(tiny_space, song, seconds.append)
    assert seconds == sorted(seconds)
    assert seconds[-1] <= 12


def test_what_is_no_sound_is_refused(tiny_space, tmp_path):
    path = tmp_path / "note.txt"
    path.write_text("not a recording")
    with pytest.raises(MediaError, match="not"):
        hear(tiny_space, path)
