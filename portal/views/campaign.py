"""Leads from campaigns to the brand's shop, takes answers, and remembers QR codes of sources."""

from flask import Blueprint, Response, abort, redirect, request, send_from_directory
from flask.typing import ResponseReturnValue

from core.models.campaign import Campaign
from portal import page
from portal.promotion import clicks, surveys
from portal.views import steps
from portal.views.extras import member_id_of
from portal.visitor import arrive, wired
from portal.ways.standing import Stage

bp = Blueprint("campaign", __name__)

_YEAR_S = 365 * 86_400


@bp.get("/c/<int:number>")
def follow(number: int) -> ResponseReturnValue:
    """Lead to where the campaign itself leads, and nowhere that the address could name."""
    visitor, parts = arrive(), wired()
    with parts.database.writing() as session:
        campaign = session.get(Campaign, number)
        running = parts.campaign_desk.running(session, visitor.now)
        if campaign is None or campaign not in running or not campaign.link:
            return steps.go_on(visitor)
        parts.campaign_desk.count(session, number, "clicks", visitor.now)
        parts.phone_count.clicked(session, visitor.mac, visitor.now)
        clicks.tell(
            session,
            parts.sealer,
            campaign,
            member_id_of(visitor),
            store_id=parts.settings.store.id,
            now=visitor.now,
        )
    return redirect(campaign.link, code=303)


@bp.get("/pictures/<name>")
def picture(name: str) -> Response:
    """The name is the hash of what is in it, so that it can be kept for good."""
    if not name.endswith(".webp"):
        abort(404)
    answer = send_from_directory(wired().settings.pictures_dir.absolute(), name, max_age=_YEAR_S)
    answer.cache_control.immutable = True
    return answer


@bp.post("/survey")
def take_answer() -> ResponseReturnValue:
    visitor = arrive()
    device = visitor.standing.device
    survey_id = request.form.get("survey", type=int)
    number = request.form.get("answer", type=int)
    is_online = visitor.standing.stage is Stage.ONLINE
    if is_online and device is not None and survey_id is not None and number is not None:
        with wired().database.writing() as session:
            surveys.answer(session, survey_id, number, device, member_id_of(visitor))
    return page.go("/online", visitor) if is_online else steps.go_on(visitor)


@bp.get("/survey")
def go_back() -> ResponseReturnValue:
    """A sheet that is reopened asks again for where its last form went."""
    return steps.go_on(arrive())
