"""The demo, made once."""

import pytest

from va_space.demo.run import run_demo


@pytest.fixture(scope="session")
def demo(tiny_space, tmp_path_factory):
    steps = []
    result = run_demo(tmp_path_factory.mktemp("demo") / "new" / "folder", tiny_space, steps.append)
    assert steps
    return result
