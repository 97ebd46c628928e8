"""How news for the CRM gets on, and what it refused: to be sent again, or let go of."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from analytics.dashboard import health
from analytics.dashboard.parts import wired
from core import crm_line, outbox, parking
from core.models.outbox_event import OutboxEvent

pages = Blueprint("sync", __name__)

_SHOWN = 100
# Reasons of ours that have words in the texts; any other is a status, and says itself.
_EXPLAINED = ("unknown_type", "bad_envelope", "bad_data", "too_large", "other")


@pages.get("/sync")
def page() -> str:
    parts = wired()
    now = parts.clock()
    with parts.database.reading() as session:
        standing, line = outbox.standing(session), crm_line.read(session)
        parked = parking.parked(session, _SHOWN)
    return render_template(
        "sync.html",
        has_crm=parts.settings.crm.is_on,
        standing=standing,
        is_late=health.is_late(standing, now),
        line=line,
        state=crm_line.state(line, now),
        parked=parked,
        explained=_EXPLAINED,
        binding=parking.BINDING,
        told_anew=parking.TOLD_ANEW if parts.settings.crm.is_compared else frozenset(),
        now=now,
    )


@pages.post("/sync/send-again")
def send_all_again() -> ResponseReturnValue:
    parts = wired()
    with parts.database.writing() as session:
        parking.send_again(session, parts.clock())
    return redirect(url_for("sync.page"), 303)


@pages.post("/sync/<int:number>/send-again")
def send_again(number: int) -> ResponseReturnValue:
    parts = wired()
    with parts.database.writing() as session:
        event_id = _event_id(session.get(OutboxEvent, number))
        parking.send_again(session, parts.clock(), [event_id])
    return redirect(url_for("sync.page"), 303)


@pages.post("/sync/<int:number>/let-go")
def let_go(number: int) -> ResponseReturnValue:
    with wired().database.writing() as session:
        parking.let_go(session, _event_id(session.get(OutboxEvent, number)))
    return redirect(url_for("sync.page"), 303)


def _event_id(found: OutboxEvent | None) -> str:
    """404 if somebody else was quicker, and it has gone since."""
    return found.event_id if found else abort(404)
