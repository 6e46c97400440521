"""What the music's head learns from kernel teachers: mixtures of features, with a teacher's answers."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Generator, Tensor

from va_space.errors import ConfigError
from va_space.training.recipe import Teacher
from va_space.training.space.examples import Examples
from va_space.training.space.inputs import Inputs
from va_space.training.space.kernel_teacher import KernelTeacher, mixed, quadrant_points
from va_space.training.space.labels import BalancedDraw, points, quadrants


@dataclass(frozen=True)
class Lesson:
    """One teacher and what it is asked about.

    Attributes:
        teacher: Answers.
        examples: Whose features it is asked about, and mixtures of them.
        balance: Draws them.
        count: Rows a step, over all processes.
    """

    teacher: KernelTeacher
    examples: Examples
    balance: BalancedDraw
    count: int

    def draw(self, processes: int, rng: Generator) -> tuple[Tensor, Tensor]:
        """This process's features (n, d), and the answers (n, 2)."""
        first, second = (
            self.examples.take(self.balance.draw(self.count // processes, rng), rng) for _ in range(2)
        )
        features = mixed(first, second, rng)
        return features, self.teacher(features)


def make_lessons(options: Teacher, inputs: Inputs) -> list[Lesson]:
    """What a recipe asks a teacher about, who is fitted on all labelled music of the training part.

    Quadrants are learnt from tracks, since one label is of the whole, and points from windows. One teacher
    for both answers what renderings with either label have in common; two would contradict each other.

    Raises:
        ConfigError: The music's backbone learns, so that it has no features to fit a teacher on.
    """
    if not options.batch_size and not options.point_batch_size:
        return []
    features, va = [_features(inputs.music)], [points(inputs.music.records)]
    if inputs.quadrant_music is not None:
        windows, rows = _features(inputs.quadrant_music), _rows_by_file(inputs.quadrant_music)
        features.append(torch.stack([windows[found].mean(dim=0) for found in rows]))
        records = inputs.quadrant_music.records
        va.append(quadrant_points(quadrants([records[found[0]] for found in rows])))
    teacher = KernelTeacher(torch.cat(features), torch.cat(va), width=options.width, ridge=options.ridge)
    asked = (inputs.quadrant_music, options.batch_size), (inputs.music, options.point_batch_size)
    return [
        Lesson(teacher, music, BalancedDraw([record.source for record in music.records]), count)
        for music, count in asked
        if music is not None and count
    ]


def _features(music: Examples) -> Tensor:
    features = music.clean(0, len(music.records))
    if features.ndim != 2:
        raise ConfigError("a teacher needs backbones that do not learn: backbone_learning_rate must be 0")
    return features


def _rows_by_file(music: Examples) -> list[list[int]]:
    rows: dict[Path, list[int]] = {}
    for row, record in enumerate(music.records):
        rows.setdefault(record.path, []).append(row)
    return list(rows.values())
