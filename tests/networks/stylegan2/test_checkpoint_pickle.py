"""Public network pickles are read, and nothing in them runs."""

import builtins
import os
import pickle
import pickletools
import struct
import tracemalloc
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from public_pickles import dumps, loads_and_runs
from safetensors.torch import save_file

from va_space.errors import CheckpointError
from va_space.networks.stylegan2.checkpoint_pickle import read_checkpoint_pickle
from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.files import load_stylegan2, save_stylegan2
from va_space.networks.stylegan2.generator import StyleGAN2


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    options = {"z_dim": 8, "w_dim": 8, "mapping_layers": 2, "channel_base": 128, "channel_max": 12}
    return StyleGAN2(StyleGAN2Config(resolution=16, **options)).eval()


def same(first: StyleGAN2, second: StyleGAN2) -> bool:
    ours, theirs = first.state_dict(), second.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_public_pickle_loads_without_running_its_source(network, protocol, tmp_path):
    trace = tmp_path / "ran"
    source = f"open({str(trace)!r}, 'w').write('ran')"
    content = {"G": None, "D": None, "G_ema": network, "augment_pipe": None, "training_set_kwargs": {"a": 1}}
    data = dumps(content, network.config.to_kwargs(), source=source, protocol=protocol)
    path = tmp_path / "network.pkl"
    path.write_bytes(data)

    loaded = load_stylegan2(path)
    assert not trace.exists()
    assert same(loaded, network)
    assert loaded.config == network.config
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    z = torch.randn(2, 8)
    torch.testing.assert_close(loaded(z, noise="const"), network(z, noise="const"), rtol=1e-4, atol=1e-4)

    loads_and_runs(data)  # the same file does run its source where it is let
    assert trace.exists()


def test_safetensors_round_trip(network, tmp_path):
    save_stylegan2(network, tmp_path / "network.safetensors")
    assert same(load_stylegan2(tmp_path / "network.safetensors"), network)


def test_g_where_there_is_no_average_and_half_precision(network, tmp_path):
    half = StyleGAN2(network.config)
    half.load_state_dict(network.state_dict())
    half.half()
    (tmp_path / "half.pkl").write_bytes(dumps({"G": half}, network.config.to_kwargs()))
    loaded = load_stylegan2(tmp_path / "half.pkl")
    assert loaded.mapping.fc0.weight.dtype == torch.float32
    torch.testing.assert_close(loaded.mapping.fc0.weight, network.mapping.fc0.weight, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_plain_values_arrays_and_tensors(protocol, tmp_path):
    transposed = torch.arange(12.0).view(3, 4).T[1:]
    values = {
        "numbers": [1, -1, 300, 70_000, 2**40, -(2**70), 1.5, float("inf"), True, False, None],
        "text": "Größe \U0001f3b5",
        "bytes": b"\x00\xff",
        "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        "ordered": OrderedDict(a=1, b=[2]),
        "set": {"a", "b"},
        "scalar": np.float64(0.5),
        "flag": np.bool_(True),
        "big": np.array([1, 2], ">i4")[1],
        "array": np.arange(6, dtype=np.float32).reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "tensor": transposed,
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "scalar tensor": torch.tensor(3),
        "empty tensor": torch.zeros(0, 3),
        "brain": torch.tensor([1.5], dtype=torch.bfloat16),
        "shared": (transposed, transposed[0]),
    }
    path = tmp_path / "values.pkl"
    path.write_bytes(pickle.dumps(values, protocol=protocol))
    read = read_checkpoint_pickle(path)
    for name in ("tensor", "parameter", "scalar tensor", "empty tensor", "brain"):
        assert torch.equal(read[name].numbers(), values[name])
    assert torch.equal(read["shared"][1].numbers(), transposed[0])
    for name in ("array", "fortran"):
        np.testing.assert_array_equal(read[name], values[name])
    for name in values.keys() - {"tensor", "parameter", "scalar tensor", "empty tensor", "brain", "shared"}:
        if name not in ("array", "fortran"):
            assert read[name] == values[name], name


class Calls:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class Restored:
    """Pickles as a new object with a state."""


def storage(count: int, kind: bytes = b"ctorch\nFloatStorage\n", cut: int = 0) -> bytes:
    """A call of _load_from_bytes whose storage says that it has so many numbers; without its last bytes."""
    start = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
    start += pickle.dumps({"protocol_version": 1001, "little_endian": True}, 2)
    reference = b"(X\x07\0\0\0storage" + kind + b"X\x01\0\0\x000X\x03\0\0\0cpu" + pickle.dumps(count, 2)[2:-1]
    data = start + b"\x80\x02" + reference + b"NtQ." + pickle.dumps(["0"], 2)
    data += struct.pack("<q", count) + bytes(16)
    data = data[: len(data) - cut]
    return b"\x80\x02ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(data)) + data + b"\x85R"


def tensor(size: tuple, stride: tuple, offset: int = 0, count: int = 4) -> bytes:
    """A tensor of four numbers that says that it has another size."""
    # The storage's own call leaves it on the stack, as the first argument after the mark.
    numbers = b"".join(pickle.dumps(value, 2)[2:-1] for value in (offset, size, stride))
    return b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage(count)[2:] + numbers + b"\x89NtR."


def doubling(levels: int) -> bytes:
    """Nested lists that are small in the file and huge when written out."""
    return b"(]q\x00" + b"".join(b"](h\x00h\x00eq\x00" for _ in range(levels)) + b"l."


NESTED_CALL = Calls(OrderedDict, [[1, Calls(os.system, "touch ran")]])

HOSTILE = {
    "os.system": pickle.dumps(Calls(os.system, "touch ran")),
    "os.system, text protocol": b"cos\nsystem\n(S'touch ran'\ntR.",
    "posix.system": b"cposix\nsystem\n(S'touch ran'\ntR.",
    "builtins.eval": pickle.dumps(Calls(eval, "open('ran', 'w')")),
    "builtins.exec": pickle.dumps(Calls(exec, "open('ran', 'w')")),
    "builtins.getattr": b"cbuiltins\ngetattr\n(S'x'\nS'y'\ntR.",
    "builtins.__import__": b"cbuiltins\n__import__\n(S'os'\ntR.",
    "builtins.open": pickle.dumps(Calls(builtins.open, "ran", "w")),
    "subprocess.Popen": b"csubprocess\nPopen\n((S'touch'\nS'ran'\nltR.",
    "pathlib.Path": pickle.dumps(Path("ran")),
    "nested call": pickle.dumps(NESTED_CALL),
    "call deep in a dictionary": pickle.dumps({"G_ema": [{"a": (1, Calls(os.system, "touch ran"))}]}),
    "stack global": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x09touch ran\x85R.",
    "dotted stack global": b"\x80\x04\x8c\x0bcollections\x8c\x1cOrderedDict.__init__.__call__\x93.",
    "attribute of an allowed module": b"ctorch.storage\n_get_restore_location\n.",
    "torch.load": b"ctorch\nload\n(S'ran'\ntR.",
    "a class with a state": pickle.dumps(Restored()),
    "inst": b"(S'touch ran'\nios\nsystem\n.",
    "obj": b"(cos\nsystem\nS'touch ran'\no.",
    "newobj_ex": b"\x80\x04cos\nsystem\n)}\x92.",
    "newobj": b"\x80\x02cos\nsystem\n(S'touch ran'\nt\x81.",
    "extension registry": b"\x80\x02\x82\x01.",
    "persistent id": b"K\x01Q.",
    "text persistent id": b"Pid\n.",
    "state of an allowed object": b"\x80\x02]}b.",
    "call of a value": b"(S'touch ran'\ntS'x'\n(tR.",
    "call of a type that is only named": b"cnumpy\nndarray\n)R.",
    "a function in a dictionary's state": b"\x80\x02ccollections\nOrderedDict\n)Rcos\nsystem\nb.",
    "numpy object array": pickle.dumps(np.array([Calls(os.system, "touch ran")], dtype=object)),
    "numpy.load": b"cnumpy\nload\n.",
    "code in a storage": b"\x80\x02ctorch.storage\n_load_from_bytes\n"
    + b"B" + struct.pack("<I", 24) + b"cos\nsystem\n(S'ls'\ntR."[:24].ljust(24) + b"\x85R.",
    "code as a storage's type": storage(4, b"cos\nsystem\n") + b".",
    "codec with another encoding": b"c_codecs\nencode\n(S'x'\nS'zip'\ntR.",
    "bytearray out of band": b"\x80\x05\x97.",
}  # fmt: skip


def storages_within_storages(levels: int) -> bytes:
    data = b"K\x01."
    for _ in range(levels):
        data = b"ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(data)) + data + b"\x85R."
    return data


DAMAGED = {
    "empty": b"",
    "not a pickle": b"GIF89a" + bytes(100),
    "no stop": b"\x80\x04]",
    "stack underflow": b"\x80\x04R.",
    "tuple underflow": b"\x80\x04K\x01\x87.",
    "pop underflow": b"0.",
    "no mark": b"\x80\x04]e.",
    "mark as a value": b"(K\x01\x86.",
    "unknown memo": b"h\x07.",
    "odd dictionary": b"(K\x01d.",
    "append to a number": b"K\x01K\x02a.",
    "unhashable key": b"}]K\x01s.",
    "nested tuple as a key": b"})" + b"\x85" * 100_000 + b"K\x01s.",
    "many results": b"K\x01K\x02.",
    "endless digits": b"L" + b"9" * 100_000 + b"L\n.",
    "tensor beyond its storage": tensor((5,), (1,)),
    "tensor with a far offset": tensor((1,), (1,), offset=2**39),
    "tensor with a stride": tensor((2, 2), (100, 1)),
    "tensor repeated without end": tensor((2**30, 2**30), (0, 0)),
    "tensor of negative size": tensor((-4,), (1,)),
    "tensor with sizes and no strides": tensor((4,), ()),
    "storage with fewer numbers": storage(5) + b".",
    "storage that ends within its count": storage(4, cut=20) + b".",
    "storages within storages": storages_within_storages(1000),
    "storage of 8 TB": storage(2**41) + b".",
    "storage of a negative size": storage(-1) + b".",
    "numpy number too long": b"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f8'\nK\x00K\x01tRC\x01xtR.",
}  # fmt: skip

BOMBS = {
    "huge length of bytes": b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b"x.",
    "huge length of text": b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b"x.",
    "huge frame": b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b"K\x01.",
    "huge memo index": b"\x80\x02K\x01r\xff\xff\xff\x7f.",
    "a thousand million lists": b"(" + b"]" * 3_000_000 + b"l.",
    "duplicates": b"]" + b"2" * 3_000_000 + b".",
    "repeated conversion of a text": b"\x80\x02X" + struct.pack("<I", 2**20) + b"x" * 2**20
    + b"q\x00X\x06\0\0\0latin1q\x01"
    + b"c_codecs\nencode\n(h\x00h\x01tR" * 10_000 + b".",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_code_is_refused_by_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("network.pkl").write_bytes(HOSTILE[name])
    for read in (read_checkpoint_pickle, load_stylegan2):
        with pytest.raises(
            CheckpointError, match=r"network\.pkl: (refused|not a pickle of networks)"
        ) as raised:
            read("network.pkl")
    assert not Path("ran").exists()
    named = {
        "os.system": "os.system|posix.system",
        "torch.load": "torch.load",
        "builtins.eval": "builtins.eval",
    }
    if name in named:
        assert raised.match(named[name])
        assert raised.match("Nothing in it was run")


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_explained(name, tmp_path):
    (tmp_path / "network.pkl").write_bytes(DAMAGED[name])
    with pytest.raises(CheckpointError, match=r"network\.pkl: (not a pickle of networks|refused)"):
        read_checkpoint_pickle(tmp_path / "network.pkl")


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_take_neither_time_nor_memory(name, tmp_path, monkeypatch):
    monkeypatch.setattr("va_space.networks.stylegan2.checkpoint_pickle.MAX_MEMORY", 16_000_000)
    path = tmp_path / "network.pkl"
    path.write_bytes(BOMBS[name])
    tracemalloc.start()
    try:
        with pytest.raises(CheckpointError):
            load_stylegan2(path)
        assert tracemalloc.get_traced_memory()[1] < len(BOMBS[name]) + 16_000_000
    finally:
        tracemalloc.stop()


def test_nested_sharing_is_no_bomb(tmp_path):
    """Lists of lists are small as long as nobody writes them out; modules are walked with a limit."""
    (tmp_path / "lists.pkl").write_bytes(doubling(200))
    assert len(read_checkpoint_pickle(tmp_path / "lists.pkl")) == 201
    module = torch.nn.Module()
    for _ in range(60):
        parent = torch.nn.Module()
        parent.left = parent.right = module
        module = parent
    (tmp_path / "modules.pkl").write_bytes(dumps({"G": module}))
    with pytest.raises(CheckpointError, match="network"):
        load_stylegan2(tmp_path / "modules.pkl")


def test_every_truncation_is_an_error(network, tmp_path):
    data = dumps({"G_ema": network}, network.config.to_kwargs())
    path = tmp_path / "network.pkl"
    for end in np.linspace(0, len(data) - 1, 25).astype(int):
        path.write_bytes(data[:end])
        with pytest.raises(CheckpointError):
            load_stylegan2(path)


def test_other_networks_are_explained(network, tmp_path):
    kwargs = network.config.to_kwargs()

    def refusal(content: dict, arguments: dict) -> str:
        (tmp_path / "other.pkl").write_bytes(dumps(content, arguments))
        with pytest.raises(CheckpointError) as raised:
            load_stylegan2(tmp_path / "other.pkl")
        assert "other.pkl" in str(raised.value)
        return str(raised.value)

    assert "no network G_ema or G, but D" in refusal({"D": None}, kwargs)
    assert "holds a list" in refusal([network], kwargs)
    assert "not a StyleGAN2 generator" in refusal({"G": torch.nn.Linear(2, 2)}, kwargs)
    assert "mapping.fc0.weight has the shape (8, 8)" in refusal({"G": network}, {**kwargs, "z_dim": 9})
    assert "are missing" in refusal({"G": network}, {**kwargs, "img_resolution": 32})
    assert "are unknown" in refusal({"G": network}, {**kwargs, "img_resolution": 8})
    assert "arguments are missing: w_dim" in refusal(
        {"G": network}, {k: kwargs[k] for k in kwargs if k != "w_dim"}
    )
    broken = StyleGAN2(network.config)
    broken.mapping.w_avg[0] = torch.nan
    assert "mapping.w_avg holds other things than finite numbers" in refusal({"G": broken}, kwargs)
    other = StyleGAN2(network.config)
    other.synthesis.b4.resample_filter[0, 0] = 0.0
    assert "another filter" in refusal({"G": other}, kwargs)


def test_other_files_are_explained(network, tmp_path):
    with pytest.raises(CheckpointError, match="no such file"):
        load_stylegan2(tmp_path / "none.pkl")
    torch.save({"a": torch.ones(1)}, tmp_path / "zip.pkl")
    with pytest.raises(CheckpointError, match="a zip archive"):
        load_stylegan2(tmp_path / "zip.pkl")
    save_file({"a": torch.ones(1)}, tmp_path / "bare.safetensors")
    with pytest.raises(CheckpointError, match="va-space convert"):
        load_stylegan2(tmp_path / "bare.safetensors")
    save_stylegan2(network, tmp_path / "cut.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "cut.safetensors").read_bytes()[:-10])
    with pytest.raises(CheckpointError, match="cannot be read as safetensors"):
        load_stylegan2(tmp_path / "cut.safetensors")
    for header in ("[1]", "{", '{"z_dim": []}'):
        save_file({"a": torch.ones(1)}, tmp_path / "odd.safetensors", metadata={"stylegan2": header})
        with pytest.raises(CheckpointError, match="odd"):
            load_stylegan2(tmp_path / "odd.safetensors")


def test_files_too_large_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("va_space.networks.stylegan2.checkpoint_pickle.MAX_BYTES", 10)
    (tmp_path / "large.pkl").write_bytes(pickletools.optimize(pickle.dumps("a long text")))
    with pytest.raises(CheckpointError, match="more than the limit of 10"):
        read_checkpoint_pickle(tmp_path / "large.pkl")
