"""YAMNet's log-mel patches against a literal computation with numpy."""

import numpy as np
import torch

from va_space.media.yamnet_mel import SAMPLE_RATE, YAMNetMel, mel_filters


def test_patches_are_those_of_a_literal_computation():
    samples = np.random.default_rng(0).standard_normal(2 * SAMPLE_RATE).astype(np.float32) / 10
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)  # periodic Hann
    frames = [samples[start : start + 400] * window for start in range(0, len(samples) - 399, 160)]
    magnitude = np.abs(np.fft.rfft(frames, 512))  # (198, 257)
    expected = np.log(magnitude @ mel_filters().double().numpy().T + 0.001)[: 2 * 96].reshape(2, 96, 64)
    found = YAMNetMel()(torch.from_numpy(samples)[None])
    assert found.shape == (1, 2, 96, 64)
    np.testing.assert_allclose(found[0].numpy(), expected, atol=1e-4)


def test_filters_are_triangles_over_mel():
    filters = mel_filters()
    assert filters.shape == (64, 257)
    assert filters.min() == 0 and filters.max() <= 1
    assert (filters[:, 0] == 0).all()
    below, above = (round(hertz / SAMPLE_RATE * 512) for hertz in (125, 7500))
    assert filters[:, : below - 1].sum() == 0 and filters[:, above + 1 :].sum() == 0
    peaks = filters.argmax(dim=1)
    assert (peaks.diff() >= 0).all()


def test_filters_are_the_published_ones(published_weights):
    from safetensors.torch import load_file

    torch.testing.assert_close(mel_filters(), load_file(published_weights / "yamnet.fp16.safetensors")["mel"].float(), rtol=0, atol=5e-4)
