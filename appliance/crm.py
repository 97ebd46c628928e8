"""`doorman crm`: how news for the CRM gets on, and what it refused."""

import contextlib
import datetime as dt

import click

from appliance import crm_choice, store_database
from appliance.crm_preview import preview
from core import clock, crm_line, outbox, parking, secret_file, settings
from crm import proofs, reconciliation
from crm.shape import CrmError

_MOST_LINES = 1000


@click.group()
def crm() -> None:
    """See how news for the CRM gets on, and send again what it refused.

    Nothing here shows what an event says of anybody: docs/events tells what each type carries.
    """


@crm.command()
def status() -> None:
    """Print what waits, since when, and what is parked."""
    now = clock.now()
    with store_database.opened() as database, database.reading() as session:
        found, line = outbox.standing(session), crm_line.read(session)
    click.echo(f"waiting\t{found.waiting}")
    if found.oldest_at is not None:
        click.echo(f"oldest\t{_minutes(now - found.oldest_at)} min")
    click.echo(f"breaker\t{crm_line.state(line, now)}")
    if line.failures:
        click.echo(f"failures\t{line.failures} ({line.reason})")
    if line.last_success_at is not None:
        click.echo(f"last success\t{line.last_success_at.isoformat(timespec='seconds')}")
    if line.dropped:
        click.echo(f"dropped\t{line.dropped}")
    click.echo(f"parked\t{found.parked}")


@crm.command("parked")
def show_parked() -> None:
    """Print what the CRM refused, oldest first: id, type, subject, since when, reason."""
    with store_database.opened() as database, database.reading() as session:
        for each in parking.parked(session, _MOST_LINES):
            moment = each.occurred_at.isoformat(timespec="seconds")
            click.echo(f"{each.event_id}\t{each.type}\t{each.subject}\t{moment}\t{each.last_error}")


@crm.command("told")
@click.argument("member", required=False)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only what the CRM has answered since the beginning of this day (UTC).",
)
def show_told(member: str | None, since: dt.datetime | None) -> None:
    """Print what the CRM has taken of consents, withdrawals and erasures, newest first.

    Of MEMBER, or of all: when it answered, when it happened, of what, member's id, kind of CRM.
    Kept for three years. "with the update": this CRM has no place for such news by itself.
    """
    begins = since and since.replace(tzinfo=dt.UTC)
    with store_database.opened() as database, database.reading() as session:
        for each in proofs.shown(session, member, begins, _MOST_LINES):
            moments = (each.confirmed_at, each.happened_at)
            at, happened = (moment.isoformat(timespec="seconds") for moment in moments)
            what = f"{each.told_of} {each.purpose or ''}".strip()
            by = each.crm if each.has_place else f"{each.crm}, with the update"
            click.echo(f"{at}\t{happened}\t{what}\t{each.member}\t{by}")


@crm.command("send-again")
@click.argument("event_ids", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Whatever is parked.")
def send_again(event_ids: tuple[str, ...], everything: bool) -> None:
    """Send what is parked again: by ID, or all. Mend first what the CRM refused it for."""
    if bool(event_ids) is everything:
        raise click.UsageError("say which: ids from `doorman crm parked`, or --all")
    with store_database.opened() as database, database.writing() as session:
        count = parking.send_again(session, clock.now(), None if everything else event_ids)
        if count < len(event_ids):
            raise click.ClickException(
                f"{len(event_ids) - count} of these are not parked; nothing was changed"
            )
    click.echo(f"{count} wait to be sent again")


@crm.command("reconcile")
@click.option(
    "--forget-unknown",
    is_flag=True,
    help="Have the CRM forget members of whom nothing here tells.",
)
@click.option(
    "--believe",
    is_flag=True,
    help="Erase or merge here, however many, whom the CRM says are gone.",
)
def reconcile(*, forget_unknown: bool, believe: bool) -> None:
    """Compare what the CRM holds with the store, and queue news of whatever differs.

    Jobs do so every night. Before --forget-unknown, think of backups: to a store that was
    restored from one, everybody who enrolled since is unknown. Before --believe, ask the CRM's
    people: whom it takes here is gone for good.
    """
    from appliance.mending import StoreMender  # noqa: PLC0415 - no other command needs it

    found = settings.load()
    secrets = secret_file.load_or_create(found.data_dir)
    counterpart = crm_choice.counterpart(found, secrets)
    if counterpart is None:
        raise click.ClickException("nobody to ask: see crm.reconcile_url in docs/settings.md")
    with store_database.opened() as database, contextlib.closing(counterpart):
        sealer = secret_file.open_sealer(found.data_dir)
        mender = StoreMender(
            database, sealer, found, forgets_unknown=forget_unknown, believes=believe
        )
        try:
            findings = reconciliation.reconcile(
                database, counterpart, mender, found.store.zone, clock.now()
            )
        except CrmError as error:
            raise click.ClickException(f"the CRM does not say: {error.reason}") from error
    click.echo(f"compared\t{findings.compared}")
    click.echo(f"differed\t{findings.differing}")
    for mend, count in sorted(findings.mended.items()):
        click.echo(f"{mend}\t{count}")


def _minutes(span: dt.timedelta) -> int:
    return max(0, span // dt.timedelta(minutes=1))


crm.add_command(preview)
