"""Colour tables: the same as the grade, the same in a file, the same as an independent reader's."""

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.interpolate import RegularGridInterpolator

from va_space.errors import MediaError
from va_space.transfer.grading import LATENT_SIZE, SPREADS, apply_grade
from va_space.transfer.lut import apply_lut, bake, read_cube, write_cube


def usual_grade(seed):
    return SPREADS * torch.randn((LATENT_SIZE,), generator=torch.Generator().manual_seed(seed))


def pixels(channels=3, size=(60, 50)):
    return np.random.default_rng(0).integers(0, 256, (*size, channels), dtype=np.uint8)


def by_an_independent_reader(path, colours):
    """A .cube file by the specification, applied with scipy: (..., 3) uint8 to float."""
    lines = path.read_text().splitlines()
    size = next(int(line.split()[1]) for line in lines if line.startswith("LUT_3D_SIZE"))
    rows = np.array([line.split() for line in lines if line[0].isdigit()], float)
    assert rows.shape == (size**3, 3)
    axis = np.linspace(0, 1, size)
    table = rows.reshape(size, size, size, 3)  # red changes fastest
    return RegularGridInterpolator((axis, axis, axis), table)(colours[..., ::-1] / 255) * 255


@pytest.mark.parametrize("seed", range(3))
def test_a_cube_file_reproduces_its_picture(tmp_path, seed):
    table = bake(usual_grade(seed), 33 if seed else 65)
    graded = np.asarray(apply_lut(Image.fromarray(pixels()), table)).astype(float)
    write_cube(tmp_path / "a.cube", table)
    assert np.abs(by_an_independent_reader(tmp_path / "a.cube", pixels()) - graded).max() < 2


@pytest.mark.parametrize("seed", range(3))
def test_a_table_is_close_to_the_grade_itself(seed):
    colours = torch.from_numpy(pixels()).permute(2, 0, 1)[None].float() / 255
    exact = apply_grade(usual_grade(seed)[None], colours)[0].permute(1, 2, 0).numpy() * 255
    by_table = np.asarray(apply_lut(Image.fromarray(pixels()), bake(usual_grade(seed)))).astype(float)
    assert np.abs(by_table - exact).mean() < 0.5
    assert np.quantile(np.abs(by_table - exact), 0.99) < 1.5


@pytest.mark.parametrize("size", [17, 33, 65])
def test_no_grade_is_no_change(size):
    table = bake(torch.zeros(1, LATENT_SIZE), size)
    assert table.shape == (size, size, size, 3)
    assert np.array_equal(np.asarray(apply_lut(Image.fromarray(pixels()), table)), pixels())


def test_transparency_is_left_alone():
    given = pixels(4)
    graded = np.asarray(apply_lut(Image.fromarray(given), bake(usual_grade(0), 17)))
    assert np.array_equal(graded[..., 3], given[..., 3])
    assert not np.array_equal(graded[..., :3], given[..., :3])


def test_one_pixel():
    assert apply_lut(Image.new("RGB", (1, 1), (9, 99, 199)), bake(usual_grade(0), 17)).size == (1, 1)


def test_a_file_is_read_as_it_was_written(tmp_path):
    table = bake(usual_grade(1), 9)
    write_cube(tmp_path / "a.cube", table, 'two\nlines and a "quote"')
    assert np.abs(read_cube(tmp_path / "a.cube") - table).max() < 1e-6
    assert (tmp_path / "a.cube").read_text().startswith('TITLE "twolines and a quote"\nLUT_3D_SIZE 9\n')


def test_comments_blank_lines_and_missing_domain_are_fine(tmp_path):
    rows = "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    (tmp_path / "a.cube").write_text(f"# made by hand\n\nLUT_3D_SIZE 2\n{rows}\n")
    assert read_cube(tmp_path / "a.cube")[0, 0, 1].tolist() == [1, 0, 0]


ROWS = "0 0 0\n" * 8


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "an empty file"),
        (b"\x00\xff\x01", "not a .cube file"),
        (b"LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", "not a .cube file with a 3D table: 'LUT_1D_SIZE 2'"),
        (b"LUT_3D_SIZE\n", "not a .cube file"),
        (b"LUT_3D_SIZE two\n", "not a .cube file"),
        (b"LUT_3D_SIZE 2\n0 0 0\n", "size 2 with 1 colours"),
        (b"LUT_3D_SIZE 999999999\n0 0 0\n", "sizes are 2 to 65"),
        (ROWS.encode(), "size 0 with 8 colours"),
        (b"LUT_3D_SIZE 2\nDOMAIN_MAX 4 4 4\n" + ROWS.encode(), "its domain is not 0 to 1"),
        (b"LUT_3D_SIZE 2\nnan 0 0\n" + ROWS[6:].encode(), "NaN"),
        (b"LUT_3D_SIZE 2\n0 0 x\n" + ROWS[6:].encode(), "'0 0 x'"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(tmp_path, content, says):
    (tmp_path / "a.cube").write_bytes(content)
    with pytest.raises(MediaError, match=says):
        read_cube(tmp_path / "a.cube")
