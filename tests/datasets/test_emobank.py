import pytest

from va_space.datasets import emobank, warriner
from va_space.datasets.sources import SourceOptions, load_source
from va_space.errors import DatasetError
from va_space.media.settings import AudioSettings

HEADER = "id,split,V,A,D,text\n"


def written(folder, *lines):
    (folder / "emobank.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_sentences_with_their_ratings_and_documents(tmp_path):
    root = written(
        tmp_path,
        '110CYL068_1036_1079,train,3.0,3.0,3.2,"Remember what she said, ""dear""?"',
        "a_b_7_9,dev,1.0,5.0,2.8,Go!",
        "a_b_9_12,test,2.5,1,2.8,Stay.",
    )
    first, second, third = emobank.load(root)
    assert first.text == 'Remember what she said, "dear"?'
    assert (first.label.valence, first.label.arousal) == (0.5, 0.5)
    assert (second.label.valence, second.label.arousal) == (0, 1)
    assert (third.label.valence, third.label.arousal) == (0.375, 0)
    assert [record.split for record in (first, second, third)] == ["train", "validation", "test"]
    assert [record.group for record in (first, second, third)] == ["110CYL068", "a_b", "a_b"]
    assert {record.modality for record in (first, second, third)} == {"text"}


def test_what_is_not_as_published_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"emobank\.csv is missing"):
        emobank.load(tmp_path)
    with pytest.raises(DatasetError, match="no split is called 'trial'"):
        emobank.load(written(tmp_path, "a_1_2,trial,3,3,3,Go!"))
    with pytest.raises(DatasetError, match="EmoBank, a_1_2"):
        emobank.load(written(tmp_path, "a_1_2,test,3,6,3,Go!"))


def test_the_source_leaves_the_test_part_alone(tmp_path):
    (tmp_path / "text").mkdir()
    written(tmp_path / "text", "a_1_2,train,3,3,3,Go!", "b_1_2,dev,3,3,3,Stay.", "c_1_2,test,3,3,3,Wait.")
    data = load_source("emobank", SourceOptions(str(tmp_path), tmp_path / "cache", AudioSettings()))
    assert {part: [record.text for record in records] for part, records in data.texts.items()} == {
        "train": ["Go!"],
        "validation": ["Stay."],
    }
    assert not any(data.pictures.values())


def test_norms_of_words(tmp_path):
    (tmp_path / "warriner2013.csv").write_text(
        "word,valence_mean,valence_sd,arousal_mean,arousal_sd\nHappy,9,1,5,1\nsad,1,1,3,1\n", encoding="utf-8"
    )
    norms = warriner.load(tmp_path)
    assert set(norms) == {"happy", "sad"}
    assert (norms["happy"].valence, norms["happy"].arousal) == (1, 0.5)
    assert (norms["sad"].valence, norms["sad"].arousal) == (0, 0.25)


def test_the_published_files(data_root):
    records = emobank.load(data_root / "text")
    assert len(records) == 10_062
    assert sum(record.split == "test" for record in records) == 1000
    assert len(warriner.load(data_root / "text")) == 13_905  # ten words stand in capitals, too
