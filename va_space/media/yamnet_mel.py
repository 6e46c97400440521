"""The log-mel patches that YAMNet (Plakal & Ellis, Google 2019) takes."""

import torch
from torch import Tensor, nn
from torch.nn import functional

SAMPLE_RATE, FRAME, HOP, N_FFT, N_MELS = 16_000, 400, 160, 512, 64
PATCH_FRAMES = 96  # 0.96 s
_LOG_OFFSET = 0.001
_LOWEST, _HIGHEST = 125.0, 7500.0  # Hz


class YAMNetMel(nn.Module):
    """Mono samples at `SAMPLE_RATE` to the patches that YAMNet takes."""

    window: Tensor
    filters: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(FRAME), persistent=False)
        self.register_buffer("filters", mel_filters(), persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        """(N, T), at least 0.975 s, to (N, patches, 96, 64) float32; what does not fill a patch is left out."""
        # torch.stft puts a window that is shorter than the transform into its middle.
        margin = (N_FFT - FRAME) // 2
        with torch.autocast(samples.device.type, enabled=False):
            spectrum = torch.stft(
                functional.pad(samples.float(), (margin, margin)),
                N_FFT,
                HOP,
                FRAME,
                self.window,
                center=False,
                return_complex=True,
            )  # (N, 257, frames)
            magnitude = (spectrum.real.square() + spectrum.imag.square()).sqrt()
            logarithm = torch.log(self.filters @ magnitude + _LOG_OFFSET)  # (N, 64, frames)
        patches = logarithm.shape[2] // PATCH_FRAMES
        kept = logarithm[:, :, : patches * PATCH_FRAMES].transpose(1, 2)
        return kept.unflatten(1, (patches, PATCH_FRAMES))


def mel_filters() -> Tensor:
    """Triangles over HTK's mel scale, 125 to 7,500 Hz, as a matrix (64, 257).

    They are linear in mel, not in Hz, and leave out the constant component, as in TensorFlow.
    """
    def mel(hertz: Tensor) -> Tensor:
        return 1127.0 * torch.log1p(hertz / 700.0)

    bins = mel(torch.linspace(0, SAMPLE_RATE / 2, N_FFT // 2 + 1, dtype=torch.float64))
    lowest, highest = mel(torch.tensor([_LOWEST, _HIGHEST], dtype=torch.float64)).tolist()
    edges = torch.linspace(lowest, highest, N_MELS + 2, dtype=torch.float64)
    lower, centre, upper = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (bins - lower) / (centre - lower), (upper - bins) / (upper - centre)
    filters = torch.minimum(rising, falling).clamp_min(0)
    filters[:, 0] = 0
    return filters.float()
