"""`doorman crm preview`: what the CRM would be sent, with nothing leaving this machine."""

import contextlib
import getpass
import json
import os
from collections.abc import Sequence

import click
import sqlalchemy as sa

from analytics.dashboard import audit
from appliance import crm_choice, store_database
from core import clock, secret_file, settings
from core.database import Database
from core.members import consents, member_news
from core.models.audit_entry import AuditEntry
from core.models.member import Member
from core.models.outbox_event import OutboxEvent
from core.sealing import Sealer
from core.settings import Settings
from crm import rehearsal, samples
from crm.event import Event, opened
from crm.rehearsal import Rehearsal

_LONGEST_NAME = 64


class _NotKeptError(Exception):
    """Ends a transaction of which nothing shall stay."""


@click.command()
@click.option(
    "--member", metavar="ID", help="What waits of this member; else the member as of now."
)
@click.option("--last", type=click.IntRange(1, 1000), metavar="N", help="The newest N that wait.")
@click.option("--show-personal", is_flag=True, help="Hide nothing. This is written down.")
def preview(member: str | None, last: int | None, show_personal: bool) -> None:
    """Print the requests that the CRM would be sent, and send nothing.

    Without an option: the newest event that waits of each type, or one made up.
    """
    if member and last:
        raise click.UsageError("--member or --last, not both")
    found = settings.load()
    secrets = secret_file.load_or_create(found.data_dir)
    sealer = secret_file.open_sealer(found.data_dir)
    with store_database.opened() as database:
        crm = crm_choice.choose(found, secrets, database, sealer)
        if crm is None:
            raise click.ClickException("there is no CRM: crm.kind and crm.url say where it is")
        with contextlib.closing(crm):
            if show_personal:
                _write_down(database, member)
            events = _chosen(database, sealer, found, member, last)
            _print(rehearsal.rehearse(crm, events, shows_personal=show_personal))


def _chosen(
    database: Database, sealer: Sealer, found: Settings, member: str | None, last: int | None
) -> Sequence[Event]:
    store = found.store.id
    with database.reading() as session:
        if last:
            return rehearsal.last(session, sealer, store, last)
        if not member:
            return rehearsal.of_each_type(session, sealer, store)
        waiting = rehearsal.of_subject(session, sealer, store, member)
    return waiting or _as_of_now(database, sealer, store, member)


def _as_of_now(database: Database, sealer: Sealer, store: str, public_id: str) -> Sequence[Event]:
    """What the CRM would hear of the member if something changed now."""
    events: list[Event] = []
    with contextlib.suppress(_NotKeptError), database.writing() as session:
        member = session.scalar(sa.select(Member).where(Member.public_id == public_id))
        if member is None:
            raise click.ClickException("there is no such member, and nothing waits of one")
        before = session.scalar(sa.select(sa.func.max(OutboxEvent.id))) or 0
        purposes = consents.purposes(consents.of_member(session, member))
        now = clock.now()
        member_news.changed(
            session, sealer, member, is_new=False, purposes=purposes, store_id=store, now=now
        )
        told = sa.select(OutboxEvent).where(OutboxEvent.subject == public_id)
        rows = session.scalars(told.where(OutboxEvent.id > before).order_by(OutboxEvent.id))
        events = [opened(row, sealer, store) for row in rows]
        raise _NotKeptError
    return events


def _print(found: Rehearsal) -> None:
    types = {event.id: event.type for event in found.events}
    about: tuple[str, ...] = ()
    for request in found.requests:
        for event_id in request.event_ids if request.event_ids != about else ():
            made_up = " (made up)" if _is_made_up(event_id) else ""
            click.echo(f"# {event_id} {types[event_id]}{made_up}")
        about = request.event_ids
        click.echo(f"{request.method} {request.address}")
        if request.body is not None:
            click.echo(json.dumps(request.body, ensure_ascii=False, indent=2))
        click.echo()
    for event in found.left_out:
        click.echo(f"# {event.id} {event.type}: this CRM has no place for it")
    if not found.requests:
        click.echo("nothing would be sent")


def _is_made_up(event_id: str) -> bool:
    return event_id.startswith(samples.ID_PREFIX)


def _write_down(database: Database, member: str | None) -> None:
    who = f"system:{os.environ.get('SUDO_USER') or getpass.getuser()}"
    entry = AuditEntry(
        at=clock.now(), user_name=who[:_LONGEST_NAME], action="crm.preview", member=member
    )
    audit.write(database, entry)
