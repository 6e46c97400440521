"""A small studio, asked without a network."""

import copy

import pytest

from va_space.emotion.reference import KINDS_OF, Distribution, Reference
from va_space.feedback import Feedback
from va_space.space import VASpace
from va_space.studio.app import create_app
from va_space.studio.settings import Settings


@pytest.fixture(scope="session")
def relative_space(tiny_space, library):
    """The small model with reference distributions, so that answers can be rated."""
    model = copy.deepcopy(tiny_space.model)
    around = Distribution.of(library.points()[1])
    kinds = [kind for modality in ("picture", "music") for kind in KINDS_OF[modality]]
    model.reference = Reference(dict.fromkeys(kinds, around), {})
    return VASpace(model, fingerprint=tiny_space.fingerprint, device="cpu", precision="fp32")


@pytest.fixture
def make_client(relative_space, library, tmp_path):
    """Makes clients of studios; all are closed at the end."""
    from starlette.testclient import TestClient

    opened = []

    def make(base_url="http://localhost:8765", settings=None, **options):
        options = {"feedback": Feedback(tmp_path / "ratings.sqlite3"), **options}
        app = create_app(relative_space, {"music": library}, settings=settings or Settings(), **options)
        client = TestClient(app, base_url=base_url, raise_server_exceptions=False)
        client.__enter__()
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(make_client):
    return make_client()


@pytest.fixture
def search(client):
    """Searches by files and fields, and returns what came."""

    def ask(*files, **fields):
        parts = [("files", (name, content)) for name, content in files]
        answer = client.post("/api/match", files=parts or None, data={"count": 3, **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


@pytest.fixture(scope="session")
def wav(files):
    """The content of a recording."""
    return files[3].read_bytes()


@pytest.fixture
def studio_folder():
    """The folder in which a client's studio keeps what is sent."""
    return lambda client: client.app.state.studio.workspace.root
