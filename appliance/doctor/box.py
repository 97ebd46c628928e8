"""What `doorman doctor` says of the box's own programs: settings, folder, database, gate, front."""

import os
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import exc

from appliance import advertise, front, front_check
from appliance.finding import Finding, Grade
from core import database as databases
from core import migrate, secret_file, settings
from core.setting_groups.front import FrontServer
from core.setting_groups.network import GateKind
from core.setting_groups.portal import NeighboursKind
from core.settings import Settings
from gate import client
from portal.advertising import api_uri, fault


def python() -> Finding:
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
    return Finding(Grade.GOOD, f"data_dir {folder} may be written by this user")


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
    # Else SQLite would make one.
    if not databases.is_there(found.database_url):
        mend = "doorman migrate; if there should be one, check database.url"
        return Finding(Grade.WRONG, "there is no database", mend)
    try:
        database = databases.Database(found.database_url, soon=True)
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


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "data_dir": _data_folder,
    "secrets": _secrets,
    "database": _database,
    "gate": _gate,
    "front": _front,
    "neighbours": _neighbours,
    "API": _api,
}

OF_OUR_GATEWAY = ("gate", "neighbours", "API")
"""Of these nothing is to be found where the store keeps a gateway of another make."""
