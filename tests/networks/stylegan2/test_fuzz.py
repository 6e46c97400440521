"""Mutated networks are read or refused, and nothing else.

By hand, many: ``VA_SPACE_FUZZ=20000 python -m pytest tests/networks/stylegan2/test_fuzz.py``.
"""

import os

import pytest
from hostile_networks import load, safe, tiny
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from public_pickles import dumps

COUNT = int(os.environ.get("VA_SPACE_FUZZ", 2000))

NETWORK = tiny(channel_base=8, channel_max=2)
FILES = [
    *(dumps({"G_ema": NETWORK}, NETWORK.config.to_kwargs(), protocol=protocol) for protocol in (0, 2, 4)),
    safe(),
]
# Instructions, names that may be called, and numbers that matter.
PARTS = [
    *(bytes([code]) for code in b"().0]}elstudbRQN\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94"),
    *(b"q\x00", b"h\x00", b"[[[[", b"NaN", b"\x1b[2J"),
    *(b"K\xff", b"J\xff\xff\xff\x7f", b"\x8a\x08" + b"\xff" * 7 + b"\x7f", b"\xff" * 8, b"\0" * 8, b"1e999"),
    *(b"ctorch.storage\n_load_from_bytes\n", b"ctorch._utils\n_rebuild_tensor_v2\n", b"cnumpy\ndtype\n"),
    *(b"ccollections\nOrderedDict\n", b"cbuiltins\nset\n", b"ctorch\nHalfStorage\n"),
]  # fmt: skip

# Where (a share of the file), how many bytes are left out, and what stands there instead.
CHANGES = some.lists(
    some.tuples(
        some.floats(0, 1),
        some.integers(0, 12),
        some.sampled_from(PARTS) | some.binary(max_size=4),
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "network"


@pytest.mark.slow
@settings(
    max_examples=COUNT,
    deadline=None,
    derandomize=COUNT == 2000,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(some.integers(0, len(FILES) - 1), CHANGES, some.booleans())
def test_mutations(path, which, changes, at_start):
    data = FILES[which]
    for share, left_out, put in changes:
        # Half of the mutations lie where the structure is, not among the numbers of tensors.
        at = int(share * (min(len(data), 600) if at_start else len(data)))
        data = data[:at] + put + data[at + left_out :]
    path.write_bytes(data)
    message = load(path)
    assert message.isprintable()
    assert len(message) < 500
    assert "Pickled" not in message
