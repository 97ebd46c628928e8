"""`doorman erasure`: proves what is left of somebody who was erased, in every store of data."""

import contextlib
import datetime as dt
from collections.abc import Iterator

import click
import sqlalchemy as sa

from analytics.dashboard import audit
from appliance import databases_here, erasure_report, migration, users
from appliance.databases_here import Here
from appliance.erasure_report import Remains, Told, Withdrawn
from backup import names
from core import clock, database_form, secret_file, settings
from core.email_address import EmailAddress, InvalidEmailAddressError
from core.mac import InvalidMacError, Mac
from core.models.audit_entry import AuditEntry
from core.models.outbox_event import OutboxState
from core.phone_number import InvalidPhoneNumberError, PhoneNumber
from core.sealing import Sealer
from core.secret_file import SecretFileError
from core.settings import Settings

_LEFT = 1


@click.command()
@click.argument("member", required=False)
@click.option("--phone", help="A phone number that was theirs.")
@click.option("--email", help="A mail address that was theirs.")
@click.option("--openid", help="Their name at WeChat, as appid:openid.")
@click.option("--mac", help="The hardware address of a phone of theirs.")
@click.option(
    "--backups-days",
    type=click.IntRange(min=0),
    help="For how many days copies are kept that somebody makes besides, such as of the machine.",
)
def erasure(
    *,
    member: str | None,
    phone: str | None,
    email: str | None,
    openid: str | None,
    mac: str | None,
    backups_days: int | None,
) -> None:
    """Say what is left of somebody: nothing, what the law locks, and what the CRM has confirmed.

    MEMBER is the public id, as the audit log of the dashboard has it; only with it can be said
    what the CRM was told. Alone, of somebody who is a member still, it tells of what they have
    withdrawn. Every field of the databases here is opened. Ends with status 1 if
    anything is left that should not be, or is not confirmed yet. That somebody asked is written
    into the audit log; what they asked for is not.
    """
    found = settings.load()
    values = _values(found, phone, email, openid, mac)
    if not values and member is None:
        raise click.UsageError("say a member's id, or what they were known by")
    gone_at, verdicts = None, []
    with _databases(found) as here:
        sealer = secret_file.open_sealer(found.data_dir)
        for each in here:
            if each.name == "store":
                _write_down(each, member)
                if values:
                    verdicts.append(_of_store(each, sealer, values, found.access_log.days))
                if member:
                    told, is_known = _of_member(each, member, is_alone=not values)
                    gone_at = told.gone_at
                    verdicts.append(is_known)
            elif values:
                verdicts.append(_of_headquarters(each, sealer, values))
    _say_flows(found)
    verdicts.append(_say_copy(found))
    _say_backups(found, gone_at, backups_days)
    if not all(verdicts):
        raise SystemExit(_LEFT)


def _of_store(here: Here, sealer: Sealer, values: list[bytes], access_log_days: int) -> bool:
    with here.database.reading() as session:
        ids = erasure_report.members(session, sealer, values)
        remains = erasure_report.of_store(session, sealer, values, here.metadata, access_log_days)
    return _say_remains(here.name, remains, ids)


def _of_headquarters(here: Here, sealer: Sealer, values: list[bytes]) -> bool:
    with here.database.reading() as session:
        remains = erasure_report.of_headquarters(session, sealer, values, here.metadata)
    return _say_remains(here.name, remains, [])


def _of_member(here: Here, member: str, *, is_alone: bool) -> tuple[Told, bool]:
    with here.database.reading() as session:
        told = erasure_report.told(session, member)
        changed = erasure_report.withdrawn(session, member)
    if told.is_member and is_alone:
        return told, _say_withdrawn(changed)
    return told, _say_told(told)


def _say_remains(name: str, remains: Remains, ids: list[str]) -> bool:
    for public_id in ids:
        click.echo(f"{name}: is a member, and not erased: {public_id}", err=True)
    for place, count in remains.left.items():
        click.echo(f"{name}: LEFT in {place}: {count}", err=True)
    for place, count in remains.closed.items():
        click.echo(f"{name}: {count} of {place} do not open: nobody can say", err=True)
    if remains.is_clean:
        click.echo(f"{name}: nothing is left" + (", but what is locked:" if remains.locked else ""))
    for lock in remains.locked:
        until = f", until {lock.until} at the latest" if lock.until else ""
        click.echo(f"{name}: locked, {lock.what}: {lock.fields} fields{until}")
    return remains.is_clean and not ids


def _say_told(told: Told) -> bool:
    if told.is_member:
        click.echo("CRM: not told: they are a member", err=True)
    elif told.into is not None:
        click.echo(f"store: not erased, but merged into another: ask for {told.into}", err=True)
    elif told.gone_at is None:
        click.echo("CRM: nobody of this id was erased here in the last 400 days", err=True)
    elif told.confirmed_at is not None:
        click.echo(f"CRM: has confirmed the erasure, {_moment(told.confirmed_at)}")
    elif told.is_confirmed:
        click.echo("CRM: has confirmed the erasure, more than 30 days ago")
    elif told.state is OutboxState.PARKED:
        click.echo("CRM: has REFUSED the erasure: doorman crm status", err=True)
    else:
        click.echo("CRM: has not confirmed the erasure yet: doorman crm status", err=True)
    return told.is_confirmed


def _say_withdrawn(found: Withdrawn) -> bool:
    """Of a member: what they agree to no longer."""
    click.echo("store: is a member" + ("" if found.since else ", who has withdrawn nothing"))
    end = "the CRM has not confirmed all of it yet" if found.untold else "the CRM has confirmed"
    for purpose, at in sorted(found.since.items()):
        confirmed = found.confirmed.get(purpose)
        when = f", {_moment(confirmed)}" if confirmed and not found.untold else ""
        click.echo(f"store: withdrawn, {_moment(at)}: {purpose}; {end}{when}")
    return not found.untold


def _say_flows(found: Settings) -> None:
    if found.flows_dir.is_dir():
        last = clock.now().date() + dt.timedelta(days=found.flows.days)
        click.echo(
            "flow log: knows no accounts; what it has of a phone's hardware address is gone by"
            f" {last}"
        )


def _say_backups(found: Settings, gone_at: dt.datetime | None, others_days: int | None) -> None:
    before, kept = _moment(gone_at) if gone_at else "the erasure", found.backup
    since = gone_at or clock.now()
    end = names.last_removed(since, kept.daily, kept.weekly)
    if not kept.target:
        click.echo("backups: none are made (backup.target)")
    elif end is None:
        click.echo(f"backups: those of before {before} have them until the target removes them")
    else:
        said = f"those of before {before} have them; the last is removed {end}"
        click.echo(f"backups: {said}, if one is made each night")
    if others_days is not None:
        last = (since + dt.timedelta(days=others_days)).date()
        click.echo(f"other copies: those of before {before} have them; the last is removed {last}")


def _say_copy(found: Settings) -> bool:
    """A copy that an upgrade has left, if it has proven itself, is nobody's."""
    copied = migration.copy_of(found)
    if copied.exists():
        click.echo(f"{copied.name}: may have them: doorman migrate --forget-copy", err=True)
    return not copied.exists()


def _write_down(here: Here, member: str | None) -> None:
    entry = AuditEntry(
        at=clock.now(), user_name=users.caller(), action="erasure.report", member=member
    )
    audit.write(here.database, entry)


def _values(
    found: Settings, phone: str | None, email: str | None, openid: str | None, mac: str | None
) -> list[bytes]:
    values = []
    try:
        if phone is not None:
            values.append(PhoneNumber.parse(phone, found.store.countries).e164().encode())
        if email is not None:
            values.append(EmailAddress.parse(email).text().encode())
        if mac is not None:
            known = Mac.parse(mac)
            values += [known.octets, known.text().encode()]
    except (InvalidPhoneNumberError, InvalidEmailAddressError, InvalidMacError) as error:
        raise click.UsageError(str(error)) from error
    if openid is not None:
        # As WeChat writes it, wherever it stands without its appid.
        values += [openid.encode(), openid.rpartition(":")[2].encode()]
    return values


@contextlib.contextmanager
def _databases(found: Settings) -> Iterator[list[Here]]:
    with contextlib.ExitStack() as stack:
        try:
            yield list(databases_here.opened(found, stack))
        except (SecretFileError, database_form.MigrationError) as error:
            raise click.ClickException(str(error)) from error
        except sa.exc.DatabaseError as error:
            raise click.ClickException("a database cannot be read: doorman doctor") from error


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
