"""`doorman access-log export`: takes some of the law's log along.

By whom, for which officer and why is written into the log first. Where four eyes are asked for,
it comes in two steps: the first asks, and once somebody else has agreed in the dashboard, the
second prints.
"""

import datetime as dt
import ipaddress
import sys

import click

from access_log import answers, entries, export
from access_log.requests import Desk, GoneError, RequestError, Wanted
from appliance import store_database, users
from core import clock, secret_file, settings
from core.mac import InvalidMacError, Mac
from core.phone_number import InvalidPhoneNumberError, PhoneNumber
from core.settings import Settings

_NOT_YET = 3
_MOMENT = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"])


@click.command("export")
@click.option("--officer", help="Who asked for it: name, number, office.")
@click.option("--reason", help="Why: file number, letter of which day.")
@click.option("--since", type=_MOMENT, help="From when, by the store's clock.")
@click.option("--until", type=_MOMENT, help="Until when.")
@click.option("--at", type=_MOMENT, help="In place of both: at this moment.")
@click.option("--phone", help="Of this phone number.")
@click.option("--mac", help="Of this hardware address.")
@click.option("--session", "session_id", help="This session.")
@click.option("--public", help="Whoever had this address towards the internet, by the flow log.")
@click.option("--public-port", type=click.IntRange(0, 65535), help="And this port of it.")
@click.option(
    "--request",
    "number",
    type=int,
    help="In place of all that: what was asked for before, here or in the dashboard.",
)
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
    officer: str | None,
    reason: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    at: dt.datetime | None,
    phone: str | None,
    mac: str | None,
    session_id: str | None,
    public: str | None,
    public_port: int | None,
    number: int | None,
    form: str,
) -> None:
    """Print sessions that ran at any moment of a span. That it was done is written down first."""
    found = settings.load()
    wanted = None
    if number is None:
        if not officer or not reason:
            raise click.UsageError("say --officer and --reason, or --request")
        if (public is None) != (public_port is None) or (mac and public):
            raise click.UsageError("--public and --public-port go together, and without --mac")
        begin, end = _span(found, since, until, at)
        wanted = Wanted(
            officer=officer,
            reason=reason,
            since=begin,
            until=end,
            phone=_phone(found, phone),
            mac=_mac(mac),
            session=session_id,
            public=_address(public),
            public_port=public_port,
        )
        _refuse_narrowed(form, wanted)
    with store_database.opened() as database:
        desk = Desk(
            database,
            secret_file.open_sealer(found.data_dir),
            found.access_log.four_eyes,
            dt.timedelta(hours=found.access_log.request_hours),
        )
        if wanted is not None:
            number = desk.ask(wanted, users.caller(), clock.now())
        if wanted is not None and desk.four_eyes:
            click.echo(
                f"request {number}: somebody else has to agree in the dashboard (Access log)"
                f" within {found.access_log.request_hours} hours; then:"
                f" doorman access-log export --request {number}",
                err=True,
            )
            raise SystemExit(_NOT_YET)
        _give_out(found, desk, number or 0, form)


def _give_out(found: Settings, desk: Desk, number: int, form: str) -> None:
    who, now = users.caller(), clock.now()
    try:
        request = desk.find(number, now)
        if request is None or request.wanted is None:
            raise GoneError
        _refuse_narrowed(form, request.wanted)
        wanted = desk.give_out(number, who, now, form)
    except RequestError as error:
        raise click.ClickException(str(error)) from error
    if form == "records":
        zone = found.store.zone
        first, last = (clock.store_day(each, zone) for each in (wanted.since, wanted.until))
        with desk.database.reading() as session:
            export.as_records(entries.read(session, desk.sealer, first, last), sys.stdout)
        return
    try:
        answer = answers.find(found, desk.database, desk.sealer, wanted)
    except answers.FlowLogError as error:
        raise click.ClickException(str(error)) from error
    if answer.flows is not None:
        click.echo(
            f"{answer.flows} connections of {answer.phones} phones in the flow log", err=True
        )
    if form == "json":
        about = answers.about(desk.database, wanted, who, request.decided_by, now)
        export.as_json(answer.rows, about, sys.stdout)
    else:
        export.as_csv(answer.rows, sys.stdout)


def _refuse_narrowed(form: str, wanted: Wanted) -> None:
    narrowed = (wanted.phone, wanted.mac, wanted.session, wanted.public)
    if form == "records" and any(narrowed):
        raise click.UsageError("--format records is of whole days")


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


def _phone(found: Settings, text: str | None) -> str | None:
    try:
        return None if text is None else PhoneNumber.parse(text, found.store.countries).e164()
    except InvalidPhoneNumberError as error:
        raise click.UsageError(f"--phone: {error}") from error


def _mac(text: str | None) -> str | None:
    try:
        return None if text is None else Mac.parse(text).text()
    except InvalidMacError as error:
        raise click.UsageError(f"--mac: {error}") from error


def _address(text: str | None) -> str | None:
    try:
        return None if text is None else str(ipaddress.ip_address(text))
    except ValueError as error:
        raise click.UsageError("--public: an IPv4 or IPv6 address") from error
