"""Tiny random models in folders, as a user's models are."""

import pytest
import tiny_networks

pytest.importorskip("diffusers", reason="needs the extra neural")


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Name -> folder of a model, each made when it is first asked for."""
    root = tmp_path_factory.mktemp("models")

    class Folders(dict):
        def __missing__(self, name):
            self[name] = getattr(tiny_networks, name)(root / name)
            return self[name]

    return Folders()


@pytest.fixture(scope="session")
def load(folders):
    """Loads one of them, once."""
    from va_space.generation.neural import load_model

    loaded = {}

    def open_model(name, kind):
        if name not in loaded:
            loaded[name] = load_model(folders[name], kind, device="cpu")
        return loaded[name]

    return open_model
