"""Reads public network pickles without running anything in them.

A pickle is a program for a small machine, and Python's machine calls whatever the program names. The machine
here has no call: of the opcodes it knows those that build plain values, and instead of calling a named thing
it looks the name up among the few of :mod:`va_space.networks.stylegan2.pickled_values`, which are written
for this purpose. Every other name ends the reading with an error. What it builds is charged to a budget.
"""

import pickletools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from va_space.errors import CheckpointError
from va_space.networks.stylegan2.budget import MAX_MEMORY, Budget, DamagedError, RefusedError
from va_space.networks.stylegan2.pickle_source import PickleSource
from va_space.networks.stylegan2.pickled_values import NAMES, Constructor, Storage, read_storage
from va_space.text import shown

MAX_BYTES = 4 * 2**30

_MARK = object()

_CONSTANT = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
}
_NEW: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": set,
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_TENSORFLOW = ("dnnlib.tflib.", "tensorflow.", "tfutil.", "network.Network")


def read_checkpoint_pickle(path: str | Path) -> Any:
    """Read a pickle of networks as plain values.

    Args:
        path: The file.

    Returns:
        Numbers, strings, bytes (views of them where they are long), lists, tuples, sets and dictionaries with
        strings as keys; for modules and tensors
        :class:`~va_space.networks.stylegan2.pickled_values.PickledModule` and
        :class:`~va_space.networks.stylegan2.pickled_values.PickledTensor`.

    Raises:
        CheckpointError: The file is missing, damaged or too large, or asks for anything else than networks
            and tensors. Nothing in it has been run.
    """
    path = Path(path)
    budget = Budget(MAX_MEMORY)
    source = PickleSource(_contents(path), budget)
    try:
        return _run(source, budget, _OUTER_NAMES)
    except RefusedError as error:
        raise CheckpointError(f"{path}: refused, {error}. Nothing in it was run") from error
    # Whatever pickletools, numpy or Python raise over a stranger's bytes, the file is damaged.
    except Exception as error:
        reason = f"{error}, " if isinstance(error, DamagedError) else ""
        where = f"{reason}at byte {source.position:,}"
        raise CheckpointError(f"{path}: not a pickle of networks, or damaged ({where})") from error


def _contents(path: Path) -> memoryview:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CheckpointError(f"{path}: {size:,} bytes are more than the limit of {MAX_BYTES:,}")
        data = bytearray(size)
        with path.open("rb") as file:
            return memoryview(data)[: file.readinto(data)]
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror or shown(error)})") from error


def _run(
    source: PickleSource,
    budget: Budget,
    names: Mapping[str, Any],
    persistent: Callable[[Any], Any] | None = None,
) -> Any:
    """Run one pickle up to its STOP.

    Args:
        source: Where to read; is left behind the STOP.
        budget: What is left of it.
        names: What the pickle may ask for.
        persistent: Resolves persistent ids; None refuses them.
    """
    stack: list[Any] = []
    memo: list[Any] = []
    instructions: Iterator[tuple[pickletools.OpcodeInfo, Any, Any]] = pickletools.genops(
        cast(IO[bytes], source)
    )
    for opcode, argument, position in instructions:
        name = opcode.name
        if name in _CONSTANT:
            stack.append(argument)
        elif name in _NEW:
            stack.append(_NEW[name]())
        elif name == "MARK":
            stack.append(_MARK)
        elif name in ("PROTO", "FRAME"):
            pass
        elif name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            _remember(memo, len(memo) if argument is None else argument, stack[-1])
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[_index(argument, len(memo))])
        elif name == "POP":
            stack.pop()
        elif name == "POP_MARK":
            _to_mark(stack)
        elif name == "DUP":
            stack.append(stack[-1])
        elif name in _TUPLES:
            stack.append(tuple(_pop(stack, _TUPLES[name])))
        elif name == "TUPLE":
            stack.append(tuple(_to_mark(stack)))
        elif name == "LIST":
            stack.append(_to_mark(stack))
        elif name == "DICT":
            stack.append(dict(_pairs(_to_mark(stack))))
        elif name == "FROZENSET":
            stack.append(frozenset(_strings(_to_mark(stack))))
        elif name in ("APPEND", "APPENDS"):
            items = _pop(stack, 1) if name == "APPEND" else _to_mark(stack)
            _instance(stack[-1], list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = _pop(stack, 2) if name == "SETITEM" else _to_mark(stack)
            _instance(stack[-1], dict).update(_pairs(items))
        elif name == "ADDITEMS":
            items = _to_mark(stack)
            _instance(stack[-1], set).update(_strings(items))
        elif name == "GLOBAL":
            stack.append(_named(names, *argument.split(" ", 1)))
        elif name == "STACK_GLOBAL":
            stack.append(_named(names, *_strings(_pop(stack, 2))))
        elif name in ("REDUCE", "NEWOBJ"):
            constructor, arguments = _pop(stack, 2)
            stack.append(_construct(constructor, _instance(arguments, tuple), budget))
        elif name == "BUILD":
            target, state = _pop(stack, 2)
            stack.append(_build(target, state, budget))
        elif name == "BINPERSID" and persistent is not None:
            stack.append(persistent(*_pop(stack, 1)))
        elif name == "STOP":
            break
        else:
            raise RefusedError(f"it holds the instruction {name} at byte {position:,}")
    if len(stack) != 1:
        raise DamagedError("it has not one result")
    return _pop(stack, 1)[0]


def _load_from_bytes(budget: Budget, data: Any) -> Storage:
    # A storage names nothing but its type: within it there are no further storages.
    def run(source: PickleSource, resolve: Callable[[Any], Any]) -> Any:
        return _run(source, budget, NAMES, resolve)

    return read_storage(data, budget, run)


_OUTER_NAMES = {**NAMES, "torch.storage._load_from_bytes": Constructor(_load_from_bytes)}


def _named(names: Mapping[str, Any], module: str, attribute: str = "") -> Any:
    name = f"{module}.{attribute}"
    if name in names:
        return names[name]
    if name.startswith(_TENSORFLOW):
        raise RefusedError(
            "it was made with TensorFlow, NVlabs' original format: turn it into a PyTorch network with "
            "legacy.py of NVlabs' stylegan2-ada-pytorch, and give that"
        )
    raise RefusedError(f"it asks for '{shown(name, 200)}', which no network needs")


def _construct(constructor: Any, arguments: tuple[Any, ...], budget: Budget) -> Any:
    if not isinstance(constructor, Constructor):
        raise RefusedError("it calls something that cannot be called")
    return constructor.make(budget, *arguments)


def _build(target: Any, state: Any, budget: Budget) -> Any:
    if isinstance(target, dict):
        return target  # attributes of a dictionary, such as a state dict's metadata
    if not hasattr(target, "with_state"):
        raise RefusedError("it sets the state of something that has none")
    return target.with_state(budget, state)


def _pop(stack: list[Any], count: int) -> list[Any]:
    items = stack[-count:]
    if len(items) < count or any(item is _MARK for item in items):
        raise DamagedError("the stack runs empty")
    del stack[-count:]
    return items


def _to_mark(stack: list[Any]) -> list[Any]:
    for index in range(len(stack) - 1, -1, -1):
        if stack[index] is _MARK:
            items = stack[index + 1 :]
            del stack[index:]
            return items
    raise DamagedError("there is no mark on the stack")


def _remember(memo: list[Any], index: int, value: Any) -> None:
    # Every pickler counts upwards; a dictionary of chosen numbers could be made slow.
    _index(index, len(memo) + 1)
    memo[index : index + 1] = [value]


def _index(index: int, count: int) -> int:
    if not 0 <= index < count:
        raise DamagedError("it remembers things out of order")
    return index


def _pairs(items: list[Any]) -> Iterator[tuple[str, Any]]:
    if len(items) % 2:
        raise DamagedError("there is a key without a value")
    return zip(_strings(items[::2]), items[1::2], strict=True)


def _strings(items: Iterable[Any]) -> list[str]:
    # Numbers as keys can be chosen so that a dictionary is slow, nested tuples so that hashing them is.
    return [_instance(item, str) for item in items]


def _instance(value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise DamagedError(f"something else stands where a {kind.__name__} is expected")
    return value
