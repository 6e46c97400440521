"""Generators by name, and what one gets that says only how to render."""

import numpy as np
import pytest
import torch
from PIL import Image

from va_space.errors import CheckpointError, ConfigError
from va_space.transfer.generator import GENERATORS, Generator, open_generator
from va_space.transfer.generators.grade import GradeGenerator
from va_space.transfer.grading import LATENT_SIZE, SPREADS
from va_space.transfer.lut import apply_lut


class Plain(Generator):
    """Pictures of one colour, which is the latent."""

    origin = torch.tensor([[0.8, 0.4, 0.2]])

    def render(self, latents):
        return latents.clamp(0, 1)[:, :, None, None].expand(-1, -1, 8, 8)


def test_a_generator_needs_an_origin_and_one_method():
    plain = Plain()
    assert plain.latent_shape == (3,)
    assert plain.distance(torch.tensor([[0.8, 0.4, 0.2], [0.8, 0.0, 0.5]])).tolist() == pytest.approx(
        [0, 0.5]
    )
    applied = plain.apply(plain.origin[0], Image.new("RGBA", (30, 20)))
    assert (applied.size, applied.mode) == ((30, 20), "RGB")
    assert np.unique(np.asarray(applied).reshape(-1, 3), axis=0).tolist() == [[204, 102, 51]]
    assert plain.lut(plain.origin) is plain.remark() is None
    assert not plain.maps_colours


def test_a_grade_at_full_size_is_its_lookup_table(tiny_space):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 4), dtype=np.uint8), "RGBA")
    grade = open_generator("grade")(tiny_space, image.convert("RGB"))
    assert isinstance(grade, GradeGenerator)
    assert grade.maps_colours
    latent = SPREADS * torch.randn(LATENT_SIZE, generator=torch.Generator().manual_seed(0))
    applied = grade.apply(latent, image)
    assert applied == apply_lut(image, grade.lut(latent))
    assert applied.getchannel("A") == image.getchannel("A")
    unchanged = np.asarray(grade.apply(grade.origin[0], image), int)
    assert np.abs(unchanged - np.asarray(image, int)).max() <= 1


def test_generators_are_named_by_a_name_or_a_file(tmp_path):
    assert {"grade", "stylegan2"} <= set(GENERATORS)
    file = tmp_path / "network.PKL"
    file.write_bytes(b"none")
    for text in (f"stylegan2:{file}", str(file)):
        with pytest.raises(CheckpointError, match="not a pickle of networks"):
            open_generator(text)
    for text, reason in (
        ("grad", "grad is neither grade nor stylegan2"),
        (str(file.with_name("missing.pkl")), "nor the file of a network"),
        ("stylegan2", "needs a network"),
        ("grade:file.pkl", "takes no file"),
    ):
        with pytest.raises(ConfigError, match=reason):
            open_generator(text)
