"""The file of what is remembered: one run of the machine long, and for nobody else to read."""

import sqlite3
from pathlib import Path

from core.log import Log

_log = Log("gear")

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

# Tables are added, never changed: after an upgrade, and after a roll-back, the file of the same
# run of the machine is read by another version.
_TABLES = """
CREATE TABLE IF NOT EXISTS began (boot_id TEXT, at REAL);
CREATE TABLE IF NOT EXISTS admissions (
    mac TEXT PRIMARY KEY, ends_at REAL, down INTEGER, up INTEGER, bytes INTEGER,
    counted INTEGER, label TEXT);
CREATE TABLE IF NOT EXISTS places (
    mac TEXT, nas TEXT, address TEXT, session TEXT, keys TEXT, is_open INTEGER,
    is_here INTEGER, asked_at REAL, heard_at REAL, PRIMARY KEY (mac, nas));
CREATE INDEX IF NOT EXISTS places_by_address ON places (address);
CREATE TABLE IF NOT EXISTS whereabouts (
    mac TEXT, nas TEXT, addresses TEXT, access_point TEXT, heard_at REAL,
    PRIMARY KEY (mac, nas));
CREATE TABLE IF NOT EXISTS sessions (
    nas TEXT, session TEXT, mac TEXT, up INTEGER, down INTEGER, said_at INTEGER,
    is_over INTEGER, heard_at REAL, PRIMARY KEY (nas, session, mac));
CREATE TABLE IF NOT EXISTS counters (
    mac TEXT PRIMARY KEY, up INTEGER, down INTEGER, changed_at REAL);
CREATE TABLE IF NOT EXISTS gateways (nas TEXT PRIMARY KEY, heard_at REAL, said_at INTEGER);
"""


def open_file(path: Path, now: float, boot_id_path: Path = BOOT_ID) -> sqlite3.Connection:
    """The memory at `path`, empty if it is of an earlier run of the machine, or broken."""
    boot_id = boot_id_path.read_text("ascii").strip()
    try:
        rows = _connect(path)
        if rows.execute("SELECT boot_id FROM began").fetchone() == (boot_id,):
            return rows
        rows.close()
    except sqlite3.DatabaseError:
        _log.warning("what the gate remembered cannot be read")
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        each.unlink(missing_ok=True)
    rows = _connect(path)
    rows.execute("INSERT INTO began VALUES (?, ?)", (boot_id, now))
    return rows


def _connect(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    rows.execute("PRAGMA journal_mode = WAL")
    # It is gone with the machine's power anyway.
    rows.execute("PRAGMA synchronous = OFF")
    rows.executescript(_TABLES)
    return rows
