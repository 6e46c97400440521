"""The verbs of ``va-space``, one file each, which import what they need when they run: help is quick."""

from collections.abc import Callable

from va_space.registry import Registry

VERBS: Registry[Callable[..., None]] = Registry("verb", "va_space.commands")
"""The verbs: the files of ``va_space/commands``, and the entry point group ``va_space.verbs``.

A verb is a function as typer takes it; its name on the command line is the name under which it is
registered, and its docstring is the help.
"""
