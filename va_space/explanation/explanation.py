"""What explaining returns."""

from dataclasses import asdict, dataclass

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from va_space.explanation.aims import Aim
from va_space.explanation.changes import Change
from va_space.explanation.maps import PictureMap
from va_space.explanation.moments import Curve
from va_space.explanation.sides import Side
from va_space.media.kinds import MediaInput
from va_space.retrieval.difference import Difference

_GRID = 10


@dataclass(frozen=True, eq=False)
class Explained:
    """One number, explained.

    Attributes:
        aim: The number.
        score: What it is for the whole input.
        side: What is to be said of the target; None for valence and arousal.
        difference: The way from the target to the input; None where there is no target.
        where: In a picture.
        when: In a track.
    """

    aim: Aim
    score: float
    side: Side | None = None
    difference: Difference | None = None
    where: PictureMap | None = None
    when: Curve | None = None

    def to_dict(self) -> dict[str, object]:
        """The same as dictionaries, lists, texts and numbers; a map as means over a 10 x 10 grid."""
        told: dict[str, object] = {"name": self.aim.name, "what": self.aim.what, "score": self.score}
        if self.side is not None:
            told["target"] = asdict(self.side)
        if self.difference is not None:
            told["difference"] = asdict(self.difference)
        if self.where is not None:
            cells = functional.adaptive_avg_pool2d(torch.from_numpy(self.where.values)[None], _GRID)[0]
            told |= {"raises": asdict(self.where.raises), "lowers": asdict(self.where.lowers)}
            told["map"] = cells.tolist()
        if self.when is not None:
            effects = [None if np.isnan(effect) else float(effect) for effect in self.when.effects]
            told |= {"length": self.when.length, "starts": self.when.starts.tolist()}
            told |= {"scores": self.when.scores.tolist(), "effects": effects}
            told |= {"raises": self.when.raises, "lowers": self.when.lowers, "doubt": self.when.doubt}
        return told


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why the model feels what it does about a picture or a track.

    Attributes:
        subject: What is explained.
        source: What it was read from.
        explained: The numbers, at least one.
        model: Fingerprint of the model.
        notes: What is to be said about the file, such as a missing end mark.
        picture: The picture, 900 pixels long at most; None for a track.
        method: That made the maps of a picture.
        changes: Of the grade of a picture, the largest effect on the first number first.
        duration: Of a track, in seconds; None for a picture.
    """

    subject: Side
    source: MediaInput
    explained: tuple[Explained, ...]
    model: str
    notes: tuple[str, ...] = ()
    picture: Image.Image | None = None
    method: str = ""
    changes: tuple[Change, ...] = ()
    duration: float | None = None

    @property
    def is_relative(self) -> bool:
        """Whether places are percentiles."""
        return self.subject.percentiles is not None

    def to_dict(self) -> dict[str, object]:
        """Everything as dictionaries, lists, texts and numbers."""
        told: dict[str, object] = {**asdict(self.subject), "model": self.model, "notes": list(self.notes)}
        if self.picture is None:
            told["duration"] = self.duration
        else:
            told["method"] = self.method
            told["changes"] = [asdict(change) for change in self.changes]
        return {**told, "explained": [each.to_dict() for each in self.explained]}
