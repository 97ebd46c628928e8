"""The same work in processes of this machine, and on a cluster that is there already."""

import socket
import subprocess
import sys

import pytest
import sqlalchemy as sa
from distributed import Client

from core.setting_groups.fleet import FleetSettings
from hq.fleet import cluster, figures
from hq.models.region_day import RegionDay
from tests.hq.fleet.visits import DAY, event, here, land


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """A cluster of one worker, as an operator would start it."""
    address = f"tcp://127.0.0.1:{free_port()}"
    start = (sys.executable, "-m", "distributed.cli.dask_scheduler")
    parts = [
        subprocess.Popen(
            [*start, "--host", "127.0.0.1", "--port", address.rsplit(":", 1)[1], "--no-dashboard"],
            stderr=subprocess.DEVNULL,
        ),
        subprocess.Popen(
            [
                *(sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny"),
                *("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"),
                *("--local-directory", str(tmp_path_factory.mktemp("worker"))),
            ],
            stderr=subprocess.DEVNULL,
        ),
    ]
    try:
        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
        yield address
    finally:
        # Without its scheduler, a worker would look for it for a while.
        for part in reversed(parts):
            part.terminate()
            part.wait(60)


@pytest.fixture
def expected(settings, database):
    for number in range(5):
        land(settings, "North", event(f"store-{number}"))
    list(figures.bring_up_to_date(settings, database, [DAY], here))
    return rows(database)


def rows(database):
    with database.reading() as session:
        return [
            (row.region, row.stores, row.visitors, row.dwell_median_s, row.data)
            for row in session.scalars(sa.select(RegionDay).order_by(RegionDay.region))
        ]


def counted_by(settings, database, fleet):
    with cluster.running(fleet) as run:
        list(figures.bring_up_to_date(settings, database, [DAY], run, again=True))
    return rows(database)


def test_workers_of_this_machine_find_the_same(settings, database, expected):
    fleet = FleetSettings(workers=1)

    assert counted_by(settings, database, fleet) == expected


def test_a_cluster_that_is_there_finds_the_same(settings, database, expected, scheduler):
    fleet = FleetSettings(scheduler=scheduler)

    assert counted_by(settings, database, fleet) == expected


@pytest.mark.usefixtures("expected")
def test_a_file_that_cannot_be_read_is_left_out_and_named_each_night(settings, database, scheduler):
    [path] = (settings.data_dir / "fleet").glob("landed/*/*/store-3.parquet")
    whole = path.read_bytes()
    path.write_bytes(b"no rows")
    stores = []

    with cluster.running(FleetSettings(scheduler=scheduler)) as run:
        for _ in range(2):
            [done] = figures.bring_up_to_date(settings, database, [DAY], run)
            stores.append((done.left_out, rows(database)[0][1]))
        path.write_bytes(whole)
        [done] = figures.bring_up_to_date(settings, database, [DAY], run)

    assert stores == [(("store-3",), 4)] * 2
    assert (done.left_out, rows(database)[0][1]) == ((), 5)


def test_without_work_no_worker_is_started(settings, database):
    nobody = FleetSettings(scheduler="tcp://127.0.0.1:9")

    with cluster.running(nobody) as run:
        [done] = figures.bring_up_to_date(settings, database, [DAY], run)

    assert done.store_days == 0
