"""What a network pickle may hold besides plain values, as inert records, and the names it may ask for."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from va_space.networks.stylegan2.budget import Budget, DamagedError
from va_space.networks.stylegan2.pickle_source import PickleSource
from va_space.text import shown

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001  # of torch.save's legacy format
_STORAGES = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}


@dataclass(frozen=True)
class PickledModule:
    """A network module that was not made.

    Attributes:
        class_name: Name of its class.
        state: Its attributes: _parameters, _buffers, _modules, _init_args, _init_kwargs, ...
    """

    class_name: str
    state: Mapping[str, Any]


@dataclass
class Storage:
    """Numbers of a tensor.

    Attributes:
        dtype: Their type.
        count: How many.
        data: Their bytes, once they have been read.
    """

    dtype: torch.dtype
    count: int
    data: memoryview | None = None


@dataclass(frozen=True)
class PickledTensor:
    """A tensor that was not made yet: a view of a storage."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def numbers(self) -> Tensor:
        """The numbers; a view of the file where there are any.

        Raises:
            DamagedError: The storage has none.
        """
        storage = self.storage
        if storage.data is None:
            raise DamagedError("there is a tensor without numbers")
        if not math.prod(self.size):
            return torch.empty(self.size, dtype=storage.dtype)
        data = bytearray(storage.data) if storage.data.readonly else storage.data
        whole = torch.frombuffer(data, dtype=storage.dtype)
        return whole.as_strided(self.size, self.stride, self.offset)


@dataclass(frozen=True)
class Constructor:
    """What stands for a name that a pickle may call.

    Attributes:
        make: Called with the budget and the pickled arguments; raises an error if they are not
            what they should be.
    """

    make: Callable[..., Any]


@dataclass(frozen=True)
class NumberType:
    """A numpy dtype of plain numbers, such as "<f8"."""

    code: str

    def with_state(self, budget: Budget, state: Any) -> "NumberType":
        """The byte order that is pickled beside the type."""
        order = _checked(_checked(state, tuple)[1], str)
        if order not in ("<", ">", "=", "|"):
            raise DamagedError(f"there is a byte order {shown(order)}")
        return replace(self, code=order + self.code.lstrip("<>=|"))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type itself."""
        return np.dtype(self.code)


@dataclass(frozen=True)
class EmptyArray:
    """A numpy array whose numbers are still to come."""

    def with_state(self, budget: Budget, state: Any) -> np.ndarray:
        """The array: (version, shape, type, Fortran order, bytes) as numpy pickles it."""
        _, shape, kind, fortran, data = _checked(state, tuple)
        shape = _sizes(shape)
        kind, data = _checked(kind, NumberType).dtype, _checked(data, bytes | memoryview)
        if math.prod(shape) * kind.itemsize != len(data):
            raise DamagedError("there is an array whose bytes do not fit its shape")
        return np.frombuffer(data, kind).reshape(shape, order="F" if fortran else "C")


def read_storage(
    data: Any, budget: Budget, run: Callable[[PickleSource, Callable[[Any], Any]], Any]
) -> Storage:
    """A storage as torch.save's legacy format holds it: five pickles, then the numbers.

    Args:
        data: All of it, bytes or a view of them; the storage refers to it.
        budget: What is left of it.
        run: Reads one pickle from a source, given what resolves persistent ids.

    Raises:
        DamagedError: The format is another, or numbers are missing.
    """
    view = memoryview(_checked(data, bytes | memoryview))
    source, storages = PickleSource(view, budget), dict[str, Storage]()

    def resolve(reference: Any) -> Storage:
        kind, dtype, key, _, count, *rest = _checked(reference, tuple)
        if kind != "storage" or rest not in ([], [None]):
            raise DamagedError("there is a reference to something else than a storage")
        storage = Storage(_checked(dtype, torch.dtype), _whole(count))
        return storages.setdefault(_checked(key, str), storage)

    magic, protocol, system = (run(source, resolve) for _ in range(3))
    if (magic, protocol) != (_MAGIC, _PROTOCOL) or _checked(system, dict).get("little_endian") is not True:
        raise DamagedError("there are numbers in another format than torch's")
    result, keys = _checked(run(source, resolve), Storage), _checked(run(source, resolve), list)
    start = source.position
    for key in keys:
        storage = storages[_checked(key, str)]
        count = int.from_bytes(view[start : start + 8], "little", signed=True)
        start, end = start + 8, start + 8 + storage.count * storage.dtype.itemsize
        if count != storage.count or end > len(view):
            raise DamagedError("there is a storage with fewer numbers than announced")
        storage.data, start = view[start:end], end
    if result.data is None:
        raise DamagedError("there is a storage without numbers")
    return result


def _checked(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind):
        raise DamagedError("something stands where another kind of value is expected")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**40:
        raise DamagedError("there is a count that is none")
    return value


def _sizes(values: Any) -> tuple[int, ...]:
    if len(_checked(values, tuple)) > 8:
        raise DamagedError("there is a tensor of too many dimensions")
    return tuple(_whole(value) for value in values)


def _last(offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> int:
    """Place of a tensor's last number in its storage."""
    return offset + sum((count - 1) * step for count, step in zip(size, stride, strict=True))


def _module(budget: Budget, description: Any) -> PickledModule:
    if _checked(description, dict).get("type") != "class":
        raise DamagedError("there is a persistent object that is not a class")
    # Its source text, under module_src, stays text.
    return PickledModule(
        _checked(description.get("class_name"), str), _checked(description.get("state"), dict)
    )


def _tensor(budget: Budget, storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> PickledTensor:
    tensor = PickledTensor(_checked(storage, Storage), _whole(offset), _sizes(size), _sizes(stride))
    if len(tensor.size) != len(tensor.stride):
        raise DamagedError("there is a tensor with more sizes than strides")
    count = math.prod(tensor.size)
    last = _last(tensor.offset, tensor.size, tensor.stride)
    if count and (count > tensor.storage.count or last >= tensor.storage.count):
        raise DamagedError("there is a tensor that is larger than its storage")
    return tensor


def _parameter(budget: Budget, data: Any, *_: Any) -> PickledTensor:
    return _checked(data, PickledTensor)


def _dictionary(budget: Budget, *arguments: Any) -> dict[Any, Any]:
    if arguments:
        raise DamagedError("there is a dictionary with arguments")
    return {}


def _set(budget: Budget, items: Any) -> set[Any]:
    budget.spend(len(_checked(items, list)) * 64)
    if not all(isinstance(item, str) for item in items):
        raise DamagedError("there is a set of other things than names")
    return set(items)


def _encoded(budget: Budget, text: Any, encoding: Any) -> bytes:
    if encoding != "latin1":
        raise DamagedError(f"there is text in the encoding {shown(encoding)}")
    budget.spend(len(_checked(text, str)))
    return text.encode("latin1")


def _number_type(budget: Budget, code: Any, *_: Any) -> NumberType:
    if _checked(code, str).lstrip("<>=|") not in {"b1", *(f"{k}{n}" for k in "iuf" for n in (1, 2, 4, 8))}:
        raise DamagedError(f"there are numbers of the type {shown(code)}")
    return NumberType(code)


def _number(budget: Budget, kind: Any, data: Any) -> float | int | bool:
    dtype = _checked(kind, NumberType).dtype
    if len(_checked(data, bytes)) != dtype.itemsize:
        raise DamagedError("there is a number of the wrong length")
    return np.frombuffer(data, dtype)[0].item()


def _array(budget: Budget, *_: Any) -> EmptyArray:
    return EmptyArray()


_NUMPY = ("numpy.core.multiarray", "numpy._core.multiarray")  # before and since numpy 2

#: By the names of public pickles: what may be called, and types that are only named (any plain value).
NAMES: Mapping[str, Any] = {
    "torch_utils.persistence._reconstruct_persistent_obj": Constructor(_module),
    "torch._utils._rebuild_tensor_v2": Constructor(_tensor),
    "torch._utils._rebuild_parameter": Constructor(_parameter),
    "collections.OrderedDict": Constructor(_dictionary),
    "dnnlib.util.EasyDict": Constructor(_dictionary),
    "builtins.set": Constructor(_set),
    "__builtin__.set": Constructor(_set),
    "_codecs.encode": Constructor(_encoded),
    "numpy.dtype": Constructor(_number_type),
    "numpy.ndarray": "numpy.ndarray",
    **{f"{package}.scalar": Constructor(_number) for package in _NUMPY},
    **{f"{package}._reconstruct": Constructor(_array) for package in _NUMPY},
    **{f"torch.{name}": dtype for name, dtype in _STORAGES.items()},
}
