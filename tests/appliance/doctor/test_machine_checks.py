"""Time, disk, memory, upkeep and certificate, on machines that a test has made up."""

import datetime as dt
import os

import pytest
import trustme

from appliance.doctor import certificates, clocks, disk, memory, upkeep
from appliance.finding import Grade
from core.setting_groups.certificate import CertificateSettings
from core.setting_groups.management import DashboardSettings
from core.settings import Settings
from tests.appliance.doctor.machines import machine, told

NOW_S = 1_779_000_000


def tracking(off="0.000123", leap="Normal"):
    return f"AC1E0001,203.0.113.1,2,1779000000.1,{off},0,0,0,0,0,0,0,64,{leap}\n"


RTC = {"/sys/class/rtc/rtc0/since_epoch": str(NOW_S + 3)}


@pytest.mark.parametrize(
    ("files", "programs", "grade", "says"),
    [
        (RTC, {"chronyc": tracking()}, Grade.GOOD, "follows 203.0.113.1, 0.1 ms off"),
        (RTC, {"chronyc": tracking(off="-7.5")}, Grade.WRONG, "8 s off -> chronyc makestep"),
        (RTC, {"chronyc": tracking(leap="Not synchronised")}, Grade.WRONG, "no time server"),
        (RTC, {}, Grade.WRONG, "nothing sets"),
        (RTC, {"timedatectl": "yes\n"}, Grade.GOOD, "set by the network"),
        ({}, {"chronyc": tracking()}, Grade.NOTE, "no clock of its own"),
        (
            {"/sys/class/rtc/rtc0/since_epoch": str(NOW_S - 90)},
            {"chronyc": tracking()},
            Grade.NOTE,
            "hwclock --systohc",
        ),
    ],
)
def test_time(tmp_path, files, programs, grade, says):
    found = clocks.examine(machine(tmp_path, files=files, programs=programs), lambda: NOW_S)

    assert says in " ".join(told(found, grade))


def room(free_mib, inodes=500_000):
    return lambda _path: os.statvfs_result(
        (4096, 4096, 10**7, free_mib * 256, free_mib * 256, 10**6, inodes, inodes, 0, 255)
    )


@pytest.mark.parametrize(
    ("files", "statvfs", "grade", "says"),
    [
        ({}, room(9000), Grade.GOOD, "9000 MiB free"),
        ({}, room(300), Grade.WRONG, "only 300 MiB free"),
        ({}, room(9000, inodes=90), Grade.WRONG, "only 90 more files"),
        ({"/proc/mounts": "/dev/x / ext4 ro,noatime 0 0"}, room(9000), Grade.WRONG, "only be read"),
        ({"/sys/fs/ext4/mmcblk0p2/errors_count": "3"}, room(9000), Grade.WRONG, "met 3 errors"),
        (
            {"/sys/block/mmcblk0/device/life_time": "0x02 0x0a"},
            room(9000),
            Grade.WRONG,
            "90 to 100 %",
        ),
        (
            {"/sys/block/mmcblk0/device/life_time": "0x07 0x01"},
            room(9000),
            Grade.NOTE,
            "60 to 70 %",
        ),
        ({"/sys/block/mmcblk0/device/life_time": "0x01 0x01"}, room(9000), Grade.GOOD, "0 to 10 %"),
    ],
)
def test_disk(tmp_path, files, statvfs, grade, says):
    found = Settings(data_dir=tmp_path)

    assert says in " ".join(
        told(disk.examine(found, machine(tmp_path, files=files), statvfs), grade)
    )


def meminfo(free_mib, swap_mib):
    return (
        f"MemTotal: {1000 * 1024} kB\nMemAvailable: {free_mib * 1024} kB\n"
        f"SwapTotal: {swap_mib * 1024} kB\n"
    )


@pytest.mark.parametrize(
    ("free_mib", "swap_mib", "ended", "grade", "says"),
    [
        (500, 0, 0, Grade.GOOD, "500 of 1000 MiB of memory are free, no swap"),
        (40, 256, 0, Grade.WRONG, "only 40 of 1000 MiB of memory are free, 256 MiB of swap"),
        (500, 0, 2, Grade.NOTE, "ended 2 programs"),
    ],
)
def test_memory(tmp_path, free_mib, swap_mib, ended, grade, says):  # noqa: PLR0917 - passed by name
    files = {"/proc/meminfo": meminfo(free_mib, swap_mib), "/proc/vmstat": f"a 1\noom_kill {ended}"}

    assert says in " ".join(told(memory.examine(machine(tmp_path, files=files)), grade))


SYSTEMD = {"/run/systemd/system/x": ""}
PERIODIC = {"apt-config": 'APT::Periodic::Unattended-Upgrade "1";\n'}
UP_S = 10_000


def unit(state="running", restarts=0, runs_for_s=5000):
    """As systemctl tells of it, after another that is well."""
    started = (UP_S - runs_for_s) * 10**6
    others = "ExecMainStartTimestampMonotonic=1\nNRestarts=0\nId=doorman-gate.service\n\n"
    return {
        "systemctl list-units": "",
        "systemctl show": f"{others}ExecMainStartTimestampMonotonic={started}\n"
        f"NRestarts={restarts}\nId=doorman-jobs.service\nSubState={state}\n",
    }


OUTDATED = {"/usr/local/lib/doorman/restarts.py --list": "doorman-front.service\n"}
FLOW_FILE = "/var/lib/doorman-flows/log/00000001-20261122T08Z.flows"
FLOWS = {FLOW_FILE: ""}
UPGRADER = {"/usr/bin/unattended-upgrade": ""}


@pytest.mark.parametrize(
    ("files", "programs", "grade", "says"),
    [
        (UPGRADER, PERIODIC, Grade.GOOD, "come by themselves"),
        ({}, PERIODIC, Grade.WRONG, "apt-get install unattended-upgrades"),
        (UPGRADER | {"/run/reboot-required": ""}, PERIODIC, Grade.NOTE, "restart of the box"),
        (SYSTEMD, {"systemctl list-units": "doorman-jobs.service loaded"}, Grade.WRONG, "-jobs"),
        (SYSTEMD, {"systemctl": ""}, Grade.GOOD, "no unit has failed"),
        (SYSTEMD, {}, Grade.NOTE, "does not say whether a unit has failed"),
        (SYSTEMD, {}, Grade.NOTE, "does not say whether programs keep ending"),
        (SYSTEMD, unit("auto-restart"), Grade.WRONG, "doorman-jobs.service has ended"),
        (SYSTEMD, unit(restarts=3, runs_for_s=60), Grade.WRONG, "anew 3 times -> journalctl -b"),
        (SYSTEMD, unit(restarts=3), Grade.NOTE, "doorman-jobs.service was started anew 3 times"),
        (SYSTEMD, OUTDATED, Grade.NOTE, "restart doorman-front.service"),
        (SYSTEMD, {"journalctl": "{}\n{}\n"}, Grade.NOTE, "2 errors in the journal"),
        ({"/opt/doorman/x": ""}, {}, Grade.WRONG, "current leads nowhere"),
        ({"/opt/doorman/current/x": ""}, {}, Grade.GOOD, "nothing to go back to"),
        (FLOWS, {}, Grade.WRONG, "chmod o= /var/lib"),
        (FLOWS, {}, Grade.WRONG, "key is gone"),
        (FLOWS | {"/var/lib/doorman-flows/log/dropped": "2026-11-22"}, {}, Grade.WRONG, "-22 is"),
    ],
)
def test_upkeep(tmp_path, files, programs, grade, says):
    made = machine(tmp_path, files=files, programs=programs)

    assert says in " ".join(told(upkeep.examine(made, lambda: UP_S), grade))


def test_a_flow_log_that_is_kept_is_no_finding_until_it_falls_silent(tmp_path):
    made = machine(tmp_path, files=FLOWS | {"/var/lib/doorman-flows/flows.key": ""}, programs={})
    made.path("/var/lib/doorman-flows").chmod(0o750)
    assert list(upkeep.examine(made, lambda: UP_S)) == []

    os.utime(made.path(FLOW_FILE), (0, 0))
    [said] = told(upkeep.examine(made, lambda: UP_S), Grade.NOTE)
    assert "no flow for 2 days -> journalctl -u doorman-flows" in said


def test_programs_that_run_since_their_start_are_no_finding(tmp_path):
    found = list(upkeep.examine(machine(tmp_path, files=SYSTEMD, programs=unit()), lambda: UP_S))

    assert [each.text for each in found] == ["no unit has failed"]


@pytest.mark.parametrize(
    ("days", "active", "grade", "says"),
    [
        (60, True, Grade.GOOD, "lasts 60 more days"),
        (60, True, Grade.GOOD, "renewed by a timer"),
        (60, False, Grade.NOTE, "no doorman-certificate.timer"),
        (15, True, Grade.NOTE, "lasts 15 more days"),
        (3, True, Grade.WRONG, "lasts 3 more days"),
        (-1, True, Grade.WRONG, "has ended"),
    ],
)
def test_certificate(tmp_path, days, active, grade, says):
    ends = dt.datetime(2036, 1, 1, tzinfo=dt.UTC)
    issued = trustme.CA().issue_cert("wifi.example", not_after=ends)
    chain = tmp_path / "chain.pem"
    chain.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems) * 2)
    programs = {"systemctl is-active": "active\n"} if active else {}
    made = machine(tmp_path, files=SYSTEMD, programs=programs)
    found = Settings(certificate=CertificateSettings(chain=str(chain), key="k"))
    now = ends - dt.timedelta(days=days)

    assert says in " ".join(told(certificates.examine(found, made, now), grade))


@pytest.mark.parametrize(
    ("host", "days", "grade", "says"),
    [
        ("127.0.0.1", None, Grade.GOOD, "from this machine alone"),
        ("localhost", None, Grade.GOOD, "from this machine alone"),
        ("192.168.2.1", None, Grade.NOTE, "in the clear -> set dashboard.chain"),
        ("0.0.0.0", None, Grade.NOTE, "in the clear -> set dashboard.chain"),
        ("192.168.2.1", 60, Grade.GOOD, "the dashboard's certificate lasts 60 more days"),
        ("192.168.2.1", 3, Grade.WRONG, "the dashboard's certificate lasts 3 more days"),
        ("192.168.2.1", 0, Grade.WRONG, "the dashboard's certificate has ended"),
    ],
)
def test_dashboard_in_the_clear(tmp_path, host, days, grade, says):
    ends, chain = dt.datetime(2036, 1, 1, tzinfo=dt.UTC), ""
    if days is not None:
        chain = str(tmp_path / "chain.pem")
        trustme.CA().issue_cert("box.example", not_after=ends).cert_chain_pems[0].write_to_path(
            chain
        )
    found = Settings(dashboard=DashboardSettings(host=host, chain=chain, key=chain))
    now = ends - dt.timedelta(days=days or 0)

    assert says in " ".join(told(certificates.examine(found, machine(tmp_path), now), grade))


def test_dashboards_certificate_that_cannot_be_read(tmp_path):
    found = Settings(dashboard=DashboardSettings(chain=str(tmp_path / "none.pem"), key="k"))
    said = certificates.examine(found, machine(tmp_path), dt.datetime(2036, 1, 1, tzinfo=dt.UTC))

    assert "the dashboard's certificate cannot be read" in " ".join(told(said, Grade.WRONG))
