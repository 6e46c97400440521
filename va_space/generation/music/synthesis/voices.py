"""Voices: single notes of each instrument as samples.

A pitched note is a sum of decaying sines (additive synthesis). A decaying sine is a power series of one
complex number, so blocks of B samples of all partials are one matrix product: sample ``k B + j`` of partial p
is the real part of ``exp(s_p k B) * exp(s_p j)``. That makes a note as cheap as a table lookup, with every
partial at its own frequency (stretched, as in a piano) and with its own decay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 44_100
_BLOCK = 256
_NYQUIST_SHARE = 0.45

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Voice:
    """How an instrument sounds.

    Attributes:
        partials: At most so many.
        tilt: How fast partials get weaker: amplitude n ** -tilt.
        odd: Weight of even partials beside odd ones, 1 for all alike; a clarinet has few.
        stretch: Inharmonicity B: partial n lies at n sqrt(1 + B n^2) times the fundamental.
        decay: Seconds in which the fundamental of middle C falls by 60 dB; None for a tone that stays.
        damping: How much faster higher partials decay.
        attack: Seconds until it sounds fully.
        release: Seconds in which it falls silent after its end.
        choir: Detuned copies, in cents; (0,) is one player.
        noise: Level of the breath, the bow or the hammer.
        pluck: Where a string is plucked, as a share of its length; 0 for no comb of partials.
        tremolo: Rate (Hz) and depth of a wavering of a tone that stays.
        level: Of the instrument beside the others.
    """

    partials: int
    tilt: float
    stretch: float = 0.0
    odd: float = 1.0
    decay: float | None = None
    damping: float = 0.25
    attack: float = 0.003
    release: float = 0.08
    choir: tuple[float, ...] = (0.0,)
    noise: float = 0.0
    pluck: float = 0.0
    tremolo: tuple[float, float] = (0.0, 0.0)
    level: float = 1.0


VOICES: Mapping[str, Voice] = MappingProxyType(
    {
        "piano": Voice(
            16, 1.15, 3e-4, decay=9.0, damping=0.3, release=0.12, choir=(-0.6, 0.7), noise=0.05, pluck=0.12
        ),
        "electric piano": Voice(7, 1.9, decay=7.0, damping=0.5, release=0.15, choir=(-2.0, 2.0), level=1.3),
        "strings": Voice(
            12, 1.05, attack=0.11, release=0.22, choir=(-9.0, -2.5, 3.0, 8.0), noise=0.015, level=0.8
        ),
        "violin": Voice(
            14,
            0.95,
            attack=0.07,
            release=0.14,
            choir=(-3.0, 2.0),
            noise=0.02,
            tremolo=(5.4, 0.16),
            level=0.75,
        ),
        "cello": Voice(
            16, 1.1, attack=0.08, release=0.16, choir=(-2.5, 2.0), noise=0.02, tremolo=(4.8, 0.12), level=1.0
        ),
        "guitar": Voice(
            16,
            1.1,
            6e-5,
            decay=4.0,
            damping=0.55,
            release=0.1,
            choir=(-0.4, 0.4),
            noise=0.03,
            pluck=0.2,
            level=1.1,
        ),
        "harp": Voice(
            14, 1.35, 4e-5, decay=5.0, damping=0.5, release=0.3, pluck=0.35, noise=0.01, level=1.15
        ),
        "bass": Voice(
            10, 1.35, 5e-5, decay=3.0, damping=0.7, release=0.07, noise=0.03, pluck=0.22, level=1.4
        ),
        "flute": Voice(
            6, 1.9, attack=0.06, release=0.1, choir=(0.0,), noise=0.06, tremolo=(5.0, 0.14), level=1.1
        ),
        "clarinet": Voice(13, 1.15, odd=0.12, attack=0.04, release=0.09, noise=0.015, level=0.9),
        "vibraphone": Voice(
            4, 1.6, decay=6.0, damping=0.9, release=0.25, stretch=0.0, tremolo=(4.2, 0.25), level=1.2
        ),
    }
)
"""The pitched instruments by name."""

BRIGHTNESS = (0.5, 0.2, 0.0, -0.15)  # added to the tilt, from soft to loud
_VIBES = (1.0, 4.0, 10.0, 17.0)  # partials of a tuned bar


def brightness_of(velocity: int) -> int:
    """Which of :data:`BRIGHTNESS` a velocity has."""
    return min(len(BRIGHTNESS) - 1, max(0, (velocity - 30) // 25))


def pitched_note(instrument: str, pitch: int, brightness: int, samples: int) -> Samples:
    """One note, not yet released, of unit loudness.

    Args:
        instrument: A name of :data:`VOICES`.
        pitch: MIDI note number.
        brightness: An index of :data:`BRIGHTNESS`.
        samples: How long.

    Returns:
        (samples,) float32.
    """
    voice = VOICES[instrument]
    frequency = 440.0 * 2.0 ** ((pitch - 69) / 12)
    number = np.arange(1, voice.partials + 1)
    ratio = (
        np.array(_VIBES) if instrument == "vibraphone" else number * np.sqrt(1 + voice.stretch * number**2)
    )
    amplitude = number ** -(voice.tilt + BRIGHTNESS[brightness]) * np.where(number % 2 == 0, voice.odd, 1.0)
    if voice.pluck:
        amplitude *= np.abs(np.sin(np.pi * number * voice.pluck)) + 0.05
    audible = frequency * ratio < _NYQUIST_SHARE * SAMPLE_RATE
    number, ratio, amplitude = number[audible], ratio[audible], amplitude[audible]
    amplitude /= np.sqrt(np.square(amplitude).sum())
    rate = np.zeros(len(number))
    if voice.decay:
        # Low strings ring longer; 6.9 is the logarithm of 60 dB.
        middle = voice.decay * 2.0 ** (-(pitch - 60) / 20)
        rate = 6.9 / middle * (1 + voice.damping * (number - 1))
    waves = [
        _sines(frequency * 2 ** (cents / 1200) * ratio, amplitude, rate, voice, copy, samples)
        for copy, cents in enumerate(voice.choir)
    ]
    note = np.add.reduce(waves) / np.sqrt(len(waves))
    if voice.noise:
        note += voice.noise * _breath(voice, frequency, samples)
    attack = min(samples, max(1, round(voice.attack * SAMPLE_RATE)))
    note[:attack] *= np.sin(np.linspace(0, np.pi / 2, attack, dtype=np.float32)) ** 2
    return np.asarray(voice.level * note, np.float32)


def _sines(
    frequencies: NDArray[np.float64],
    amplitude: NDArray[np.float64],
    rate: NDArray[np.float64],
    voice: Voice,
    copy: int,
    samples: int,
) -> Samples:
    """The sum of decaying sines, (samples,)."""
    # Phases spread by the golden angle: no copy and no partial starts in step with another.
    phase = 2.399963 * (np.arange(len(frequencies)) + 7 * copy)
    speed = 2 * np.pi * frequencies / SAMPLE_RATE
    hertz, depth = voice.tremolo
    if depth:  # a wavering amplitude is a pair of side bands
        side = 2 * np.pi * hertz / SAMPLE_RATE
        speed = np.concatenate([speed, speed + side, speed - side])
        amplitude = np.concatenate([amplitude, amplitude * depth / 2, amplitude * depth / 2])
        phase = np.concatenate([phase, phase + copy, phase - copy])
        rate = np.tile(rate, 3)
    step = 1j * speed - rate / SAMPLE_RATE  # (p,)
    blocks = -(-samples // _BLOCK)
    coarse = amplitude * np.exp(1j * phase + step * (_BLOCK * np.arange(blocks))[:, None])  # (blocks, p)
    fine = np.exp(step[:, None] * np.arange(_BLOCK))  # (p, _BLOCK)
    left = np.concatenate([coarse.real, -coarse.imag], axis=1).astype(np.float32)
    right = np.concatenate([fine.real, fine.imag], axis=0).astype(np.float32)
    return (left @ right).reshape(-1)[:samples]


def _breath(voice: Voice, frequency: float, samples: int) -> Samples:
    """Noise: all along for a tone that stays, a knock at the beginning for one that decays."""
    length = min(samples, 1 << 15)
    source = np.random.Generator(np.random.PCG64(round(frequency * 100)))
    noise = source.standard_normal(length, np.float32)
    if voice.decay is None:
        # Air and bow sound about the tone, not as a hiss above it.
        spectrum = np.fft.rfft(noise)
        ratio = np.fft.rfftfreq(length, 1 / SAMPLE_RATE) / frequency
        spectrum *= ratio / (1 + ratio) / (1 + (ratio / 3) ** 2)
        noise = np.fft.irfft(spectrum, length).astype(np.float32)
        noise /= max(float(noise.std()), 1e-9)
        return np.tile(noise, -(-samples // length))[:samples]
    knock = np.zeros(samples, np.float32)
    length = min(length, round(0.04 * SAMPLE_RATE))
    rough = np.cumsum(np.diff(noise[:length], prepend=np.float32(0)) + 0.3 * noise[:length])
    knock[:length] = 0.25 * rough * np.exp(-np.arange(length, dtype=np.float32) / (0.008 * SAMPLE_RATE))
    return knock


@dataclass(frozen=True)
class Drum:
    """How a drum sounds: a tone that falls, and a burst of noise.

    Attributes:
        tone: Level of the tone.
        low: Where its pitch ends, in hertz.
        fall: How far above that it begins, in hertz.
        noise: Level of the noise.
        bright: Whether low frequencies are taken out of the noise.
        decay: Seconds for 60 dB.
    """

    tone: float
    low: float
    fall: float
    noise: float
    bright: bool
    decay: float


DRUMS: Mapping[int, Drum] = MappingProxyType(
    {
        36: Drum(1.0, 48.0, 110.0, 0.05, False, 0.32),
        37: Drum(0.4, 820.0, 0.0, 0.3, True, 0.06),
        38: Drum(0.45, 185.0, 60.0, 0.6, True, 0.22),
        45: Drum(0.9, 95.0, 40.0, 0.08, False, 0.45),
        42: Drum(0.0, 0.0, 0.0, 0.45, True, 0.07),
        46: Drum(0.0, 0.0, 0.0, 0.45, True, 0.35),
        70: Drum(0.0, 0.0, 0.0, 0.35, True, 0.08),
    }
)
"""The drums by their General MIDI number."""


def drum_hit(pitch: int) -> Samples:
    """One stroke, (n,) float32."""
    drum = DRUMS[pitch]
    samples = round(1.2 * drum.decay * SAMPLE_RATE)
    time = np.arange(samples) / SAMPLE_RATE
    envelope = np.exp(-6.9 * time / drum.decay)
    phase = 2 * np.pi * (drum.low * time + drum.fall * 0.03 * (1 - np.exp(-time / 0.03)))
    noise = np.random.Generator(np.random.PCG64(pitch)).standard_normal(samples)
    if drum.bright:
        noise = np.diff(noise, prepend=0.0)
        noise = np.diff(noise, prepend=0.0) if drum.tone == 0 else noise
    hit = drum.tone * np.sin(phase) * envelope + drum.noise * noise * envelope
    ramp = min(samples, 60)
    hit[:ramp] *= np.linspace(0, 1, ramp)
    return hit.astype(np.float32)
