"""`doorman access-log`: proves that the law's log is whole, and takes some of it along.

Whatever shows of a person is written into the log first: by whom, for which officer, and why.
"""

import contextlib
import dataclasses
import datetime as dt
import ipaddress
import sys
from collections.abc import Iterator

import click

from access_log import anchoring, days, entries, export, sessions, verification
from access_log.anchoring import Anchor
from access_log.sessions import Query
from access_log.verification import Trouble
from appliance import store_database, users
from core import access_records, clock, secret_file, settings
from core.access_records import Draft
from core.database import Database
from core.mac import InvalidMacError, Mac
from core.models.access_record import Kind
from core.phone_number import InvalidPhoneNumberError, PhoneNumber
from core.sealing import Sealer
from core.settings import Settings

_TROUBLED = 1
# Of clocks, theirs and ours.
_SLACK = dt.timedelta(seconds=1)
_MOMENT = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"])


@click.group("access-log")
def access_log() -> None:
    """The log of who was online when, which the law asks for: docs/access-log.md."""


@access_log.command()
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="NUMBER:HASH",
    help="What somebody else has kept of it. May be given several times.",
)
def verify(anchors: tuple[str, ...]) -> None:
    """Go through the whole log; name the first row that is not as it was written."""
    kept = [_anchor(text) for text in anchors]
    with _opened() as (_, database, sealer):
        verdict = verification.verify(
            database, sealer, clock.now(), {each.number: each.hash for each in kept}
        )
    deleted = f", {verdict.days_deleted} days deleted in due time" if verdict.days_deleted else ""
    if verdict.trouble is None:
        click.echo(f"whole: {verdict.rows} rows{deleted}")
        if verdict.number:
            click.echo(f"head {Anchor(verdict.number, verdict.hash)}")
        return
    click.echo(f"right as far as row {verdict.number}: {verdict.rows} rows{deleted}")
    click.echo(_said(verdict.trouble), err=True)
    raise SystemExit(_TROUBLED)


@access_log.command()
def head() -> None:
    """Print where the chain stands, for somebody to keep: NUMBER:HASH."""
    with _opened() as (_, database, _):
        found = anchoring.head(database)
    click.echo(found or "the log is empty")


@access_log.command()
def status() -> None:
    """Say from when on the log is kept, how much of it, and which anchor is the last."""
    with _opened() as (_, database, _):
        found = days.standing(database)
        stands = anchoring.head(database)
    if stands is None:
        click.echo("the log is empty")
        return
    click.echo(f"kept from {found.first} on: {found.rows} rows, the last is {stands.number}")
    click.echo(f"days deleted: {found.deleted}; {days.KEEP} days are kept")
    if found.anchored is None:
        click.echo("never anchored")
    else:
        day, where = found.anchored
        click.echo(f"anchored to the end of {day}: {where}")


@access_log.command("export")
@click.option("--officer", required=True, help="Who asked for it: name, number, office.")
@click.option("--reason", required=True, help="Why: file number, letter of which day.")
@click.option("--since", type=_MOMENT, help="From when, by the store's clock.")
@click.option("--until", type=_MOMENT, help="Until when.")
@click.option("--at", type=_MOMENT, help="In place of both: at this moment.")
@click.option("--phone", help="Of this phone number.")
@click.option("--mac", help="Of this hardware address.")
@click.option("--session", "session_id", help="This session.")
@click.option("--public", help="Whoever had this address towards the internet, by the flow log.")
@click.option("--public-port", type=click.IntRange(0, 65535), help="And this port of it.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "json", "records"]),
    default="csv",
    show_default=True,
    help="Sessions, one a row; or whole days' rows with their hashes, one JSON object a line.",
)
def export_(
    *,
    officer: str,
    reason: str,
    since: dt.datetime | None,
    until: dt.datetime | None,
    at: dt.datetime | None,
    phone: str | None,
    mac: str | None,
    session_id: str | None,
    public: str | None,
    public_port: int | None,
    form: str,
) -> None:
    """Print sessions that ran at any moment of a span. That it was done is written down first."""
    with _opened() as (found, database, sealer):
        begin, end = _span(found, since, until, at)
        if form == "records" and (phone or mac or session_id or public):
            raise click.UsageError("--format records is of whole days")
        if (public is None) != (public_port is None) or (mac and public):
            raise click.UsageError("--public and --public-port go together, and without --mac")
        query = Query(
            since=begin,
            until=end,
            phone=_phone(found, phone),
            device=_mac(mac),
            session_id=session_id,
        )
        asked = {
            "since": begin.isoformat(),
            "until": end.isoformat(),
            "phone": query.phone and query.phone.e164(),
            "mac": query.device and query.device.text(),
            "session": session_id,
            "public": public,
            "public_port": public_port,
        }
        now = clock.now()
        said = {"who": users.caller(), "officer": officer, "reason": reason, "asked": asked}
        _write_down(database, sealer, {**said, "what": "export", "format": form}, now)
        queries = [query]
        if public is not None:
            macs = _phones_behind(found, public, public_port, begin, end)
            queries = [dataclasses.replace(query, device=each) for each in macs]
        about = {
            **said,
            "exported_at": now.isoformat(timespec="seconds"),
            "head": str(anchoring.head(database) or ""),
        }
        with database.reading() as session:
            if form == "records":
                first, last = (clock.store_day(each, found.store.zone) for each in (begin, end))
                export.as_records(entries.read(session, sealer, first, last), sys.stdout)
                return
            rows = [row for each in queries for row in sessions.find(session, sealer, each)]
        if form == "json":
            export.as_json(rows, about, sys.stdout)
        else:
            export.as_csv(rows, sys.stdout)


def _write_down(
    database: Database, sealer: Sealer, body: dict[str, object], now: dt.datetime
) -> None:
    with database.writing() as session:
        access_records.note(session, sealer, Draft(Kind.READ, now, body))


@contextlib.contextmanager
def _opened() -> Iterator[tuple[Settings, Database, Sealer]]:
    found = settings.load()
    with store_database.opened() as database:
        yield found, database, secret_file.open_sealer(found.data_dir)


def _phones_behind(
    found: Settings, public: str, port: int | None, begin: dt.datetime, end: dt.datetime
) -> list[Mac]:
    """Whose connections had this address and port towards the internet."""
    from access_log.flows import blocks, key_file, search  # noqa: PLC0415 - NumPy, for this alone

    try:
        query = search.Query(
            since=begin - _SLACK,
            until=end + _SLACK,
            public=ipaddress.ip_address(public),
            public_port=port,
        )
        flows = search.find(found.flows_dir, key_file.load(found.flows_key), query)
    except (ValueError, key_file.FlowKeyError, search.TooManyError, blocks.BlockError) as error:
        raise click.ClickException(str(error)) from error
    macs = {flow.mac.octets: flow.mac for flow in flows if flow.mac is not None}
    click.echo(f"{len(flows)} connections of {len(macs)} phones in the flow log", err=True)
    return [macs[octets] for octets in sorted(macs)]


def _said(trouble: Trouble) -> str:
    day = f" ({trouble.day})" if trouble.day else ""
    return f"row {trouble.number}{day}: {trouble.fault.replace('_', ' ')}"


def _span(
    found: Settings, since: dt.datetime | None, until: dt.datetime | None, at: dt.datetime | None
) -> tuple[dt.datetime, dt.datetime]:
    if at is not None:
        since = until = at
    if since is None or until is None or since > until:
        raise click.UsageError("say --since and --until, in this order, or --at")
    zone = found.store.zone
    return (
        since.replace(tzinfo=zone).astimezone(dt.UTC),
        until.replace(tzinfo=zone).astimezone(dt.UTC),
    )


def _anchor(text: str) -> Anchor:
    try:
        return Anchor.parse(text)
    except ValueError as error:
        raise click.UsageError(f"--anchor: {error}") from error


def _phone(found: Settings, text: str | None) -> PhoneNumber | None:
    if text is None:
        return None
    try:
        return PhoneNumber.parse(text, found.store.countries)
    except InvalidPhoneNumberError as error:
        raise click.UsageError(f"--phone: {error}") from error


def _mac(text: str | None) -> Mac | None:
    try:
        return None if text is None else Mac.parse(text)
    except InvalidMacError as error:
        raise click.UsageError(f"--mac: {error}") from error
