"""The painter: what music asks for is what the picture becomes."""

import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from descriptions import described

from va_space.errors import ConfigError
from va_space.generation.artwork.colour import oklab
from va_space.generation.artwork.direction import FAMILIES, direction_of
from va_space.generation.artwork.engines import ENGINES, Request
from va_space.generation.artwork.motifs import MOTIFS
from va_space.generation.artwork.palette import HARMONIES, choose_palette
from va_space.generation.tags.description import Section, Tag

SIZE = (96, 96)


def painted(description=None, space=None, **changes):
    request = Request(**({"size": SIZE, "candidates": 1} | changes))
    return ENGINES["painter"](space, description or described(), request)


def pixels(artwork, size=SIZE):
    return np.asarray(artwork.render(size)).astype(int)


def mean_difference(one, other):
    return np.abs(one - other).mean()


@pytest.mark.parametrize("motif", MOTIFS.names())
def test_every_motif_paints_every_feeling_and_shape(motif):
    for feeling, size in (((0.0, 0.0), (96, 96)), ((1.0, 1.0), (160, 60)), ((0.1, 0.9), (60, 160))):
        (artwork,) = painted(described(*feeling), motif=motif, size=size)
        image = artwork.render(size)
        assert image.size == size
        assert image.mode == "RGB"
        assert np.asarray(image).std() > 4
        marks = artwork.scene.marks
        assert 200 < len(marks) < 20_000
        assert all(np.isfinite(marks[name]).all() for name in marks.dtype.names)
        # The ground is covered: hardly a pixel is its bare colour.
        assert (marks["length"] * marks["width"]).sum() > artwork.scene.width * artwork.scene.height


def test_the_same_seed_gives_the_same_bytes():
    one, two = (painted(seed=5)[0] for _ in range(2))
    assert one.scene.marks.tobytes() == two.scene.marks.tobytes()
    assert one.render(SIZE).tobytes() == two.render(SIZE).tobytes()


def test_seeds_differ_and_so_do_tracks_whatever_the_file_is_called():
    (one,), (other) = painted(motif="sea", seed=1), painted(motif="sea", seed=2)
    assert mean_difference(pixels(one), pixels(other[0])) > 3
    (elsewhere,) = painted(described(path="x.mp3"), motif="sea", seed=1)
    assert (pixels(elsewhere) == pixels(one)).all()
    (faster,) = painted(described(tempo=160.0), motif="sea", seed=1)
    assert mean_difference(pixels(faster), pixels(one)) > 3


def test_pleasant_music_is_brighter_and_excited_music_is_fuller_of_contrast():
    def lightness(valence, arousal):
        made = [pixels(painted(described(valence, arousal), seed=s, motif="hills")[0]) for s in range(2)]
        return np.stack([oklab(each / 255)[..., 0] for each in made])

    assert lightness(0.95, 0.5).mean() > lightness(0.05, 0.5).mean() + 0.15
    assert lightness(0.3, 0.95).std(axis=(1, 2)).mean() > lightness(0.3, 0.05).std(axis=(1, 2)).mean() + 0.03


def test_a_section_is_painted_by_its_own_feeling():
    (whole,), (drop,) = painted(), painted(section="drop")
    assert whole.facts["heard"]["feeling percentile"] == [0.7, 0.4]
    assert drop.facts["heard"]["feeling percentile"] == [0.7, 0.95]
    assert (pixels(whole) != pixels(drop)).any()
    with pytest.raises(ConfigError, match=r"no section 'chorus'; there are intro, outro"):
        painted(described(sections=described().sections[:1] + described().sections[2:]), section="chorus")


@pytest.mark.parametrize(
    ("motif", "heard", "other"),
    [("flow", "heavy metal", "harp"), ("city", "techno", "violin"), ("forest", "piano", "drum kit")],
)
def test_instruments_change_what_suits(motif, heard, other):
    def weight(name):
        made = described(0.5, 0.5, instruments=(Tag(name, 0.9),), genres=(), voice=())
        return MOTIFS[motif]().suits(direction_of(made))

    assert weight(heard) > 1.3 * weight(other)


def test_families_are_found_in_names():
    families = direction_of(described(instruments=(Tag("electric guitar", 0.8),))).families
    assert families["guitar"] == 0.8
    assert set(families) == set(FAMILIES)


def test_more_sections_give_a_busier_skyline():
    calm, busy = described(), described()
    busy = replace(
        busy, sections=tuple(Section("part", i * 18.0, i * 18.0 + 18, i % 2, -14.0) for i in range(10))
    )
    courses = [direction_of(each).course for each in (calm, busy)]
    assert np.abs(np.diff(courses[1])).sum() > np.abs(np.diff(courses[0])).sum()


def test_the_space_chooses_and_takes_differ(tiny_space):
    made = painted(space=tiny_space, takes=3, candidates=2)
    assert [each.facts["plans"] for each in made] == [6] * 3
    assert len({each.facts["plan"] for each in made}) == 3
    assert all(0 <= value <= 1 for each in made for value in each.facts["picture percentile"])
    assert (pixels(made[0]) != pixels(made[1])).any()


def test_a_prompt_is_not_ignored():
    with pytest.raises(ConfigError, match="reads no prompts"):
        painted(prompt="a dog")


def test_an_unknown_motif_is_named_with_near_ones():
    with pytest.raises(ConfigError, match="do you mean sea"):
        painted(motif="see")


def test_the_motif_of_the_documents_is_painted(forget_additions):
    document = Path(__file__).parents[3] / "docs" / "extending.md"
    (code,) = re.findall(r"^```python\n((?:(?!```).)*class Dusk.*?)^```", document.read_text(), re.M | re.S)
    module: dict[str, object] = {}
    exec(code, module)
    forget_additions(MOTIFS)
    MOTIFS.register("dusk")(module["Dusk"])
    (artwork,) = painted(motif="dusk")
    upper, lower = pixels(artwork)[:20].mean(axis=(0, 1)), pixels(artwork)[-20:].mean(axis=(0, 1))
    sky = artwork.facts["palette"]
    assert sky in {harmony.name for harmony in HARMONIES}
    assert np.abs(upper - lower).max() > 20


def test_palettes_stand_near_the_feeling():
    for harmony in HARMONIES:
        names = {
            choose_palette(harmony.valence, harmony.arousal, np.random.default_rng(seed)).name
            for seed in range(8)
        }
        assert harmony.name in names
    grim = choose_palette(0.05, 0.9, np.random.default_rng(0))
    serene = choose_palette(0.95, 0.1, np.random.default_rng(0))
    assert grim.ramp[:, 0].mean() < serene.ramp[:, 0].mean() - 0.15


def test_any_size_shows_the_same_picture():
    (artwork,) = painted(motif="hills")
    small, large = (np.asarray(artwork.render((s, s)).resize((24, 24))).astype(int) for s in (96, 480))
    assert mean_difference(small, large) < 6


@pytest.mark.slow
def test_a_cover_of_full_size_is_painted_within_seconds():
    (artwork,) = painted(motif="meadow")
    start = time.process_time()
    assert artwork.render((3000, 3000)).size == (3000, 3000)
    assert time.process_time() - start < 15


def test_what_is_only_told_more_closely_paints_the_same_picture():
    seeds = {direction_of(described(key_margin=margin)).seed for margin in (None, 0.3)}
    assert len(seeds) == 1
    assert direction_of(described(instruments=(Tag("harp", 0.05),))).tags[0] == "jazz"
