"""My data: what is known of a shopper, shown to whoever has just proven the account."""

import dataclasses

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from core.members import data_export
from core.members.dossier import Dossier
from core.models.consent import Purpose
from core.models.device import Device
from core.models.login import Login, Serves
from core.models.wording import Wording
from portal import mutex, page, wording
from portal.my_data import fresh_proof
from portal.views import my_data_proof
from portal.visitor import Visitor, arrive, asked_language, browser_language, wired

bp = Blueprint("my_data", __name__)

HERE = "/my-data"
# The page shows the newest; the file has all.
_MOST_SHOWN = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """Whose data may be shown, read in the transaction that it was asked in."""

    device: Device
    proof: Login
    dossier: Dossier


def proven(session: Session, visitor: Visitor, *, to_change: bool = False) -> Shown | None:
    """None without a fresh proof. Who means to change something is alone with it."""
    device, parts = visitor.standing.device, wired()
    if device is None:
        return None
    if to_change:
        mutex.hold(session, device.lookup)
    proof = fresh_proof.of(session, device, visitor.now)
    if proof is None:
        return None
    return Shown(device, proof, fresh_proof.dossier_by(session, parts.sealer, proof, visitor.now))


@bp.get("/my-data")
def show() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    with parts.database.reading() as session:
        shown = proven(session, visitor)
        if shown is not None:
            return _data_page(visitor, shown.dossier)
        device = visitor.standing.device
        waits = device and fresh_proof.awaited(session, device, Serves.MY_DATA, visitor.now)
        away = device and fresh_proof.away(session, device, visitor.now)
    if "change" in request.args:
        return my_data_proof.ask_page(visitor)
    if away:
        return page.go(f"{HERE}/wechat", visitor)
    if waits:
        return my_data_proof.code_page(visitor, waits)
    return my_data_proof.ask_page(visitor)


@bp.get("/my-data/export")
def export() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    with parts.database.reading() as session:
        shown = proven(session, visitor)
        if shown is None:
            return page.go(HERE, visitor)
        body = data_export.as_file(
            session,
            parts.sealer,
            shown.dossier,
            store_id=parts.settings.store.id,
            now=visitor.now,
        )
    answer = Response(body, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


@bp.get("/my-data/wording/<version>")
def show_wording(version: str) -> ResponseReturnValue:
    """The words of a consent, as they were read then. Readable by anyone: they name nobody."""
    with wired().database.reading() as session:
        found = session.get(Wording, version)
    if found is None:
        raise NotFound
    zone = wired().settings.store.zone
    return page.render(
        "my_data_wording.html",
        asked_language(request.args) or browser_language(),
        here=f"{HERE}/wording/{found.version}",
        wording=found,
        since=found.first_shown_at.astimezone(zone),
    )


@bp.post("/my-data/close")
def close() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is not None:
        with parts.database.writing() as session:
            mutex.hold(session, device.lookup)
            fresh_proof.end(session, device)
    return page.go("/", visitor)


def _data_page(visitor: Visitor, found: Dossier) -> Response:
    parts = wired()
    zone = parts.settings.store.zone
    live = {each.purpose for each in found.consents if each.withdrawn_at is None}
    return page.render(
        "my_data.html",
        visitor.language,
        here=HERE,
        found=found,
        may_withdraw=[each for each in Purpose if each in live],
        most=_MOST_SHOWN,
        when=lambda moment: moment.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        amount=wording.data,
        address=parts.settings.portal.url + HERE,
        can_reach=my_data_proof.can_reach(),
    )
