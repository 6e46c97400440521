"""How a recording is built: its loudness, onsets and beats, and the sections it falls into.

Sections come from the novelty of Foote (2000), "Automatic audio segmentation using a measure of audio
novelty": a checkerboard kernel moved along the diagonal of the self-similarity matrix is positive where what
was is like itself, what comes is like itself, and the two are unlike. Needs the extra ``video``.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from va_space.media.boundaries import LEAST_NOVELTY, Boundary, find_boundaries, novelty_curve
from va_space.media.spectra import FRAME_RATE, HOP, SAMPLE_RATE, Spectra, read_spectra
from va_space.media.windows import SoundSource

# A beat is felt between these tempos.
_SLOWEST, _FASTEST = 40, 240
# Correlation of the onsets with themselves one beat later, above which there is a beat; and that of noise by
# chance, times the root of the number of frames.
_LEAST_CLARITY = 0.15
_BY_CHANCE = 4.0
# librosa's estimate of the tempo takes 50 MB a minute: of a longer recording the middle stands for the whole.
_TEMPO_SECONDS = 600.0
# Decibels by which an onset must rise, on average over the bands, above what is around it.
_LEAST_RISE = 0.4
_QUIETEST = -70.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """Values over time.

    Attributes:
        times: (n,) seconds, rising.
        values: (n,).
    """

    times: Floats
    values: Floats

    def at(self, seconds: ArrayLike) -> Floats:
        """Values at times of any shape: linear between two, and beyond the ends theirs."""
        return np.interp(np.asarray(seconds, np.float64), self.times, self.values)


@dataclass(frozen=True)
class Onset:
    """Where something begins.

    Attributes:
        seconds: When.
        strength: Decibels by which the spectrum rises in one frame, on average over mel bands.
    """

    seconds: float
    strength: float


@dataclass(frozen=True, eq=False)
class Structure:
    """How a recording is built.

    Attributes:
        duration: In seconds.
        loudness: Decibels of the root mean square below the loudest frame, from -70 to 0.
        onset_strength: Decibels by which the spectrum rises in each frame, on average over mel bands.
        onsets: Where that has peaks.
        tempo: Beats a minute; None without a beat.
        beats: (b,) seconds of the beats; none without a beat.
        novelty: Of Foote, in [-1, 1]: how unlike the seconds before and after a time are.
        boundaries: Between sections, in order.
    """

    duration: float
    loudness: Curve
    onset_strength: Curve
    onsets: tuple[Onset, ...]
    tempo: float | None
    beats: Floats
    novelty: Curve
    boundaries: tuple[Boundary, ...]

    @property
    def sections(self) -> tuple[tuple[float, float], ...]:
        """Begin and end of each section in seconds; together they are the whole."""
        edges = [0.0, *(boundary.seconds for boundary in self.boundaries), self.duration]
        return tuple(pairwise(edges))

    def section_at(self, seconds: ArrayLike) -> NDArray[np.int64]:
        """Numbers of the sections that times of any shape lie in."""
        starts = [boundary.seconds for boundary in self.boundaries]
        return np.searchsorted(starts, np.asarray(seconds, np.float64), side="right").astype(np.int64)


def read_structure(source: SoundSource) -> Structure:
    """Find out how a recording is built.

    It takes about 1 s of processor time a minute. Silence and a single held note have no onsets, beats or
    boundaries but where they begin and end; noise has no beats.

    Args:
        source: A file, or (samples, sample rate).

    Raises:
        MediaError: It cannot be read.
        MissingExtraError: librosa is not installed; or reading it needs PyAV, which is not.

    Example:
        >>> from va_space.demo.music import clips
        >>> structure = read_structure(clips()[0].path)
        >>> structure.sections[0][0], structure.sections[-1][1] == structure.duration
        (0.0, True)
    """
    return structure_of(read_spectra(source))


def structure_of(spectra: Spectra, *, least_novelty: float = LEAST_NOVELTY) -> Structure:
    """The same from spectra; a peak of novelty below the least one is no boundary."""
    from librosa.onset import onset_strength

    log_mel = spectra.log_mel
    times = np.arange(log_mel.shape[1]) / FRAME_RATE
    strength = onset_strength(S=log_mel, sr=SAMPLE_RATE, hop_length=HOP).astype(np.float64)
    tempo, beats = _beats(strength)
    novelty = novelty_curve(spectra)
    return Structure(
        duration=spectra.duration,
        loudness=Curve(times, _loudness(spectra.rms)),
        onset_strength=Curve(times, strength),
        onsets=_onsets(strength),
        tempo=tempo,
        beats=beats,
        novelty=Curve(*novelty),
        boundaries=find_boundaries(spectra, *novelty, strength, least_novelty),
    )


def _loudness(rms: NDArray[np.float32]) -> Floats:
    levels = rms.astype(np.float64)
    loudest = levels.max(initial=0)
    if loudest <= 1e-6:
        return np.full(len(levels), _QUIETEST)
    return 20 * np.log10(np.maximum(levels / loudest, 10 ** (_QUIETEST / 20)))


def _onsets(strength: Floats) -> tuple[Onset, ...]:
    from librosa.util import peak_pick

    # As librosa.onset.onset_detect, but with a threshold in decibels, so that a held note has no onsets.
    near, around = round(0.03 * FRAME_RATE), round(0.1 * FRAME_RATE)
    peaks = peak_pick(
        strength,
        pre_max=near,
        post_max=near + 1,
        pre_avg=around,
        post_avg=around + 1,
        delta=_LEAST_RISE,
        wait=near,
    )
    return tuple(Onset(float(peak / FRAME_RATE), float(strength[peak])) for peak in peaks)


def _beats(strength: Floats) -> tuple[float | None, Floats]:
    """Tempo and beats, if the onsets return."""
    from librosa import autocorrelate
    from librosa.beat import beat_track

    shortest, longest = (round(FRAME_RATE * 60 / tempo) for tempo in (_FASTEST, _SLOWEST))
    if len(strength) < 2 * longest or strength.max() < _LEAST_RISE:
        return None, np.zeros(0)
    returns = autocorrelate(strength - strength.mean(), max_size=longest + 1)
    least = max(_LEAST_CLARITY, _BY_CHANCE / len(strength) ** 0.5)
    if returns[shortest:].max() < least * returns[0]:
        return None, np.zeros(0)
    tempo, frames = beat_track(
        onset_envelope=strength, sr=SAMPLE_RATE, hop_length=HOP, trim=False, bpm=_usual_tempo(strength)
    )
    return float(np.squeeze(tempo)), np.asarray(frames) / FRAME_RATE


def _usual_tempo(strength: Floats) -> float | None:
    """Beats a minute in the middle of a long recording; None leaves it to the beat tracker."""
    from librosa.feature import tempo

    most = round(_TEMPO_SECONDS * FRAME_RATE)
    if len(strength) <= most:
        return None
    first = (len(strength) - most) // 2
    middle = strength[first : first + most]
    return float(np.squeeze(tempo(onset_envelope=middle, sr=SAMPLE_RATE, hop_length=HOP)))
