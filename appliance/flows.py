"""`doorman flows`: keeps the log of connections, or looks into it."""

import csv
import datetime as dt
import functools
import ipaddress
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from access_log.flows import bounds, chain, files, key_file, search
from access_log.flows.blocks import BlockError
from access_log.flows.bounds import Bounds
from access_log.flows.key_file import FlowKeyError
from access_log.flows.records import IpAddress
from access_log.flows.search import Flow, Query, TooManyError
from core import settings
from core.mac import InvalidMacError, Mac
from core.settings import Settings

_MIB = 1 << 20
_WRONG = (FlowKeyError, BlockError, TooManyError)
_COLUMNS = (
    "began_at",
    "ended_at",
    "protocol",
    "source",
    "source_port",
    "public",
    "public_port",
    "destination",
    "destination_port",
    "mac",
    "by_pass",
    "bytes_up",
    "bytes_down",
)


def _told(function: Callable[..., None]) -> Callable[..., None]:
    """What goes wrong, in one line."""

    @functools.wraps(function)
    def tell(*arguments: Any, **options: Any) -> None:
        try:
            function(*arguments, **options)
        except _WRONG as error:
            raise click.ClickException(str(error)) from error

    return tell


@click.group(invoke_without_command=True)
@click.pass_context
@_told
def flows(context: click.Context) -> None:
    """Keep the log of phones' connections. Needs CAP_NET_ADMIN, and nothing else.

    With a command it looks into what is kept.
    """
    if context.invoked_subcommand is None:
        _run(settings.load())


@flows.command()
@_told
def status() -> None:
    """Say since when flows are kept, how much of them, and how far the room goes."""
    found = settings.load()
    kept = files.listed(found.flows_dir)
    sizes = {each.number: each.size for each in kept}
    if not kept:
        click.echo("nothing is kept yet")
        return
    size = sum(sizes.values()) / _MIB
    click.echo(f"since {kept[0].hour:%Y-%m-%d %H:%M} UTC, {len(kept)} files, {size:.1f} MiB")
    room = bounds.days_of_room(kept, sizes, _limits(found))
    if room is not None:
        click.echo(f"room for {room:.0f} days like the last; flows.days is {found.flows.days}")


@flows.command()
@_told
def head() -> None:
    """Print number and hash of the last block, to be noted elsewhere."""
    number, digest = files.head(settings.load().flows_dir)
    click.echo(f"{number} {digest.hex()}")


@flows.command()
@click.option("--known", multiple=True, help="A block's hash that was noted, as NUMBER:HASH.")
@_told
def verify(known: tuple[str, ...]) -> None:
    """Check that nothing was changed, left out or moved; ends with 1 if so.

    The access log has where it stood, day by day: with that it is compared as well.
    """
    found = settings.load()
    from appliance import flow_audit  # noqa: PLC0415 - what keeps the log shall load no database

    noted = flow_audit.noted(found)
    all_known = noted | _known(known)
    verdict = chain.verify(found.flows_dir, key_file.load(found.flows_key), all_known)
    for fault in verdict.faults:
        click.echo(f"BAD {fault}")
    torn = sum(note.get("event") == "torn" for note in verdict.notes)
    click.echo(
        f"blocks {verdict.first} to {verdict.last}, {verdict.rows} rows;"
        f" {verdict.lost} not written for want of room, {torn} last blocks lost with the power"
    )
    if noted:
        click.echo(f"compared with {len(noted)} places where the access log has it to have stood")
    if not verdict.is_whole:
        sys.exit(1)


@flows.command("search")
@click.option("--at", help="A moment, such as 2026-11-22T18:03:00+08:00.")
@click.option("--since", help="A span of time instead, from this moment")
@click.option("--until", help="to this one.")
@click.option("--public", help="The address that the internet saw.")
@click.option("--public-port", type=click.IntRange(0, 65535), help="Its port.")
@click.option("--source", help="The phone's IP address.")
@click.option("--mac", help="The phone's hardware address.")
@click.option("--destination", help="The address that was reached.")
@click.option("--destination-port", type=click.IntRange(0, 65535), help="Its port.")
@click.option("--slack", type=click.IntRange(0, 3600), default=1, help="Seconds around --at.")
@click.option("--reach", type=click.IntRange(1, 240), default=24, help="Hours of the log to read.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "json"]), default="csv", help="How to print them."
)
@click.option("--officer", default="", help="For whom.")
@click.option("--reason", required=True, help="Why; it is written to the access log.")
@_told
def search_(reason: str, officer: str, form: str, **asked: Any) -> None:
    """Print connections that ran at a moment, or within a span of time.

    Who looked, why and for what is in the access log before anything is printed.
    """
    found = settings.load()
    query = _query(asked)
    keys = key_file.load(found.flows_key)
    from appliance import flow_audit  # noqa: PLC0415 - what keeps the log shall load no database

    told = {name: each for name, each in asked.items() if each}
    flow_audit.write_down(found, {"reason": reason, "officer": officer, "asked": told})
    faults: list[str] = []
    rows = [_row(flow) for flow in search.find(found.flows_dir, keys, query, faults)]
    for fault in faults:
        click.echo(f"not read: {fault} (doorman flows verify)", err=True)
    if form == "json":
        click.echo(json.dumps(rows, indent=1))
        return
    writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _run(found: Settings) -> None:
    wanted = {
        "folder": found.flows_dir,
        "key-file": found.flows_key,
        "run-dir": found.run_dir,
        "interface": found.gate.shopper_interface,
        "days": found.flows.days,
        "most-bytes": found.flows.most_mib * _MIB,
        "buffer-bytes": found.flows.buffer_mib * _MIB,
        "block-s": found.flows.block_s,
        "log-level": found.log_level,
    }
    words = [f"--{name}={value}" for name, value in wanted.items()]
    os.execv(  # noqa: S606 - our own command line, no shell
        sys.executable, [sys.executable, "-I", "-m", "access_log.flows", *words]
    )


def _limits(found: Settings) -> Bounds:
    return Bounds(found.flows.days, found.flows.most_mib * _MIB)


def _query(asked: Mapping[str, Any]) -> Query:
    since, until = asked["since"], asked["until"]
    if bool(asked["at"]) == bool(since or until) or bool(since) != bool(until):
        raise click.UsageError("give --at, or --since and --until")
    slack = dt.timedelta(seconds=asked["slack"])
    moment = _moment(asked["at"] or since)
    try:
        return Query(
            since=moment - slack if asked["at"] else moment,
            until=moment + slack if asked["at"] else _moment(until),
            public=_address(asked["public"]),
            public_port=asked["public_port"],
            source=_address(asked["source"]),
            phone=Mac.parse(asked["mac"]) if asked["mac"] else None,
            destination=_address(asked["destination"]),
            destination_port=asked["destination_port"],
            reach=dt.timedelta(hours=asked["reach"]),
        )
    except InvalidMacError as error:
        raise click.UsageError(str(error)) from error


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"{text} is no moment, such as 2026-11-22T18:03:00+08:00") from error
    if moment.tzinfo is None:
        raise click.UsageError("a moment needs its zone, such as +08:00, or Z")
    return moment


def _address(text: str | None) -> IpAddress | None:
    try:
        return ipaddress.ip_address(text) if text else None
    except ValueError as error:
        raise click.UsageError(f"{text} is no IP address") from error


def _known(words: tuple[str, ...]) -> dict[int, bytes]:
    try:
        pairs = (word.split(":") for word in words)
        return {int(number): bytes.fromhex(digest) for number, digest in pairs}
    except ValueError as error:
        raise click.UsageError("--known takes NUMBER:HASH, as doorman flows head has it") from error


def _row(flow: Flow) -> dict[str, Any]:
    row = {name: getattr(flow, name) for name in _COLUMNS}
    for name in ("began_at", "ended_at"):
        row[name] = row[name].isoformat(timespec="milliseconds") if row[name] else None
    for name in ("source", "public", "destination"):
        row[name] = str(row[name])
    row["mac"] = flow.mac.text() if flow.mac else None
    return row
