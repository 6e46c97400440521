"""Reads public network pickles without running anything in them.

A pickle is a program for a small machine, and Python's machine calls whatever the program names. The machine
here has no call: of the opcodes it knows those that build plain values, and instead of calling a named thing
it looks the name up among the few of :mod:`va_space.networks.stylegan2.pickled_values`, which are written
for this purpose. Every other name ends the reading with an error.
"""

import io
import pickletools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from va_space.errors import CheckpointError
from va_space.networks.stylegan2.pickled_values import (
    NAMES,
    Budget,
    Constructor,
    RefusedError,
    Storage,
    read_storage,
)

MAX_BYTES = 4 * 2**30
# A network has some ten thousand; each makes at most a small object.
MAX_OPERATIONS = 2_000_000

_MARK = object()
_DAMAGED = (
    *(ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, EOFError),
    RecursionError,  # storages within storages
)

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


def read_checkpoint_pickle(path: str | Path) -> Any:
    """Read a pickle of networks as plain values.

    Args:
        path: The file.

    Returns:
        Numbers, strings, bytes, lists, tuples, sets and dictionaries; for modules and tensors
        :class:`~va_space.networks.stylegan2.pickled_values.PickledModule` and
        :class:`~va_space.networks.stylegan2.pickled_values.PickledTensor`.

    Raises:
        CheckpointError: The file is missing, damaged or too large, or asks for anything else than networks
            and tensors. Nothing in it has been run.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CheckpointError(f"{path}: {size:,} bytes are more than the limit of {MAX_BYTES:,}")
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror or error})") from error
    if data.startswith(b"PK\x03\x04"):
        raise CheckpointError(f"{path}: a zip archive (as torch.save writes), not a pickle of networks")
    try:
        return _run(io.BytesIO(data), Budget(MAX_OPERATIONS, MAX_BYTES))
    except RefusedError as error:
        raise CheckpointError(f"{path}: refused, {error}. Nothing in it was run") from error
    except _DAMAGED as error:
        raise CheckpointError(f"{path}: not a pickle of networks, or damaged ({error})") from error


def _run(stream: io.BytesIO, budget: Budget, persistent: Callable[[Any], Any] | None = None) -> Any:
    """Run one pickle up to its STOP.

    Args:
        stream: Where to read; is left behind the STOP.
        budget: What is left of operations and bytes.
        persistent: Resolves persistent ids; None refuses them.
    """
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    instructions: Iterator[tuple[pickletools.OpcodeInfo, Any, Any]] = pickletools.genops(stream)
    for opcode, argument, position in instructions:
        budget.operation()
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
            memo[len(memo) if name == "MEMOIZE" else argument] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name == "POP":
            stack.pop()
        elif name == "POP_MARK":
            _to_mark(stack)
        elif name == "DUP":
            stack.append(stack[-1])
        elif name in _TUPLES:
            stack[-_TUPLES[name] :] = [tuple(_top(stack, _TUPLES[name]))]
        elif name == "TUPLE":
            stack.append(tuple(_to_mark(stack)))
        elif name == "LIST":
            stack.append(_to_mark(stack))
        elif name == "DICT":
            stack.append(dict(_pairs(_to_mark(stack))))
        elif name == "FROZENSET":
            stack.append(frozenset(_key(item) for item in _to_mark(stack)))
        elif name == "APPEND":
            item = stack.pop()
            _instance(stack[-1], list).append(item)
        elif name == "APPENDS":
            items = _to_mark(stack)
            _instance(stack[-1], list).extend(items)
        elif name == "SETITEM":
            pair = _top(stack, 2)
            del stack[-2:]
            _instance(stack[-1], dict).update(_pairs(pair))
        elif name == "SETITEMS":
            items = _to_mark(stack)
            _instance(stack[-1], dict).update(_pairs(items))
        elif name == "ADDITEMS":
            items = _to_mark(stack)
            _instance(stack[-1], set).update(_key(item) for item in items)
        elif name == "GLOBAL":
            module, _, attribute = argument.partition(" ")
            stack.append(_named(module, attribute))
        elif name == "STACK_GLOBAL":
            module, attribute = _top(stack, 2)
            stack[-2:] = [_named(_instance(module, str), _instance(attribute, str))]
        elif name in ("REDUCE", "NEWOBJ"):
            constructor, arguments = _top(stack, 2)
            stack[-2:] = [_construct(constructor, _instance(arguments, tuple), budget)]
        elif name == "BUILD":
            target, state = _top(stack, 2)
            stack[-2:] = [_build(target, state, budget)]
        elif name == "BINPERSID" and persistent is not None:
            stack[-1] = persistent(stack[-1])
        elif name == "STOP":
            break
        else:
            raise RefusedError(f"it holds the instruction {name} at byte {position}")
    (result,) = stack
    return result


def _load_from_bytes(budget: Budget, data: Any) -> Storage:
    return read_storage(data, lambda stream, resolve: _run(stream, budget, resolve))


_NAMES = {**NAMES, "torch.storage._load_from_bytes": Constructor(_load_from_bytes)}


def _named(module: str, attribute: str) -> Any:
    try:
        return _NAMES[f"{module}.{attribute}"]
    except KeyError:
        raise RefusedError(f"it asks for {f'{module}.{attribute}'[:200]!r}, which no network needs") from None


def _construct(constructor: Any, arguments: tuple[Any, ...], budget: Budget) -> Any:
    if not isinstance(constructor, Constructor):
        raise RefusedError(f"it calls something that cannot be called, {type(constructor).__name__}")
    return constructor.make(budget, *arguments)


def _build(target: Any, state: Any, budget: Budget) -> Any:
    if isinstance(target, dict):
        return target  # attributes of a dictionary, such as a state dict's metadata
    if not hasattr(target, "with_state"):
        raise RefusedError(f"it sets the state of something that has none, {type(target).__name__}")
    return target.with_state(budget, state)


def _top(stack: list[Any], count: int) -> list[Any]:
    items = stack[-count:]
    if len(items) < count or any(item is _MARK for item in items):
        raise ValueError("the stack runs empty")
    return items


def _to_mark(stack: list[Any]) -> list[Any]:
    for index in range(len(stack) - 1, -1, -1):
        if stack[index] is _MARK:
            items = stack[index + 1 :]
            del stack[index:]
            return items
    raise ValueError("no mark on the stack")


def _pairs(items: list[Any]) -> Iterator[tuple[Any, Any]]:
    if len(items) % 2:
        raise ValueError("a key without a value")
    return ((_key(key), value) for key, value in zip(items[::2], items[1::2], strict=True))


def _key(value: Any) -> Any:
    # Hashing a deeply nested tuple can take for ever or overflow the C stack.
    if value is not None and not isinstance(value, str | bytes | int | float):
        raise ValueError(f"a {type(value).__name__} as a key")
    return value


def _instance(value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{type(value).__name__} where {kind.__name__} is expected")
    return value
