"""Where the work is done: processes of this machine, or a Dask cluster that is there already.

On a cluster, every worker needs Doorman (`doorman[fleet]`) and the same folder.
"""

import contextlib
import functools
import itertools
from collections.abc import Iterable, Iterator

import dask
from distributed import Client, LocalCluster, as_completed

from core.setting_groups.fleet import FleetSettings
from hq.fleet import store_figures
from hq.fleet.figures import Run
from hq.fleet.store_figures import Batch, Task

# Tasks handed over for each that is being done: none waits for the next one, and what is
# under way stays small however long a day's list is.
_AHEAD = 2
_SPAWN = "distributed.nanny.pre-spawn-environ"
_TRIM = "MALLOC_TRIM_THRESHOLD_"
# What Dask does besides, for pages and for long-lived clusters that nobody here looks at.
_BESIDES = {
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.admin.system-monitor.interval": "10s",
}


@contextlib.contextmanager
def running(settings: FleetSettings) -> Iterator[Run]:
    """Workers until the end of the block, from the first task on."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def client() -> Client:
            address = settings.scheduler or stack.enter_context(_local(settings))
            return stack.enter_context(Client(address, set_as_default=False))

        def run(tasks: Iterable[Task]) -> Iterator[tuple[Task, Batch]]:
            ahead = iter(tasks)
            first = next(ahead, None)
            if first is not None:
                yield from _run(client(), itertools.chain([first], ahead))

        yield run


def _local(settings: FleetSettings) -> LocalCluster:
    # A worker gives memory back to the system whenever 64 KiB are free: half as much CPU
    # again. A store-day is small and always of one size, so there is nothing to give back.
    kept = {name: value for name, value in dask.config.get(_SPAWN).items() if name != _TRIM}
    with dask.config.set(_BESIDES | {_SPAWN: kept}):
        return LocalCluster(
            n_workers=settings.workers or None,
            threads_per_worker=1,
            host="127.0.0.1",
            # Others on this machine could have the workers run what they like: so TLS, with a
            # certificate for this once.
            security=True,
            # None would be port 8787, whether it is free or not.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
        )


def _run(client: Client, tasks: Iterable[Task]) -> Iterator[tuple[Task, Batch]]:
    remaining = iter(tasks)
    ahead = _AHEAD * max(len(client.nthreads()), 1)
    under_way: dict[str, Task] = {}
    results = as_completed(loop=client.loop)
    for task in itertools.islice(remaining, ahead):
        _submit(client, task, results, under_way)
    for done in results:
        task = under_way.pop(done.key)
        found = done.result()
        done.release()
        for following in itertools.islice(remaining, 1):
            _submit(client, following, results, under_way)
        yield task, found


def _submit(client: Client, task: Task, results: as_completed, under_way: dict[str, Task]) -> None:
    future = client.submit(store_figures.batch, task, pure=False)
    under_way[future.key] = task
    results.add(future)
