"""How much memory is free, and whether a model has room in it."""

from pathlib import Path

import torch

from va_space.errors import ResourceError

_MARGIN = 1.25  # what a model takes while it loads and computes, of its weights' size
_CGROUP = Path("/sys/fs/cgroup")


def check_memory(name: str, wanted: int, device: torch.device) -> None:
    """Raise if a model has no room.

    Args:
        name: For people.
        wanted: Bytes of its weights.
        device: Where it shall lie.

    Raises:
        ResourceError: It wants more than is free; the message says how much of each.
    """
    free = free_memory(device)
    if free is not None and wanted * _MARGIN > free:
        where = "" if device.type == "cpu" else f" on {device}"
        raise ResourceError(
            f"{name} wants about {wanted * _MARGIN / 1e9:.1f} GB of memory, {wanted / 1e9:.1f} GB of it for "
            f"its weights, and {free / 1e9:.1f} GB are free{where}: close programs, or name a smaller model"
        )


def free_memory(device: torch.device) -> int | None:
    """Free bytes on a device; None if it cannot be known."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type != "cpu":
        return None
    import psutil

    free = int(psutil.virtual_memory().available)
    room = _room_in_container()
    return free if room is None else min(free, room)


def _room_in_container() -> int | None:
    """What a container's limit leaves, without the cache of files, which gives way; None without a limit."""
    try:
        limit, used = (int((_CGROUP / name).read_text()) for name in ("memory.max", "memory.current"))
        lines = (_CGROUP / "memory.stat").read_text().splitlines()
        cache = sum(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
    except (OSError, ValueError):
        return None
    return max(0, limit - used + cache)
