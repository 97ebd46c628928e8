"""`doorman doctor`: what is wrong with this machine and its settings, and how to mend it."""

import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from appliance import crm_check, gear_check, kernel_check, reports_check, sensor_check, ways_check
from appliance.finding import Finding, Grade
from appliance.headquarters import check as headquarters_check
from core import secret_file, settings
from core.setting_groups.front import FrontServer
from core.setting_groups.network import GateKind
from core.setting_groups.portal import NeighboursKind
from core.settings import Settings

_LEAST_FREE_BYTES = 500 * 1024 * 1024

_MARKS = {Grade.GOOD: "ok  ", Grade.NOTE: "note", Grade.WRONG: "BAD "}


@click.command()
def doctor() -> None:
    """Check this machine and the settings. Ends with status 1 if something is wrong."""
    findings = list(examine())
    for finding in findings:
        click.echo(f"{_MARKS[finding.grade]} {finding.text}")
        if finding.mend:
            click.echo(f"     -> {finding.mend}")
    wrong = sum(finding.grade is Grade.WRONG for finding in findings)
    click.echo(f"\n{wrong} of {len(findings)} checks found something wrong")
    sys.exit(1 if wrong else 0)


def examine() -> Iterator[Finding]:
    """All findings, in the order in which they make sense to mend."""
    yield _python()
    try:
        found = settings.load()
    except settings.SettingsError as error:
        yield Finding(Grade.WRONG, "settings", str(error).replace("\n", "\n     -> "))
        return
    where = settings.config_file()
    yield Finding(Grade.GOOD, f"settings: {where or 'no file, defaults and environment'}")
    checks: list[Callable[[Settings], Finding]] = [
        _data_folder,
        _secrets,
        _database,
        _gate,
        _front,
        _neighbours,
        _api,
        ways_check.ways,
        ways_check.sms,
        ways_check.wechat,
        headquarters_check.headquarters,
        crm_check.crm,
        reports_check.reports,
    ]
    # Of a gateway that is not ours others speak.
    left_out = {_gate, _neighbours, _api} if found.gate.kind.is_foreign else set()
    for check in checks:
        if check not in left_out:
            yield check(found)
    yield from gear_check.examine(found)
    yield from sensor_check.examine(found)
    if found.sensor.listen or found.sensor.send_to:
        from appliance import store_sensors_check  # noqa: PLC0415 - only where it is asked

        yield from store_sensors_check.examine(found)
    if found.gate.kind is GateKind.NFTABLES:
        yield from kernel_check.examine()


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding(Grade.GOOD, f"Python {version}, SQLite {sqlite3.sqlite_version}")


def _data_folder(found: Settings) -> Finding:
    folder = found.data_dir
    if not folder.is_dir():
        return Finding(
            Grade.WRONG, f"data_dir {folder} is not there", f"mkdir -p {folder}, or set data_dir"
        )
    if not os.access(folder, os.W_OK):
        return Finding(
            Grade.WRONG,
            f"data_dir {folder} cannot be written by this user",
            f"run as the user that owns it, or chown it to user id {os.geteuid()}",
        )
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE_BYTES:
        return Finding(
            Grade.WRONG, f"data_dir: only {free // 2**20} MiB free", "make room on its disk"
        )
    return Finding(Grade.GOOD, f"data_dir {folder}, {free // 2**20} MiB free")


def _secrets(found: Settings) -> Finding:
    path = found.data_dir / secret_file.NAME
    if not path.exists():
        return Finding(Grade.NOTE, "no secrets file yet: the first start makes it")
    try:
        secret_file.load_or_create(found.data_dir)
    except (secret_file.SecretFileError, OSError) as error:
        return Finding(Grade.WRONG, "secrets file", str(error))
    return Finding(Grade.GOOD, f"secrets file {path}")


def _database(found: Settings) -> Finding:
    from sqlalchemy import exc  # noqa: PLC0415 - slow to load; doctor answers first what is quick

    from core import database as databases  # noqa: PLC0415 - as above
    from core import migrate  # noqa: PLC0415 - as above

    if not found.data_dir.is_dir() and not found.database.url:
        return Finding(Grade.NOTE, "no database yet")
    try:
        database = databases.open_database(found)
        current = migrate.is_current(database)
        database.dispose()
    except (exc.SQLAlchemyError, OSError) as error:
        sort = type(error).__name__
        return Finding(
            Grade.WRONG, f"the database does not open ({sort})", "check database.url and its server"
        )
    if not current:
        return Finding(Grade.WRONG, "the database has an older form", "doorman migrate")
    return Finding(Grade.GOOD, "database open and of this version's form")


def _gate(found: Settings) -> Finding:
    from gate import client  # noqa: PLC0415 - only where it is asked

    try:
        kind = client.GateClient(found.gate_socket).kind()
    except client.GateError as error:
        return Finding(
            Grade.WRONG,
            f"the gate does not answer: {error}",
            f"start it: doorman gate (its socket is {found.gate_socket})",
        )
    if kind != GateKind.NFTABLES:
        return Finding(Grade.NOTE, "the gate only records: it opens no firewall (gate.kind)")
    return Finding(Grade.GOOD, "the gate answers and drives nftables")


def _front(found: Settings) -> Finding:
    from appliance import front, front_check  # noqa: PLC0415 - only where it is asked

    if found.front.server is FrontServer.NONE:
        return _no_front(found)
    try:
        front.write(found)
    except settings.SettingsError as error:
        return Finding(Grade.WRONG, "the web server cannot be set up", str(error))
    if front.find_program() is None:
        return Finding(Grade.WRONG, "nginx is not installed", "apt-get install nginx-light")
    state = front_check.look(found)
    if state is front_check.FrontState.SILENT:
        text = f"no web server redirects phones on port {found.front.http_port}"
        return Finding(Grade.WRONG, text, "start it: doorman front")
    if state is front_check.FrontState.ALONE:
        mend = f"start it: doorman portal; {found.front.user} must reach {found.portal_socket}"
        return Finding(Grade.WRONG, "the web server does not find the portal", mend)
    return Finding(Grade.GOOD, "nginx stands in front of the portal")


def _no_front(found: Settings) -> Finding:
    if found.portal.url.startswith("https:"):
        text = "portal.url is https, and no web server stands in front to speak it"
        return Finding(Grade.WRONG, text, 'set front.server = "nginx"')
    text = "no web server in front of the portal: slow phones keep its threads (front.server)"
    return Finding(Grade.NOTE, text)


def _neighbours(found: Settings) -> Finding:
    if found.portal.neighbours is NeighboursKind.LOOPBACK:
        return Finding(
            Grade.NOTE,
            "phones are told apart by made-up addresses (portal.neighbours): for the demo only",
        )
    name = found.gate.shopper_interface
    if not Path("/sys/class/net", name).exists():
        there = ", ".join(sorted(interface for _, interface in socket.if_nameindex()))
        return Finding(
            Grade.WRONG,
            f"no interface {name} for the shoppers",
            f"set gate.shopper_interface to one of: {there}",
        )
    return Finding(Grade.GOOD, f"shoppers' interface {name}")


def _api(found: Settings) -> Finding:
    from appliance import advertise  # noqa: PLC0415 - only where it is asked
    from portal.advertising import api_uri, fault  # noqa: PLC0415 - as above

    try:
        uri = api_uri.of_portal(found.portal.url)
    except api_uri.ApiUriError as error:
        return Finding(Grade.NOTE, f"phones are not told of the portal's API: portal.url: {error}")
    found_fault = advertise.test_of(found, uri)()
    if found_fault:
        return Finding(
            Grade.WRONG,
            f"phones are not told of the API: {found_fault}",
            fault.mending(found_fault),
        )
    return Finding(Grade.GOOD, "the API is as phones want it: doorman advertise tells them")
