"""Builds network pickles the way public StyleGAN2 checkpoints are built.

In those a module is reduced to a call of ``torch_utils.persistence._reconstruct_persistent_obj`` with a
dictionary that brings the source text of its class along; the original runs that text when it is read.
"""

import io
import pickle
import sys
import types
from collections import OrderedDict

import numpy as np
from torch import nn

from va_space.networks.stylegan2.layers import SynthesisLayer, ToRGB

_PERSISTENCE = "torch_utils.persistence"


def reconstruct(meta):
    """Does what the original does: it runs the source text."""
    namespace: dict = {}
    exec(meta["module_src"], namespace)
    return namespace


class EasyDict(dict):
    """As in the original: a dictionary class of its own."""


reconstruct.__module__, reconstruct.__qualname__ = _PERSISTENCE, "_reconstruct_persistent_obj"
EasyDict.__module__ = "dnnlib.util"


class _Pickler(pickle.Pickler):
    def __init__(self, file, protocol, source, kwargs, layer_state):
        super().__init__(file, protocol)
        self.source, self.kwargs, self.layer_state = source, kwargs, layer_state

    def reducer_override(self, value):
        if not isinstance(value, nn.Module):
            return NotImplemented
        state = {
            "training": False,
            "_parameters": OrderedDict(value._parameters),
            "_buffers": OrderedDict(value._buffers),
            "_non_persistent_buffers_set": set(),
            "_backward_hooks": OrderedDict(),
            "_modules": OrderedDict(value._modules),
            "_init_args": (),
            "_init_kwargs": self.kwargs if type(value).__name__ == "StyleGAN2" else EasyDict(),
            # The original's attributes are numpy numbers here and there.
            "weight_gain": np.sqrt(2) / 3,
            "act_gain": np.float32(1.5),
            "padding": [0, 1],
            "_orig_class_name": None,
        }
        if isinstance(value, SynthesisLayer | ToRGB):
            state |= {"conv_clamp": value.clamp, **self.layer_state}
        meta = {
            "type": "class",
            "version": 6,
            "module_src": self.source,
            "class_name": "Generator" if type(value).__name__ == "StyleGAN2" else type(value).__name__,
            "state": state,
        }
        return reconstruct, (meta,)


def dumps(content, kwargs=None, *, source="", protocol=4, layer_state=None) -> bytes:
    """A pickle of a dictionary of modules.

    Args:
        content: Such as {"G": None, "D": None, "G_ema": network}.
        kwargs: The construction arguments of its StyleGAN2 network.
        source: The source text that the modules bring along.
        protocol: Of the pickle.
        layer_state: Further attributes of its synthesis layers; their conv_clamp always stands there.
    """
    modules = {
        "torch_utils": types.ModuleType("torch_utils"),
        _PERSISTENCE: types.ModuleType(_PERSISTENCE),
        "dnnlib": types.ModuleType("dnnlib"),
        "dnnlib.util": types.ModuleType("dnnlib.util"),
    }
    modules[_PERSISTENCE]._reconstruct_persistent_obj = reconstruct
    modules["dnnlib.util"].EasyDict = EasyDict
    file = io.BytesIO()
    sys.modules.update(modules)
    try:
        _Pickler(file, protocol, source, EasyDict(kwargs or {}), layer_state or {}).dump(content)
    finally:
        for name in modules:
            sys.modules.pop(name)
    return file.getvalue()


def loads_and_runs(data: bytes):
    """Read such a pickle the original, unsafe way."""
    module = types.ModuleType(_PERSISTENCE)
    module._reconstruct_persistent_obj = reconstruct
    sys.modules.update({"torch_utils": types.ModuleType("torch_utils"), _PERSISTENCE: module})
    tools = types.ModuleType("dnnlib.util")
    tools.EasyDict = EasyDict
    sys.modules.update({"dnnlib": types.ModuleType("dnnlib"), "dnnlib.util": tools})
    try:
        return pickle.loads(data)
    finally:
        for name in ("torch_utils", _PERSISTENCE, "dnnlib", "dnnlib.util"):
            sys.modules.pop(name)
