"""What tasks share: held-out media under the model, whole files and windows in step."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn")

from va_space.benchmark import context as shared
from va_space.errors import MediaError


def test_files_and_windows_are_those_of_the_space(context, tiny_space):
    test = context.test_music
    assert [record.path for record in test.records] == list(
        dict.fromkeys(record.path for record in context.music["test"])
    )
    np.testing.assert_allclose(test.vectors[2], tiny_space.encode(test.records[2].path), atol=1e-5)
    track = tiny_space.encode(test.records[2].path, windows=True)
    np.testing.assert_allclose(test.window_vectors[6:9], track.vectors, atol=1e-5)
    assert test.windows == context.music["test"]
    assert not test.failures


def test_a_piece_has_the_mean_label_of_its_windows(context):
    labels = shared.points(context.music["test"]).reshape(6, 3, 2).mean(axis=1)
    np.testing.assert_allclose(shared.points(context.test_music.records), labels)
    np.testing.assert_allclose(
        shared.mean_by_file(context.test_music.windows, shared.points(context.test_music.windows)), labels
    )


def test_a_broken_file_is_reported_and_left_out_of_everything(context, tiny_space, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF....WAVEnothing")
    records = context.music["test"]
    records = [*records[:3], replace(records[0], path=broken), *records[3:6]]
    found = shared.embed(tiny_space, records)
    assert len(found.records) == 2
    assert len(found.vectors) == 2
    assert len(found.windows) == len(found.window_vectors) == 6
    assert len(found.failures) == 1
    assert "broken.wav" in found.failures[0]
    kept, features = shared.readable(records, context.mel_features)
    assert kept == found.windows
    assert len(features) == 6
    with pytest.raises(MediaError, match=r"broken\.wav"):
        shared.embed(tiny_space, records[3:4])


def test_baselines_never_see_the_test_labels(context, tiny_space, oasis_root, tmp_path):
    other = shared.Context(tiny_space, oasis_root, tmp_path)
    test = [
        replace(record, label=replace(record.label, valence=1 - record.label.valence))
        for record in context.pictures["test"]
    ]
    other.pictures = {**context.pictures, "test": test}
    np.testing.assert_array_equal(other.colour_ridge, context.colour_ridge)


def test_the_mel_baseline_hears_the_arousal_in_loud_high_tones(context):
    labels = shared.points(context.test_music.windows)
    assert np.corrcoef(context.mel_ridge[:, 1], labels[:, 1])[0, 1] > 0.7
