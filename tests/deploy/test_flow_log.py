"""The flow log takes no more room than it may, and loses nothing before its time but for that."""

import datetime as dt
import gzip
import importlib.util
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from tests.deploy.rendering import rendered
from tests.lab.namespace import Namespace

FILE = Path(__file__).parents[2] / "deploy/ansible/roles/flow_log/files/flow_log.py"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SOON = dt.timedelta(minutes=5)
DAYS = 183
AMPLE = 1 << 30


@pytest.fixture(scope="module")
def flow_log():
    spec = importlib.util.spec_from_file_location("flow_log", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "flows.log").write_text("orig\n")
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def filled(path, size):
    """Large, and on no disk."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_a_new_file_begins_each_day(flow_log, folder):
    assert flow_log.turn(folder, NOON, DAYS, AMPLE) is True
    (folder / "flows.log").write_text("again\n")
    assert flow_log.turn(folder, NOON + SOON, DAYS, AMPLE) is False
    assert names(folder) == ["flows.log", "flows.log-20261122T120000Z.gz"]

    assert flow_log.turn(folder, NOON + DAY, DAYS, AMPLE) is True
    assert names(folder)[1:] == ["flows.log-20261122T120000Z.gz", "flows.log-20261123T120000Z"]
    assert flow_log.turn(folder, NOON + 2 * DAY, DAYS, AMPLE) is False, "nothing was written"


def test_a_new_file_begins_once_one_is_large(flow_log, folder):
    flow_log.turn(folder, NOON, DAYS, AMPLE)
    filled(folder / "flows.log", flow_log.LARGE)

    assert flow_log.turn(folder, NOON + SOON, DAYS, AMPLE) is True
    assert (folder / "flows.log").stat().st_size == 0


def test_a_file_is_compressed_when_nobody_writes_to_it_any_more(flow_log, folder):
    flow_log.turn(folder, NOON, DAYS, AMPLE)
    ended = folder / "flows.log-20261122T120000Z"
    with ended.open("a") as file:
        file.write("late\n")
    # As a power cut leaves it.
    (folder / f"{ended.name}.gz.part").write_text("x")

    flow_log.turn(folder, NOON + SOON, DAYS, AMPLE)

    assert names(folder) == ["flows.log", f"{ended.name}.gz"]
    assert gzip.decompress((folder / f"{ended.name}.gz").read_bytes()) == b"orig\nlate\n"


def test_a_file_ends_after_its_days(flow_log, folder):
    for day in range(5):
        flow_log.turn(folder, NOON + day * DAY, 2, AMPLE)
        (folder / "flows.log").write_text("x\n")

    kept = [path.name for path in flow_log.closed(folder)]
    assert [name[10:18] for name in kept] == ["20261124", "20261125", "20261126"]
    assert not (folder / "dropped").exists()


def test_the_oldest_ends_first_where_there_is_no_room_and_that_is_said(flow_log, folder):
    size = 10 << 20
    for day in range(1, 7):
        filled(folder / f"flows.log-2026110{day}T000000Z.gz", size)

    flow_log.turn(folder, NOON, DAYS, 2 * flow_log.FUSE + 3 * size)

    kept = [path.name[10:18] for path in flow_log.closed(folder)]
    assert kept == ["20261105", "20261106", "20261122"]
    assert (folder / "dropped").read_text() == "20261104T000000Z"
    flow_log.turn(folder, NOON + DAYS * DAY, DAYS, AMPLE)
    assert not (folder / "dropped").exists(), "it would have ended by now"


def test_the_system_ends_what_writes_where_the_script_reckons_with_it(flow_log):
    lines = rendered("flow_log", "ulogd2.conf.j2", {}).splitlines()
    service = rendered("flow_log", "doorman-flow-log.service.j2", {})

    assert f"LimitFSIZE={flow_log.FUSE >> 20}M" in lines
    assert "--days 183 --most-mib 2048\n" in service


PROBE = """
import socket
for port in range(1000, 1050):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(b"x", ("127.0.0.9", port))
"""
FOLLOW = "table inet t { chain c { type filter hook input priority 0; ct state new accept; }; }"
AS_ULOG = ("setpriv", "--reuid=ulog", "--regid=adm", "--clear-groups")


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.lab
@pytest.mark.skipif(os.geteuid() != 0, reason="not root: needs a network of its own")
@pytest.mark.skipif(not shutil.which("ulogd"), reason="not installed: ulogd2")
def test_ulogd_loses_no_connection_when_a_new_file_begins():
    # Not pytest's own folder: ulogd's user may not enter that one.
    with (
        tempfile.TemporaryDirectory(prefix="doorman-flows-") as place,
        Namespace(f"doorman-{os.getpid()}-flows") as shop,
    ):
        folder, number = Path(place, "flows"), Path(place, "ulogd.pid")
        Path(place).chmod(0o755)
        folder.mkdir()
        shutil.chown(folder, "ulog", "adm")
        script = shutil.copy(FILE, place)
        text = rendered("flow_log", "ulogd.conf.j2", {}, flow_log_network="127.0.0.0/8")
        Path(place, "conf").write_text(text.replace("/var/log/doorman-flows", str(folder)))
        shop.run("nft", FOLLOW)

        def turn():
            told = ["--days=183", "--most-mib=300", f"--folder={folder}", f"--process={number}"]
            shop.run(*AS_ULOG, "/usr/bin/python3", script, *told)

        def phones():
            shop.run("/usr/bin/python3", "-c", PROBE)
            shop.run("conntrack", "--flush")

        turn()
        command = ["ulogd", "--uid", "ulog", "--pidfile", number, "--configfile", f"{place}/conf"]
        ulogd = shop.start(command, Path(place, "log"))
        # It gives root up once it listens.
        until(lambda: "\nUid:\t0" not in Path(f"/proc/{ulogd.pid}/status").read_text())
        phones()
        # It writes when its memory is full: then some of these lines are in the file.
        until(lambda: (folder / "flows.log").stat().st_size)
        turn()
        phones()
        turn()
        ulogd.terminate()
        ulogd.wait(10)

        (ended,) = folder.glob("*.gz")
        lines = gzip.decompress(ended.read_bytes()) + (folder / "flows.log").read_bytes()
    ports = [re.search(rb"orig.l4.dport=(\d+)", line)[1] for line in lines.splitlines()]
    assert sorted(map(int, ports)) == sorted([*range(1000, 1050)] * 2)
