"""Benchmark tasks by name: one module here is one task."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from va_space.registry import Registry

if TYPE_CHECKING:
    from va_space.benchmark.context import Context
    from va_space.benchmark.result import TaskResult

TASKS: "Registry[Callable[[Context], TaskResult]]" = Registry("benchmark task", "va_space.benchmark.tasks")
