"""What would change it: effects against the grade itself, and words that say what it does."""

import pytest
import torch

from va_space.explanation.aims import Aim, read_aims
from va_space.explanation.changes import grade_changes
from va_space.explanation.maps import picture_score
from va_space.transfer.grading import LATENT_SIZE, SLICES, SPREADS, apply_grade


@pytest.fixture(scope="module")
def picture():
    return torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(0)) * 0.6 + 0.2


def test_effects_are_those_of_the_grade(space, picture):
    aims = read_aims(space, ["arousal", "calm"], "picture", "photograph")
    changes = {change.words: change for change in grade_changes(space, picture, aims)}
    latent = torch.zeros(1, LATENT_SIZE)
    latent[0, SLICES["exposure"]] = SPREADS[SLICES["exposure"]]
    score = picture_score(space, aims)
    expected = score(apply_grade(latent, picture[None])) - score(picture[None])
    assert changes["brighter"].effects == pytest.approx(expected[0].tolist(), abs=1e-4)
    assert len(changes) == 20
    sizes = [abs(change.effects[0]) for change in grade_changes(space, picture, aims)]
    assert sizes == sorted(sizes, reverse=True)


MEASURES = {
    "brighter": lambda p: p.mean(),
    "darker": lambda p: -p.mean(),
    "warmer": lambda p: p[:, 0].mean() - p[:, 2].mean(),
    "cooler": lambda p: p[:, 2].mean() - p[:, 0].mean(),
    "greener": lambda p: 2 * p[:, 1].mean() - p[:, 0].mean() - p[:, 2].mean(),
    "more magenta": lambda p: p[:, 0].mean() + p[:, 2].mean() - 2 * p[:, 1].mean(),
    "more saturated": lambda p: (p.amax(1) - p.amin(1)).mean(),
    "less saturated": lambda p: -(p.amax(1) - p.amin(1)).mean(),
    "more contrast": lambda p: p.std(),
    "less contrast": lambda p: -p.std(),
    "shadows warmer": lambda p: p[:, 0].mean() - p[:, 2].mean(),
    "highlights cooler": lambda p: p[:, 2].mean() - p[:, 0].mean(),
}


def test_words_say_what_happens_to_the_picture(tiny_space, picture, monkeypatch):
    from va_space.explanation import changes

    names = list(MEASURES)

    # The measures in the place of the encoder: what counts here is the grade and its words.
    def measured(pictures):
        return torch.stack([MEASURES[name](pictures) for name in names])

    def effects(space, aims, before, changed):
        return torch.stack([measured(each) - measured(before) for each in changed])[None]

    monkeypatch.setattr(changes, "effects_in_views", effects)
    aims = [Aim(name, name, lambda vectors: vectors[:, 0]) for name in names]
    for change in grade_changes(tiny_space, picture, aims):
        if change.words in names:
            assert change.effects[names.index(change.words)] > 1e-3, change.words
