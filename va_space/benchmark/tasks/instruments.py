"""Task ``instruments``: whether generated pictures and sounds are of the right instrument."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from va_space.benchmark import metrics
from va_space.benchmark.context import Context
from va_space.benchmark.instrument_judges import Judge, Labels
from va_space.benchmark.result import RESAMPLES, TableRow, TaskResult
from va_space.benchmark.tasks import TASKS
from va_space.datasets.instruments import InstrumentOptions, Parts, load_instruments
from va_space.errors import DatasetError
from va_space.generation.crossmodal import SOUND, Crossmodal, sound_pieces
from va_space.training.crossmodal.sides import Side, load_side, sheet

# Made for each file that is given, and files at most.
MADE, MOST = 2, 200


@TASKS.register("instruments")
def run(context: Context) -> TaskResult:
    """Judge what the models make for files of which they have seen nothing.

    Raises:
        DatasetError: No model is given, or its data are not there.
        CheckpointError: What is given is no model.
    """
    if not context.crossmodal:
        raise DatasetError(
            "models are missing: --crossmodal FOLDER of va-space train sound-to-picture, or the other"
        )
    results = [_Pair(context, Crossmodal.load(folder)) for folder in context.crossmodal]
    return {
        "data": "; ".join(
            dict.fromkeys(f"{each.config.dataset}: {', '.join(each.names)}" for each in results)
        ),
        "split": "by file within each instrument: 60% for the models, 20% for the judges, 20% asked about",
        "judge": "logistic regressions on the picture backbone's features of real pictures as small as the "
        "generated ones, and on the taggers' of real sounds as they are and through Griffin-Lim",
        "n": {each.config.direction: each.counts for each in results},
        "metrics": METRICS,
        "rows": [row for each in results for row in each.rows()],
        "notes": [],
    }


METRICS = {
    "accuracy": "share whose instrument the judge names; of generated ones the right instrument is that of "
    "the file that was given. Interval: 95% bootstrap by file. Chance is one in the number of instruments",
}


class _Pair:
    """One model, its data and its judge."""

    def __init__(self, context: Context, model: Crossmodal) -> None:
        self.context, self.model, self.config = context, model, model.config
        self.names = model.config.instruments
        options = InstrumentOptions(context.data_root / self.config.folder, context.cache)
        data = load_instruments(self.config.dataset, options, self.names)
        given, made = data.towards(self.config.direction)

        def load(side: Parts, part: str) -> Side:
            return load_side(side[part], self.names, self.config.patch, context.cache)

        self.given = {part: load(given, part) for part in ("train", "test")}
        self.real = {part: load(made, part) for part in ("judge", "test")}
        learnt = self.real["judge"]
        self.judge = Judge.fit(context.space, self.config.patch, self._forms("judge"), learnt.labels)

    @property
    def counts(self) -> dict[str, int]:
        """How many files there are for what."""
        asked = {"given": len(self.given["test"].labels), "real": len(self.real["test"].labels)}
        return {**asked, "judge": len(self.real["judge"].labels), "made for each": MADE}

    def rows(self) -> list[TableRow]:
        """Real ones, made ones, and what the encoder understood."""
        forms = ("real",) if self.config.outputs != SOUND else ("real", "real, through Griffin-Lim")
        actual = self.real["test"].labels
        rows = [
            self._row(name, self.judge.name(form), actual, np.arange(len(actual)))
            for name, form in zip(forms, self._forms("test"), strict=True)
        ]
        for part, name in (("test", "made for unseen files"), ("train", "made for files learnt from")):
            given = self.given[part]
            asked_for = np.linspace(0, len(given.labels) - 1, min(MOST, len(given.labels))).astype(int)
            files = np.repeat(asked_for, MADE)
            made = self.model.generate(given.draw(files, torch.Generator().manual_seed(0)), self.context.seed)
            if part == "test":
                self._sheet(made)
            rows.append(self._row(name, self.judge.name(made), given.labels[files], files))
        asked = self.given["test"]
        with torch.inference_mode():
            encoder = self.model.model.encoder
            named = encoder.classes(encoder(asked.draw(np.arange(len(asked.labels))))).argmax(dim=1).numpy()
        rows.append(self._row("the encoder, of unseen files", named, asked.labels, np.arange(len(named))))
        return rows

    def _forms(self, part: str) -> list[Tensor]:
        """Real media as they are judged: pictures, or sounds and their patches."""
        side = self.real[part]
        drawn = side.draw(np.arange(len(side.labels)))
        if self.config.outputs != SOUND:
            return [drawn]
        sounds = [sound_pieces(record.path, self.config.patch, 1) for record in side.records]
        return [torch.cat(sounds), drawn]

    def _row(self, what: str, named: Labels, actual: Labels, files: ArrayLike) -> TableRow:
        right = (named == actual).astype(np.float64)
        interval = metrics.bootstrap_interval(
            np.mean, [right], files, resamples=RESAMPLES, seed=self.context.seed
        )
        return {
            "direction": self.config.direction,
            "encoding": self.config.encoding,
            "what": what,
            "n": len(right),
            "accuracy": float(right.mean()),
            "interval": interval,
            "chance": 1 / len(self.names),
            "by instrument": ", ".join(
                f"{name} {right[actual == number].mean():.2f}" for number, name in enumerate(self.names)
            ),
        }

    def _sheet(self, made: Tensor) -> None:
        """What was made for unseen files, in the order of the instruments, for the eye."""
        if self.context.output is not None:
            sheet(made, Path(self.context.output) / f"{self.config.direction}.png")
