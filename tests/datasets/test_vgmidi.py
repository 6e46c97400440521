import csv
import json
import re

import numpy as np
import pytest

from va_space.datasets import midi, vgmidi
from va_space.errors import DatasetError

FIRST = "Star Fox_SNES_Star Fox_Stage_Clear.mid"
SECOND = "Other_PC_The Sims_Theme.mid"


def rating(valence: list[float], arousal: list[float]) -> dict[str, object]:
    return {"valence": valence, "arousal": arousal, "age": "21-25"}


def write_annotations(root, number, pieces, annotations):
    folder = root / "labelled" / "annotations"
    folder.mkdir(parents=True, exist_ok=True)
    entries = {key: {"midi": name, "measures": n, "name": "x"} for key, (name, n) in pieces.items()}
    published = {"pieces": entries, "annotations": annotations}
    (folder / f"vgmidi_raw_{number}.json").write_text(json.dumps(published))


@pytest.fixture
def root(tmp_path, write_midi):
    scores = tmp_path / "labelled" / "midi"
    # 4 measures of four quarters: two at 60 (4 s each), two at 120 (2 s each).
    write_midi(scores / FIRST, notes=[(60, 16)], tempos=[(0, 60), (8, 120)])
    write_midi(scores / SECOND, notes=[(64, 8)], tempos=[(0, 60)])
    write_annotations(
        tmp_path,
        1,
        {"piece0": (FIRST, 4)},
        {
            "piece0_1": rating([-1, 0, 0.5, 1], [0, 0, 0, 0]),
            "piece0_2": rating([-1, 0, 0.5, 1, 0.9], [1, 1, 1, 1, -1]),  # one value too many
            "piece7_1": rating([0.3], [0.3]),  # not in the list of pieces
        },
    )
    # The same key in the other file is another piece.
    write_annotations(tmp_path, 2, {"piece0": (SECOND, 2)}, {"piece0_10": rating([-0.5, -0.5], [0.2, 0.4])})
    return tmp_path


def test_pieces_are_keyed_by_file_and_cut_to_their_measures(root):
    first, second = vgmidi.pieces(root)
    assert (first.midi.name, second.midi.name) == (FIRST, SECOND)
    assert first.ratings.shape == (2, 4, 2)
    np.testing.assert_allclose(first.curve, [[0, 0.75], [0.5, 0.75], [0.75, 0.75], [1, 0.75]])
    np.testing.assert_allclose(second.curve, [[0.25, 0.6], [0.25, 0.7]])


@pytest.mark.usefixtures("fluidsynth")
def test_windows_hear_their_measures_by_the_tempo_map(root):
    records = vgmidi.load(root, root / "cache", window_seconds=5)
    first = [record for record in records if record.group == "Star Fox"]
    assert [(record.start, record.duration) for record in first] == [(0, 5), (5, 5)]
    # Measures last 4, 4, 2 and 2 s: the first window hears 4 s and 1 s, the second 3 s, 2 s and, cut, 0 s.
    assert first[0].label.valence == pytest.approx((4 * 0 + 1 * 0.5) / 5)
    assert first[1].label.valence == pytest.approx((3 * 0.5 + 2 * 0.75) / 5)
    assert first[0].label.arousal == pytest.approx(0.75)
    assert {record.group for record in records} == {"Star Fox", "The Sims"}
    assert all(record.path.suffix == ".flac" and record.modality == "music" for record in records)


@pytest.mark.usefixtures("fluidsynth")
def test_windows_at_a_hop(root):
    records = vgmidi.load(root, root / "cache", window_seconds=4, hop_seconds=2)
    first = [record for record in records if record.group == "Star Fox"]
    assert [record.start for record in first][:5] == [0, 2, 4, 6, 8]
    assert [record.label.valence for record in first][:5] == pytest.approx([0, 0.25, 0.5, 0.625, 0.875])


@pytest.mark.usefixtures("fluidsynth")
def test_a_record_a_piece(root):
    first, second = vgmidi.load(root, root / "cache", window_seconds=None)
    assert first.id == FIRST.removesuffix(".mid")
    assert (first.start, first.duration) == (0, None)
    assert first.label.valence == pytest.approx((0 + 0.5 + 0.75 + 1) / 4)
    assert second.label.arousal == pytest.approx(0.65)


@pytest.mark.usefixtures("fluidsynth")
def test_ratings_beyond_the_sound_are_not_used(root, write_midi):
    write_midi(root / "labelled" / "midi" / SECOND, notes=[(64, 2)], tempos=[(0, 60)])  # of 8 rated quarters
    records = vgmidi.load(root, root / "cache", window_seconds=2)
    second = [record for record in records if record.group == "The Sims"]
    assert all(record.start < midi.sound_seconds(record.path) for record in second)


def test_unrelated_games_are_groups_of_their_own(tmp_path):
    def group(name):
        return vgmidi.group_of(tmp_path / f"{name}.mid")

    assert group("Final Fantasy_PS1_Final Fantasy VII_Aeris") == "Final Fantasy"
    assert group("Other_PC_The Sims_Theme") == "The Sims"
    assert group("Other_PC_Warcraft II_Human 1") == group("Other_PC_World of Warcraft X_Song") == "Warcraft"
    with pytest.raises(DatasetError, match="<series>_<console>_<game>_<piece>"):
        group("Theme 5")


def test_other_layouts_are_named(root):
    with pytest.raises(DatasetError, match="annotations is missing"):
        vgmidi.pieces(root / "labelled")
    write_annotations(root, 2, {"piece0": (SECOND, 3)}, {"piece0_1": rating([0.1, 0.1], [0, 0])})
    with pytest.raises(DatasetError, match=r"raw_2\.json.*rating of piece0 has fewer than 3 values"):
        vgmidi.pieces(root)
    write_annotations(root, 2, {"piece0": (SECOND, 1)}, {"piece0_1": rating([1.1], [0])})
    with pytest.raises(DatasetError, match="outside"):
        vgmidi.pieces(root)
    write_annotations(root, 2, {"piece0": (SECOND, 1)}, {})
    with pytest.raises(DatasetError, match=r"raw_2\.json.*piece0 has no annotation"):
        vgmidi.pieces(root)
    (root / "labelled" / "annotations" / "vgmidi_raw_2.json").write_text("[1, 2")
    with pytest.raises(DatasetError, match=r"raw_2\.json is not as published"):
        vgmidi.pieces(root)


def test_published_ratings_agree_with_the_published_labels(data_root):
    root = data_root / "vgmidi"
    pieces = vgmidi.pieces(root)
    assert len(pieces) == len({piece.midi for piece in pieces}) == 200
    assert all(28 <= len(piece.ratings) <= 32 for piece in pieces)
    assert all(piece.midi.is_file() for piece in pieces)
    signs = {}
    with (root / "vgmidi_labelled.csv").open() as file:
        for row in csv.DictReader(file):
            score = re.sub(r"_\d+\.mid$", ".mid", row["midi"].removeprefix("labelled/phrases/"))
            signs.setdefault(score, (int(row["valence"]), int(row["arousal"])))
    means = np.array([piece.curve.mean(axis=0) for piece in pieces])
    labels = np.array([signs[piece.midi.name] for piece in pieces])
    assert (((means > 0.5) == (labels > 0)).mean(axis=0) > 0.93).all()
    assert len({vgmidi.group_of(piece.midi) for piece in pieces}) == 20


def test_four_quarters_a_measure_end_with_the_published_scores(data_root):
    differences = [
        abs(float(midi.quarter_seconds(piece.midi, 4 * len(piece.curve))) - midi.score_seconds(piece.midi))
        for piece in vgmidi.pieces(data_root / "vgmidi")[::10]
    ]
    assert np.median(differences) < 2
    assert max(differences) < 15
