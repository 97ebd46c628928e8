"""What shoppers do to their data: correct, withdraw, erase. Each asks for the fresh proof anew."""

import dataclasses

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from core import erasure, texts
from core.log import Log
from core.models.consent import Purpose
from gate.client import GateError
from portal import page
from portal.my_data import corrections, fresh_proof
from portal.views.my_data import HERE, Shown, proven
from portal.visitor import arrive, asked_language, browser_language, wired

bp = Blueprint("my_data_changes", __name__)
_log = Log("portal")

_ERASE = f"{HERE}/erase"


@bp.get("/my-data/language")
@bp.get("/my-data/close")
def go_back() -> ResponseReturnValue:
    """A sheet that is reopened asks again for where its last form went."""
    return page.go(HERE, arrive())


@bp.post("/my-data/language")
def set_language() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    language = request.form.get("language", "")
    if language in texts.LANGUAGES:
        with parts.database.writing() as session:
            shown = proven(session, visitor, to_change=True)
            if shown is not None:
                corrections.set_language(
                    session,
                    parts.sealer,
                    shown.dossier,
                    language,
                    store_id=parts.settings.store.id,
                    now=visitor.now,
                )
    return page.go(HERE, visitor)


@bp.get("/my-data/withdraw/<purpose>")
def ask_withdraw(purpose: str) -> ResponseReturnValue:
    return _withdraw_page(_purpose(purpose))


@bp.post("/my-data/withdraw/<purpose>")
def withdraw(purpose: str) -> ResponseReturnValue:
    visitor, parts, which = arrive(), wired(), _purpose(purpose)
    if which is Purpose.MEMBERSHIP:
        return page.go(_ERASE, visitor)
    with parts.database.reading() as session:
        shown = proven(session, visitor)
    if which is Purpose.TERMS and shown is not None:
        # First off, then on paper: nobody is to be online without them.
        try:
            _go_offline(shown)
        except GateError as error:
            _log.error("the gate did not revoke a phone", reason=str(error))
            return _withdraw_page(which, failed=True)
    with parts.database.writing() as session:
        shown = proven(session, visitor, to_change=True)
        is_done = shown is not None and corrections.withdraw(
            session,
            parts.sealer,
            shown.dossier,
            which,
            store_id=parts.settings.store.id,
            now=visitor.now,
        )
    if is_done:
        _log.info("consent withdrawn", purpose=which)
    return page.go(HERE, visitor)


@bp.get("/my-data/erase")
def ask_erase() -> ResponseReturnValue:
    visitor = arrive()
    with wired().database.reading() as session:
        shown = proven(session, visitor)
    if shown is None:
        return page.go(HERE, visitor)
    return page.render(
        "my_data_erase.html",
        visitor.language,
        here=_ERASE,
        is_member=shown.dossier.member is not None,
    )


@bp.post("/my-data/erase")
def erase() -> ResponseReturnValue:
    """Sent twice, or after the proof is over, it leads to where the shopper stands."""
    visitor, parts = arrive(), wired()
    with parts.database.writing() as session:
        shown = proven(session, visitor, to_change=True)
        if shown is None:
            return page.go(HERE, visitor)
        member, lookups = shown.dossier.member, shown.dossier.lookups
        erased = member and erasure.erase(
            session,
            parts.sealer,
            member.public_id,
            store_id=parts.settings.store.id,
            now=visitor.now,
        )
        fresh_proof.end(session, shown.device)
        session.flush()
        erasure.forget_unfinished(session, lookups)
    if erased:
        _log.info("member erased", **dataclasses.asdict(erased))
    return page.go(f"{HERE}/erased", visitor)


@bp.get("/my-data/erased")
def erased() -> ResponseReturnValue:
    language = asked_language(request.args) or browser_language()
    return page.render("my_data_erased.html", language, here=f"{HERE}/erased")


def _withdraw_page(purpose: Purpose, *, failed: bool = False) -> ResponseReturnValue:
    visitor = arrive()
    if purpose is Purpose.MEMBERSHIP:
        return page.go(_ERASE, visitor)
    with wired().database.reading() as session:
        shown = proven(session, visitor)
    if shown is None:
        return page.go(HERE, visitor)
    return page.render(
        "my_data_withdraw.html",
        visitor.language,
        503 if failed else 200,
        here=f"{HERE}/withdraw/{purpose}",
        purpose=purpose,
        failed=failed,
    )


def _purpose(name: str) -> Purpose:
    try:
        return Purpose(name)
    except ValueError:
        abort(404)


def _go_offline(shown: Shown) -> None:
    """Stop every phone that is online under the terms. GateError: some may still be."""
    now = arrive().now
    running = {
        stay.grant.device_id
        for stay in shown.dossier.stays
        if stay.grant.ended_at is None and stay.grant.expires_at > now
    }
    for phone in shown.dossier.phones:
        if phone.device.id in running:
            wired().admission.close(phone.mac, now)
