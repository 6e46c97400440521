"""What a soundtrack plays when: as JSON for programs, and as an edit decision list (CMX 3600) for editors."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from va_space.atomic import replacing
from va_space.production.soundtrack.cues import Cue
from va_space.text import printable, valid_unicode

_REEL = "AX      "  # of what has no tape, by convention
_TITLE = 70


@dataclass(frozen=True)
class CueSheet:
    """A soundtrack as data.

    Attributes:
        video: The video that was given.
        output: The video that was written.
        seconds: How long it is.
        rate: Frames per second, on average.
        model: Fingerprint of the model.
        profile: Whose wishes counted; None for nobody's.
        fade: Seconds in which one cue passes into the next.
        copied: Whether the pictures were copied as they were coded.
        cues: What is played.
        loudness: LUFS of each passage before it was levelled.
        gains: Decibels that each was turned up.
    """

    video: Path
    output: Path
    seconds: float
    rate: float
    model: str
    profile: str | None
    fade: float
    copied: bool
    cues: Sequence[Cue]
    loudness: Sequence[float]
    gains: Sequence[float]

    def times(self, number: int) -> tuple[float, float]:
        """Seconds of the video at which a cue is first and last heard."""
        cue = self.cues[number]
        begin = cue.scene.start - self.fade / 2 if number else 0.0
        end = cue.scene.end + self.fade / 2 if number + 1 < len(self.cues) else self.seconds
        return begin, end

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "format": "va-space cue sheet",
            "version": 1,
            "video": valid_unicode(self.video),
            "output": valid_unicode(self.output),
            "seconds": round(self.seconds, 3),
            "frames_per_second": round(self.rate, 4),
            "model": self.model,
            "profile": self.profile,
            "fade_seconds": self.fade,
            "pictures_copied": self.copied,
            "cues": [self._cue(number) for number in range(len(self.cues))],
        }

    def _cue(self, number: int) -> dict[str, Any]:
        cue, (begin, end) = self.cues[number], self.times(number)
        level = self.loudness[number]
        return {
            "number": number + 1,
            "start": round(cue.scene.start, 3),
            "end": round(cue.scene.end, 3),
            "heard_from": round(begin, 3),
            "heard_until": round(end, 3),
            "title": valid_unicode(cue.title),
            "artist": valid_unicode(cue.artist),
            "path": None if cue.path is None else valid_unicode(cue.path),
            "source_start": round(cue.source_start, 3),
            "source_end": round(cue.source_start + end - begin, 3),
            "wanted": _place(cue.scene.place),
            "track": _place(cue.place),
            "score": None if cue.score is None else round(cue.score, 4),
            "loudness_lufs": round(level, 2) if math.isfinite(level) else None,
            "gain_db": round(self.gains[number], 2),
            "why": cue.scene.why,
            "shots": [
                {"start": round(part.start, 3), "end": round(part.end, 3), **_place(part.place)}
                for part in cue.scene.parts
            ],
        }

    def edl(self) -> str:
        """As an edit decision list: times in frames, a dissolve from each cue to the next."""
        base = max(1, round(self.rate))
        lines = [f"TITLE: {printable(self.video.stem)[:_TITLE]}", "FCM: NON-DROP FRAME", ""]
        fade = round(self.fade * self.rate)
        for number, cue in enumerate(self.cues):
            begin, end = (round(each * self.rate) for each in self.times(number))
            first = round(cue.source_start * self.rate)
            source = first, first + end - begin
            name = printable(cue.path.name if cue.path else cue.title)
            if number:
                # The outgoing cue, of no length; then the incoming one, which dissolves in over some frames.
                before = self.cues[number - 1]
                begun = round(self.times(number - 1)[0] * self.rate)
                left = round(before.source_start * self.rate) + begin - begun
                lines.append(_event(number + 1, "C", (left, left), (begin, begin), base))
                lines.append(_event(number + 1, f"D    {fade:03}", source, (begin, end), base))
                lines.append(
                    f"* FROM CLIP NAME: {printable(before.path.name if before.path else before.title)}"
                )
                lines.append(f"* TO CLIP NAME: {name}")
            else:
                lines.append(_event(number + 1, "C", source, (begin, end), base))
                lines.append(f"* FROM CLIP NAME: {name}")
            lines.append(f"* GAIN: {self.gains[number]:+.1f} DB")
        return "\n".join(lines) + "\n"

    def write(self, json_path: Path, edl_path: Path) -> None:
        """Write both; each is complete or not there."""
        with replacing(json_path) as beside:
            text = json.dumps(self.data(), indent=2, ensure_ascii=False)
            beside.write_text(text + "\n", encoding="utf-8")
        with replacing(edl_path) as beside:
            beside.write_bytes(self.edl().encode("utf-8", "backslashreplace"))


def timecode(frame: int, base: int) -> str:
    """A frame's number as hours, minutes, seconds and frames, without dropped numbers.

    >>> timecode(1501, 25)
    '00:01:00:01'
    """
    seconds, frames = divmod(frame, base)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


def _event(number: int, kind: str, source: tuple[int, int], record: tuple[int, int], base: int) -> str:
    codes = " ".join(timecode(frame, base) for frame in (*source, *record))
    return f"{number:03}  {_REEL} AA    {kind:<8} {codes}"


def _place(place: tuple[float, float]) -> dict[str, float]:
    return {"valence_percentile": round(place[0], 4), "arousal_percentile": round(place[1], 4)}
