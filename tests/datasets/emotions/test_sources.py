"""Each data set on a small made-up copy of its published layout."""

import pytest
from PIL import Image

from va_space.datasets.emotions import EMOTIONS, EmotionOptions, load_emotions, majority
from va_space.errors import ConfigError, DatasetError


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path)


def words(records):
    return {record.id: majority(record) for record in records}


def test_there_are_these():
    assert EMOTIONS.names() == ["artemis", "emid", "emotion6", "oasis-quadrants", "table", "wikiart-emotions"]


def test_wikiart_emotions(tmp_path):
    root = tmp_path / "wikiart-emotions"
    header = ["ID", "Style", "Category", "Artist", "Title", "Year", "Is painting", "ImageOnly: fear"]
    header += ["Art (image+title): happiness", "Art (image+title): sadness", "Art (image+title): fear"]
    rows = [
        ["57727a", "Cubism", "Modern", "Pablo Picasso", "A", "1920", "yes", "1.0", "0.2", "0.6", "0"],
        ["58c6b0", "Pop Art", "Modern", "Andy Warhol", "B", "1960", "yes", "0", "0.5", "0", ""],
        ["missing", "Pop Art", "Modern", "Andy Warhol", "C", "1961", "yes", "0", "0.5", "0", "0"],
    ]
    root.mkdir()
    lines = "\n".join("\t".join(row) for row in [header, *rows])
    (root / "WikiArt-Emotions-All.tsv").write_text(lines, "utf-8")
    picture(root / "pictures" / "57727A.jpg")
    picture(root / "58c6b0.png")
    records = load_emotions("wikiart-emotions", EmotionOptions(tmp_path))
    assert words(records) == {"57727a": "sadness", "58c6b0": "happiness"}
    assert records[0].group == "pablo picasso"
    assert records[0].label.shares == {"happiness": 0.2, "sadness": 0.6, "fear": 0}
    (root / "WikiArt-Emotions-All.tsv").write_text(lines.replace("0.6", "many"), "utf-8")
    with pytest.raises(DatasetError, match="57727a: 'many' is no share"):
        load_emotions("wikiart-emotions", EmotionOptions(tmp_path))


def test_artemis(tmp_path):
    root = tmp_path / "artemis"
    root.mkdir()
    (root / "artemis_dataset_release_v0.csv").write_text(
        "art_style,painting,emotion,utterance,repetition\n"
        'Cubism,georges-braque_violin-1911,awe,"she said, it shines",2\n'
        "Cubism,georges-braque_violin-1911,sadness,grey,2\n"
        "Cubism,georges-braque_violin-1911,sadness,dull,2\n"
        "Realism,ilya-repin_river-1870,contentment,calm water,1\n",
        "utf-8",
    )
    picture(root / "wikiart" / "Cubism" / "georges-braque_violin-1911.jpg")
    picture(root / "wikiart" / "Realism" / "ilya-repin_river-1870.jpg")
    records = load_emotions("artemis", EmotionOptions(tmp_path))
    assert list(words(records).values()) == ["sadness", "contentment"]
    assert [record.group for record in records] == ["georges-braque", "ilya-repin"]
    assert records[0].label.shares["awe"] == pytest.approx(1 / 3)


def test_emotion6(tmp_path):
    root = tmp_path / "emotion6"
    names = ["anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral"]
    columns = ["[image_filename]", "[valence]", "[arousal]", *(f"[prob. {name}]" for name in names)]
    rows = [["joy/1.jpg", "6", "4", "0", "0", "0", "1.0000001", "0", "0", "0"]]
    rows += [["fear/2.jpg", "2", "6", "0.1", "0.2", "0.6", "0", "0", "0.1", "0"]]
    root.mkdir()
    (root / "ground_truth.txt").write_text("\n".join("\t".join(row) for row in [columns, *rows]), "utf-8")
    for row in rows:
        picture(root / "images" / row[0])
    records = load_emotions("emotion6", EmotionOptions(tmp_path))
    assert words(records) == {"joy/1.jpg": "joy", "fear/2.jpg": "fear"}
    (root / "ground_truth.txt").write_text("[image_filename]\njoy/1.jpg", "utf-8")
    with pytest.raises(DatasetError, match="no column"):
        load_emotions("emotion6", EmotionOptions(tmp_path))


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_emid(tmp_path, delimiter):
    root = tmp_path / "emid"
    columns = ["Audio_Filename", "genre", "feeling"]
    columns += [f"Image{number}_{what}" for number in (1, 2, 3) for what in ("filename", "tag")]
    first = ["a.mp3", "rock", "love", "b/awe_1.jpg", "Awe", "fear_2.jpg", "Fear", "", ""]
    second = ["c.mp3", "rock", "love", "fear_2.jpg", "Fear", "lost.jpg", "Awe", "awe_1.jpg", "Awe"]
    root.mkdir()
    (root / "other.csv").write_text("a,b\n1,2\n", "utf-8")
    lines = "\n".join(delimiter.join(row) for row in (columns, first, second))
    (root / "pairs.csv").write_text(lines, "utf-8")
    picture(root / "b" / "awe_1.jpg")
    picture(root / "c" / "fear_2.jpg")
    records = load_emotions("emid", EmotionOptions(tmp_path))
    assert words(records)["fear_2.jpg"] == "fear"
    assert {record.path.name for record in records} == {"awe_1.jpg", "fear_2.jpg"}


def test_ones_own_table(tmp_path):
    for name in ("a.png", "b.png"):
        picture(tmp_path / "mine" / name)
    (tmp_path / "mine" / "table.csv").write_text("path,label,group\na.png,sad,x\nb.png,happy,x\n", "utf-8")
    records = load_emotions("table", EmotionOptions(tmp_path, ("mine/table.csv",)))
    assert words(records) == {"a.png": "sad", "b.png": "happy"}
    assert {record.group for record in records} == {"x"}
    with pytest.raises(ConfigError, match="needs tables"):
        load_emotions("table", EmotionOptions(tmp_path))
    (tmp_path / "mine" / "table.csv").write_text("path,label\na.png,\n", "utf-8")
    with pytest.raises(DatasetError, match=r"line 2 .* has no label"):
        load_emotions("table", EmotionOptions(tmp_path, ("mine/table.csv",)))


def test_oasis_as_words(tmp_path):
    (tmp_path / "oasis").mkdir()
    rows = [("Acorns 1", 5, 5), ("Acorns 2", 2, 5), ("Beach 1", 2, 2), ("Cat 1", 6, 2)]
    lines = [f"{theme},{valence},{arousal}" for theme, valence, arousal in rows]
    table = "\n".join(["Theme,Valence_mean,Arousal_mean", *lines])
    (tmp_path / "oasis" / "OASIS.csv").write_text(table, "utf-8")
    for theme, *_ in rows:
        picture(tmp_path / "oasis" / "images" / f"{theme}.jpg")
    records = load_emotions("oasis-quadrants", EmotionOptions(tmp_path))
    assert list(words(records).values()) == ["happy", "tense", "sad", "calm"]
    assert records[0].group == "acorns"
