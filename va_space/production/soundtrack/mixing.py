"""The sound of a soundtrack: cues levelled, crossfaded and turned down under the video's own sound."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from va_space.media.loudness import integrated_loudness, limited
from va_space.media.video.sound import RATE, Samples
from va_space.production.soundtrack.cues import Cue

FADE = 2.0
"""Seconds in which one cue passes into the next, the cut in their middle."""
LOUDNESS = -16.0
"""LUFS of each cue; what is loud enough for players on the web."""
DUCK = 14.0
"""Decibels by which music is turned down, at most, under the video's own sound."""

_BEGIN, _END = 0.05, 2.0  # seconds of the first fade in, and of the last fade out
_LARGEST_GAIN = 20.0  # decibels
# Two cues that pass into each other with equal power add up to 1.41 of one at most.
_CUE_CEILING, _CEILING = 0.69, 0.98
_STEP = 480  # samples, 10 ms, between which the level of the video's sound is measured
_QUIET, _LOUD = -50.0, -30.0  # dB full scale: nothing is turned down, and all of DUCK
_ATTACK, _RELEASE = 0.05, 0.6  # seconds


@dataclass
class Levels:
    """What mixing found out about each cue, in order.

    Attributes:
        loudness: LUFS of the passages as they were; -inf for silence.
        gains: Decibels that they were turned up.
    """

    loudness: list[float] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)


def mixed(
    cues: Sequence[Cue], seconds: float, *, fade: float, loudness: float, levels: Levels
) -> Iterator[Samples]:
    """The music of all cues, streamed: never more than two of them are in memory.

    A cue begins half a fade before its scene, and ends half a fade after it, with equal power in between.

    Args:
        cues: In order, without gaps between their scenes.
        seconds: Of the whole.
        fade: Seconds in which one passes into the next.
        loudness: LUFS that each is brought to.
        levels: Gets what was found out.

    Yields:
        (2, n) samples at RATE, `seconds` in all.
    """
    total, tail, at = round(seconds * RATE), np.zeros((2, 0), np.float32), 0
    for number, cue in enumerate(cues):
        last = number + 1 == len(cues)
        begin = round((cue.scene.start - (fade / 2 if number else 0.0)) * RATE)
        end = total if last else round((cue.scene.end + fade / 2) * RATE)
        sound = _fitted(_levelled(cue, loudness, levels), end - begin)
        _fade_in(sound, fade if number else _BEGIN)
        _fade_in(sound[:, ::-1], _END if last else fade)
        sound[:, : tail.shape[1]] += tail[:, : sound.shape[1]]
        done = total if last else round((cue.scene.end - fade / 2) * RATE)
        yield sound[:, : done - begin]
        tail, at = sound[:, done - begin :].copy(), done
    assert at == total


def ducked(music: Iterable[Samples], own: Iterable[Samples], *, depth: float = DUCK) -> Iterator[Samples]:
    """Music under a video's own sound: it is turned down where that is loud, smoothly.

    Args:
        music: (2, n) samples at RATE, in blocks.
        own: Likewise; blocks need not be of the same lengths. It may end before the music.
        depth: Decibels at most.

    Yields:
        The sum, as long as the music.
    """
    reader, envelope = _Reader(own), _Envelope(depth)
    for block in music:
        under = reader.take(block.shape[1])
        yield limited(block * envelope.gains(under) + under, RATE, _CEILING)


class _Reader:
    """Blocks as a stream of any lengths; silence after the end."""

    def __init__(self, blocks: Iterable[Samples]) -> None:
        self.blocks = iter(blocks)
        self.kept: list[Samples] = []
        self.there = 0

    def take(self, count: int) -> Samples:
        while self.there < count and (block := next(self.blocks, None)) is not None:
            self.kept.append(block)
            self.there += block.shape[1]
        whole = np.concatenate([np.zeros((2, 0), np.float32), *self.kept], axis=1)
        self.kept, self.there = [whole[:, count:]], max(0, whole.shape[1] - count)
        return _fitted(whole[:, :count], count)


class _Envelope:
    """How far music is turned down, from the level of another sound; goes on from block to block."""

    def __init__(self, depth: float) -> None:
        self.depth, self.now = depth, 0.0

    def gains(self, sound: Samples) -> NDArray[np.float32]:
        """(n,) factors for (2, n) samples of the other sound."""
        count = sound.shape[1]
        steps = max(1, -(-count // _STEP))
        energy = np.pad(np.square(sound).mean(axis=0), (0, steps * _STEP - count)).reshape(steps, _STEP)
        lengths = np.full(steps, _STEP)
        lengths[-1] -= steps * _STEP - count  # the last step of a block may be shorter
        with np.errstate(divide="ignore"):
            level = 10 * np.log10(energy.sum(axis=1) / np.maximum(lengths, 1))
        wanted = self.depth * np.clip((level - _QUIET) / (_LOUD - _QUIET), 0, 1)
        followed = np.empty(steps + 1)
        followed[0] = self.now
        down, up = (1 - np.exp(-_STEP / RATE / seconds) for seconds in (_ATTACK, _RELEASE))
        for number, aim in enumerate(wanted.tolist()):
            self.now += (down if aim > self.now else up) * (aim - self.now)
            followed[number + 1] = self.now
        decibels = np.interp(np.arange(count), _STEP * np.arange(steps + 1), followed)
        return np.asarray(10 ** (-decibels / 20), np.float32)


def _levelled(cue: Cue, loudness: float, levels: Levels) -> Samples:
    sound = cue.read()
    found = integrated_loudness(sound, RATE) if sound.shape[1] else float("-inf")
    gain = float(np.clip(loudness - found, -_LARGEST_GAIN, _LARGEST_GAIN)) if np.isfinite(found) else 0.0
    levels.loudness.append(found)
    levels.gains.append(gain)
    return limited(sound * np.float32(10 ** (gain / 20)), RATE, _CUE_CEILING)


def _fitted(sound: Samples, count: int) -> Samples:
    """A copy with so many samples; silence where there are fewer."""
    return np.pad(sound[:, :count], ((0, 0), (0, max(0, count - sound.shape[1]))))


def _fade_in(sound: Samples, seconds: float) -> None:
    """With equal power, in place."""
    count = min(round(seconds * RATE), sound.shape[1])
    sound[:, :count] *= np.sin(np.linspace(0, np.pi / 2, count, dtype=np.float32))
