"""Parts made by a Ray Data job: many processes, here or on a cluster, each with the model.

Each worker writes its parts where they belong, and only their numbers travel back. When a worker dies, Ray
starts another one and gives it the part that was in hand; when the whole job dies, the parts stay.
"""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from va_space.encoders.config import SpaceConfig
from va_space.encoders.model import SpaceModel
from va_space.errors import MissingExtraError
from va_space.export.parts import Part, Work
from va_space.space import VASpace


class _Worker:
    """A process of Ray's: the model, and parts one after the other."""

    def __init__(self, model: Any, options: dict[str, Any]) -> None:
        import ray

        config, state = ray.get(model)
        networks = SpaceModel(SpaceConfig.from_dict(config))
        networks.load_state_dict(state)
        space = VASpace(networks, fingerprint=options.pop("fingerprint"), precision=options.pop("precision"))
        self._work = Work(space, **options)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        part: Part = pickle.loads(row["part"])  # made by the job itself
        self._work.write(part, self._work.encode(part.sources))
        return {"number": row["number"]}


def run_on_ray(
    work: Work, todo: Sequence[Part], workers: int | None, advance: Callable[[int], None]
) -> Iterator[Part]:
    """Write parts.

    Ray is used as it is if it runs in this process already; else the cluster that ``RAY_ADDRESS`` names is
    joined, or one is started on this machine and ended afterwards, without Ray's usage statistics.

    Args:
        work: How; its model is copied to the workers.
        todo: What to write.
        workers: Processes with the model; None takes one for each GPU of the cluster, or else each CPU.
        advance: Called with the number of inputs of each part that is done.

    Yields:
        Each part when it is finished, in no particular order.

    Raises:
        MissingExtraError: Ray is not installed.
    """
    if not todo:
        return
    with _ray_session(workers) as ray:
        resources = ray.cluster_resources()
        gpus = int(resources.get("GPU", 0))
        workers = workers or gpus or int(resources.get("CPU", 1))
        space = work.space
        state = {name: value.cpu() for name, value in space.model.state_dict().items()}
        options = {
            "fingerprint": space.fingerprint,
            "precision": space.precision,
            "folder": work.folder,
            "windows": work.windows,
            "batch_size": work.batch_size,
        }
        rows = [{"number": number, "part": pickle.dumps(part)} for number, part in enumerate(todo)]
        done = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
            _Worker,
            fn_constructor_args=(ray.put((space.config.to_dict(), state)), options),
            compute=ray.data.ActorPoolStrategy(size=min(workers, len(todo))),
            num_cpus=None if gpus else 1,
            num_gpus=1 if gpus else None,
        )
        done.context.enable_progress_bars = False  # there is our own
        done.context.print_on_execution_start = False
        done.context.execution_no_progress_timeout_s = -1  # a part of long recordings takes its time
        for row in done.iter_rows():
            part = todo[row["number"]]
            advance(len(part.sources))
            yield part


@contextmanager
def _ray_session(workers: int | None) -> Iterator[Any]:
    """Ray, with no setting of this process changed afterwards."""
    environment = dict(os.environ)
    on_end = signal.getsignal(signal.SIGTERM)
    try:
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise MissingExtraError("--engine ray", "ray") from error
        ours = not ray.is_initialized()
        if ours:
            os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # inherited by all of Ray's processes
            cpus = None if "RAY_ADDRESS" in os.environ else workers
            ray.init(num_cpus=cpus, include_dashboard=False, log_to_driver=False, configure_logging=False)
        try:
            yield ray
        finally:
            if ours:
                ray.shutdown()
    finally:
        os.environ.clear()
        os.environ.update(environment)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_end)
