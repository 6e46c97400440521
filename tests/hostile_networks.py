"""Network files that were made to cost time or memory, to crash, or to write to the terminal.

Run as a program, it loads each at full size in a process of its own, and prints what that takes as a markdown
table: ``PYTHONPATH=. python tests/hostile_networks.py``. Tests take them small.
"""

import json
import math
import multiprocessing
import pickle
import pickletools
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from public_pickles import dumps
from safetensors.torch import save_file
from torch import nn

from va_space.networks.stylegan2.config import StyleGAN2Config
from va_space.networks.stylegan2.generator import StyleGAN2

ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\n\u202eneb"
MODULUS = 2**61 - 1  # of Python's hash of whole numbers


def tiny(**options) -> StyleGAN2:
    """A generator of 8 x 8 pixels."""
    torch.manual_seed(0)
    values = {"z_dim": 4, "w_dim": 4, "mapping_layers": 1, "channel_base": 32, "channel_max": 4, **options}
    return StyleGAN2(StyleGAN2Config(resolution=8, **values))


def public(layer_state=None, content=None, **changes) -> bytes:
    """A pickle of it with other construction arguments."""
    network = tiny()
    content = {"G_ema": network} if content is None else content
    return dumps(content, {**network.config.to_kwargs(), **changes}, layer_state=layer_state)


def safe(arguments: str | None = None, **changes) -> bytes:
    """The same as safetensors, with another header or other tensors."""
    network = tiny()
    state = {**network.state_dict(), **changes}
    header = json.dumps(network.config.to_kwargs()) if arguments is None else arguments
    with tempfile.TemporaryDirectory() as folder:
        save_file(state, Path(folder) / "n", metadata={"stylegan2": header})
        return (Path(folder) / "n").read_bytes()


def shared(levels: int) -> list:
    """A list that is small in a file and endless when written out."""
    value: list = []
    for _ in range(levels):
        value = [value, value]
    return value


def deep(levels: int) -> bytes:
    """The instructions of a list within a list within a list."""
    return b"]" * levels + b"a" * (levels - 1)


def named(name: str) -> nn.Module:
    """A module whose class has a name."""
    return type(name, (nn.Module,), {})()


def entry(value: bytes) -> bytes:
    """A pickle of a dictionary whose G is a value."""
    return b"\x80\x02}X\x01\x00\x00\x00G" + value + b"s."


def call(name: str, arguments: bytes) -> bytes:
    """The instructions of a call."""
    module, _, attribute = name.rpartition(".")
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n(" + arguments + b"tR"


def storage(count: int, data: int) -> bytes:
    """The instructions of a storage of so many numbers that has so many bytes."""
    start = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
    start += pickle.dumps({"protocol_version": 1001, "little_endian": True}, 2)
    reference = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpu"
    start += b"\x80\x02" + reference + pickle.dumps(count, 2)[2:-1] + b"NtQ." + pickle.dumps(["0"], 2)
    whole = start + struct.pack("<q", count) + bytes(data)
    return call("torch.storage._load_from_bytes", b"B" + struct.pack("<I", len(whole)) + whole)


def tensor(source: bytes, size: tuple, stride: tuple) -> bytes:
    """The instructions of a tensor."""
    numbers = b"K\x00" + b"".join(pickle.dumps(value, 2)[2:-1] for value in (size, stride))
    return call("torch._utils._rebuild_tensor_v2", source + numbers + b"\x89N")


def one_storage_many_names(count: int, size: int) -> bytes:
    """A network of tensors that are all the same numbers, by names that no network has."""
    first = tensor(storage(size // 4, size), (size // 4,), (1,)) + b"q\x01"
    entries = b"".join(b"X\x04\0\0\0" + b"%04d" % number + b"h\x01" for number in range(count))
    parameters = b"}(X\x05\0\0\0first" + first + entries + b"u"
    const = b"X\x12\0\0\0synthesis.b4.const" + b"h\x01"
    arguments = pickletools.optimize(pickle.dumps(tiny().config.to_kwargs(), 2))[2:-1]
    arguments = b"X\x0c\0\0\0_init_kwargs" + arguments
    state = (
        b"}(" + arguments + b"X\x0b\0\0\0_parameters" + parameters + b"X\x08\0\0\0_buffers}" + const + b"su"
    )
    description = b"}(X\x04\0\0\0typeX\x05\0\0\0classX\x0a\0\0\0class_nameX\x01\0\0\0GX\x05\0\0\0state"
    network = call("torch_utils.persistence._reconstruct_persistent_obj", description + state + b"u")
    return entry(network)


def nested(levels: int, size: int) -> bytes:
    """Storages within storages around so many bytes."""
    data = bytes(size)
    for _ in range(levels):
        data = b"\x80\x02" + call(
            "torch.storage._load_from_bytes", b"B" + struct.pack("<I", len(data)) + data
        )
        data += b"."
    return data


def number(value: int) -> bytes:
    """The instruction of a number."""
    return pickle.dumps(value, 2)[2:-1]


def colliding_memo(count: int) -> bytes:
    """Things remembered by numbers that Python hashes alike."""
    return b"N" + b"".join(b"p%d\n" % (index * MODULUS) for index in range(count)) + b"."


def wide(length: int) -> bytes:
    """The instruction of a text of which each character takes four bytes, though in the file one does."""
    return b"X" + struct.pack("<I", length + 4) + "\U0001f3b5".encode() + b"x" * length


def long_number(length: int) -> bytes:
    """The instruction of a number of so many bytes."""
    return b"\x8b" + struct.pack("<I", length) + b"\x7f" * length


#: By name: makes the file; of a part of the full size where that matters.
ATTACKS: dict[str, Callable[[float], bytes]] = {
    "shared lists as an argument": lambda part: public(z_dim=shared(80)),
    "shared lists as arguments' section": lambda part: public(synthesis_kwargs=shared(80)),
    "shared lists as a clamp": lambda part: public({"conv_clamp": shared(80)}),
    "nested pickles": lambda part: nested(40, int(50e6 * part)),
    "one storage, forty names": lambda part: one_storage_many_names(40, int(100e6 * part)),
    "one storage, a network of its size": lambda part: one_storage_many_names(400, int(100e6 * part)),
    "colliding numbers as keys": lambda part: entry(
        b"}(" + b"".join(number(i * MODULUS) + b"N" for i in range(int(60_000 * part))) + b"u"
    ),
    "colliding numbers in a set": lambda part: entry(
        b"\x8f(" + b"".join(number(i * MODULUS) for i in range(int(60_000 * part))) + b"\x90"
    ),
    "colliding numbers in the memo": lambda part: colliding_memo(int(30_000 * part)),
    "two million sets": lambda part: b"\x80\x04(" + b"\x8f" * int(2_000_000 * part) + b"l.",
    "two million numbers remembered": lambda part: b"\x80\x04(" + b"N\x94" * int(1_000_000 * part) + b"l.",
    "text that widens": lambda part: b"\x80\x02" + wide(int(400e6 * part)),
    "many texts that widen": lambda part: b"\x80\x02(" + wide(10**6) * int(400 * part),
    "a line without an end": lambda part: b"V" + b"x" * int(100e6 * part),
    "a number of 50 MB": lambda part: entry(long_number(int(50e6 * part))),
    "huge sizes": lambda part: public(w_dim=2**62, z_dim=2**62),
    "channels by the million": lambda part: public(
        synthesis_kwargs={"channel_base": 2**60, "channel_max": 2**60}
    ),
    "learning rate 10^400": lambda part: public(mapping_kwargs={"lr_multiplier": 10**400}),
    "learning rate 0": lambda part: public(mapping_kwargs={"lr_multiplier": 0.0}),
    "infinite decay": lambda part: public(mapping_kwargs={"w_avg_beta": math.inf}),
    "a clamp that is no number": lambda part: public({"conv_clamp": math.nan}),
    "a clamp by argument that is no number": lambda part: safe(
        json.dumps({**tiny().config.to_kwargs(), "synthesis_kwargs": {"conv_clamp": math.nan}})
    ),
    "layers clamped differently": lambda part: public({"conv_clamp": "256"}),
    "an array as an argument": lambda part: public(
        synthesis_kwargs={"resample_filter": torch.ones(4).numpy()}
    ),
    "a tensor as an argument": lambda part: public(img_resolution=torch.ones(2)),
    "numbers as names of arguments": lambda part: public(**{"mapping_kwargs": {1: 2}}),
    "deep lists": lambda part: entry(deep(int(100_000 * part))),
    "nothing": lambda part: b"N.",
    "no size that overflows": lambda part: entry(tensor(storage(4, 16), (0, 2**39, 2**39), (1, 1, 1))),
    "an array of no size that overflows": lambda part: entry(
        call("numpy.core.multiarray._reconstruct", b"cnumpy\nndarray\nK\x00\x85C\x01b")
        + b"(K\x01K\x00" + number(2**39) + number(2**39) + b"\x87"
        + call("numpy.dtype", b"X\x02\0\0\0f8\x89\x88") + b"\x89C\x00tb"
    ),
    "deep JSON": lambda part: safe("[" * 100_000),
    "deep JSON in an argument": lambda part: safe('{"z_dim": ' + "[" * 50_000 + "]" * 50_000 + "}"),
    "a long number in JSON": lambda part: safe('{"z_dim": ' + "9" * 100_000 + "}"),
    "a long header": lambda part: struct.pack("<Q", int(50e6 * part)) + b"{" + b" " * int(50e6 * part),
    "float8": lambda part: safe(**{"mapping.w_avg": torch.zeros(4).to(torch.float8_e4m3fn)}),
    "whole numbers": lambda part: safe(**{"mapping.w_avg": torch.zeros(4, dtype=torch.int64)}),
    "float64 beyond float32": lambda part: safe(
        **{"mapping.w_avg": torch.full((4,), 1e300, dtype=torch.float64)}
    ),
    "not finite": lambda part: safe(**{"mapping.w_avg": torch.full((4,), math.inf)}),
    "escapes in a name of a network": lambda part: public(content={ESCAPES: tiny()}),
    "escapes in a class": lambda part: public(content={"G": named(ESCAPES)}),
    "escapes in an argument": lambda part: public(**{ESCAPES: 1}),
    "escapes in a value": lambda part: public(z_dim=ESCAPES),
    "escapes in a global": lambda part: b"c" + ESCAPES.replace("\n", "").encode() + b"\nx\n.",
    "escapes in a tensor's name": lambda part: safe(**{ESCAPES: torch.zeros(1)}),
    "escapes in JSON": lambda part: safe(json.dumps({"architecture": ESCAPES, ESCAPES: 1})),
    "a long name of a network": lambda part: public(content={"n" * int(5e6 * part): None}),
    "a long class": lambda part: public(content={"G": named("C" * int(5e6 * part))}),
    "a long argument": lambda part: public(**{"a" * int(5e6 * part): 1}),
    "a long value": lambda part: public(z_dim="z" * int(5e6 * part)),
    "a long global": lambda part: b"c" + b"m" * int(5e6 * part) + b"\nx\n.",
    "a long tensor's name": lambda part: safe(**{"t" * int(9e5 * part): torch.zeros(1)}),
}  # fmt: skip


def load(path: Path) -> str:
    """What loading a file says: "" if it succeeds."""
    from va_space.errors import CheckpointError
    from va_space.networks.stylegan2.files import load_stylegan2

    try:
        load_stylegan2(path)
    except CheckpointError as error:
        return str(error).removeprefix(f"{path}: ")
    return ""


def measured(path: Path) -> tuple[str, float, float]:
    """What loading says, its processor time in seconds, and the memory in MiB that it takes (Linux)."""
    from va_space.networks.stylegan2.files import load_stylegan2  # noqa: F401

    Path("/proc/self/clear_refs").write_text("5")
    before, start = _memory("VmRSS"), time.process_time()
    message = load(path)
    return message, time.process_time() - start, _memory("VmHWM") - before


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def main() -> None:
    """Print the table."""
    print("| | MB | s | MiB beyond the file | what is said |\n|---|--:|--:|--:|---|")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        for name, make in ATTACKS.items():
            path = Path(folder) / "network"
            path.write_bytes(make(1.0))
            size = path.stat().st_size
            with multiprocessing.get_context("fork").Pool(1) as pool:
                message, seconds, memory = pool.apply(measured, (path,))
            row = f"| {name} | {size / 1e6:.3g} | {seconds:.2f} | {max(0.0, memory - size / 2**20):.0f} |"
            print(row, message[:100], "|", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
