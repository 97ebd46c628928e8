"""The box itself: disk, clock, certificate, and what each program takes of it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from cryptography import x509

from appliance import front_check
from appliance.metrics.sample import Sample
from backup.ledger import Ledger
from core.database import Database
from core.metrics.family import counter, gauge
from core.settings import Settings

SIZE = gauge("doorman_disk_size_bytes", "Size of the disk that data_dir is on", "Stays.")
FREE = gauge(
    "doorman_disk_free_bytes",
    "Room that is left there for programs",
    "More than a fifth; below 500 MiB `doorman doctor` calls it wrong.",
)
WRITTEN = counter(
    "doorman_disk_written_bytes_total",
    "Written to that disk since the box started",
    "Below 200 MB a day at 10,000 devices a day.",
)
WEAR = gauge(
    "doorman_disk_wear_ratio",
    "Share of its life that flash memory says is used up, at most",
    "Rises by 0.1 in years. At 0.8 order another.",
    *("device", "cells"),
)
DATABASE = gauge(
    "doorman_database_size_bytes",
    "Size of the database",
    "Levels out once rows begin to be forgotten, after months.",
)
WAL = gauge(
    "doorman_database_wal_bytes",
    "Size of SQLite's log beside the database",
    "Some MB. Grows without end if a program never ends a transaction.",
)
SIGHTINGS = gauge(
    "doorman_sightings_size_bytes",
    "Size of the sensor's day files",
    "That of a day or two.",
)
CERTIFICATE = gauge(
    "doorman_certificate_end_timestamp_seconds",
    "When the certificate ends that the portal shows to phones",
    "More than two weeks ahead; absent without one.",
)
BACKUP = gauge(
    "doorman_backup_last_timestamp_seconds",
    "When the last backup was made; 0: none yet",
    "Less than two days ago; absent without a target.",
)
CLOCK_OFF = gauge(
    "doorman_clock_offset_seconds",
    "How far the clock is off by chrony's word, either way",
    "Below 0.1; from 300 on, headquarters, carriers and codes refuse this box.",
)
CLOCK_SYNCED = gauge(
    "doorman_clock_synchronised",
    "Whether chrony follows a time server",
    "1; absent without chrony.",
)
MEMORY = gauge(
    "doorman_program_memory_bytes",
    "Memory of a program that is its own, by its unit's control group",
    "All together below 350 MB. Absent where systemd starts nothing.",
    "program",
)
CPU = counter(
    "doorman_program_cpu_seconds_total",
    "Processor time of a program, by its unit's control group",
    "All together below 0.03 s a second when nobody is there.",
    "program",
)
FAMILIES = (
    *(SIZE, FREE, WRITTEN, WEAR, DATABASE, WAL, SIGHTINGS),
    *(CERTIFICATE, BACKUP, CLOCK_OFF, CLOCK_SYNCED, MEMORY, CPU),
)

_SECTOR = 512
_SECTORS_WRITTEN = 6
_TENTHS = 10
_CHRONY_WAIT_S = 0.3
_OFFSET, _LEAP, _FIELDS = 4, 13, 14


def of_disk(data_dir: Path, system: Path = Path("/sys")) -> Iterator[Sample]:
    usage = shutil.disk_usage(data_dir)
    yield Sample(SIZE, usage.total)
    yield Sample(FREE, usage.free)
    device = data_dir.stat().st_dev
    counts = system / f"dev/block/{os.major(device)}:{os.minor(device)}/stat"
    if counts.exists():
        yield Sample(WRITTEN, int(counts.read_text().split()[_SECTORS_WRITTEN]) * _SECTOR)
    for path in sorted(system.glob("block/*/device/life_time")):
        # JESD84-B51: 0x01 is up to a tenth, 0x0b is beyond; 0x00 says nothing.
        told = zip(("slc", "mlc"), path.read_text().split(), strict=False)
        for cells, text in told:
            if int(text, 16):
                yield Sample(WEAR, int(text, 16) / _TENTHS, (path.parents[1].name, cells))


def of_database(database: Database, sightings_dir: Path | None = None) -> Iterator[Sample]:
    if database.engine.name == "postgresql":
        with database.reading() as session:
            size = session.scalar(sa.text("SELECT pg_database_size(current_database())"))
        yield Sample(DATABASE, size or 0)
    else:
        path = Path(str(database.engine.url.database))
        yield Sample(DATABASE, _size(path))
        yield Sample(WAL, _size(path.with_name(f"{path.name}-wal")))
    if sightings_dir is not None:
        yield Sample(SIGHTINGS, sum(map(_size, sightings_dir.glob("sightings-*"))))


def of_certificate(found: Settings) -> Iterator[Sample]:
    if found.certificate.chain:
        shown = x509.load_der_x509_certificate(front_check.certificate(found))
        yield Sample(CERTIFICATE, shown.not_valid_after_utc.timestamp())


def of_backups(found: Settings) -> Iterator[Sample]:
    if found.backup.target:
        last = Ledger.read(found.data_dir).last_at
        yield Sample(BACKUP, last.timestamp() if last else 0)


def of_clock() -> Iterator[Sample]:
    program = shutil.which("chronyc")
    if program is None:
        return
    told = subprocess.run(  # noqa: S603 - a fixed command
        [program, "-n", "-c", "tracking"],
        capture_output=True,
        text=True,
        timeout=_CHRONY_WAIT_S,
        check=False,
    )
    fields = told.stdout.strip().split(",")
    if len(fields) != _FIELDS:
        yield Sample(CLOCK_SYNCED, 0)
        return
    is_synced = fields[_LEAP] != "Not synchronised"
    yield Sample(CLOCK_SYNCED, is_synced)
    if is_synced:
        yield Sample(CLOCK_OFF, abs(float(fields[_OFFSET])))


def of_programs(groups: Path = Path("/sys/fs/cgroup/system.slice")) -> Iterator[Sample]:
    """By control group: cheap, whoever asks, and what is shared counts once."""
    for group in sorted(groups.glob("doorman-*.service")):
        program = group.name.removeprefix("doorman-").removesuffix(".service")
        try:
            memory, processor = _table(group / "memory.stat"), _table(group / "cpu.stat")
        except FileNotFoundError:
            # It has ended since, or its controllers are off.
            continue
        yield Sample(MEMORY, memory["anon"], (program,))
        yield Sample(CPU, processor["usage_usec"] / 1e6, (program,))


def _table(path: Path) -> dict[str, int]:
    rows = (line.split() for line in path.read_text().splitlines())
    return {name: int(value) for name, value in rows}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
