"""Campaigns: the list, the editor, and how a campaign looks on a phone."""

import base64

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue

from analytics.dashboard import campaign_form, campaigns, groups, pictures, uploads
from analytics.dashboard.campaign_form import CampaignForm
from analytics.dashboard.parts import wired
from analytics.dashboard.pictures import PictureError
from analytics.dashboard.preview import PreviewError
from core import texts
from core.models.campaign import Audience, Campaign, CouponKind, Spot

pages = Blueprint("campaigns", __name__)

# The dashboard's own pages may frame it, and it may show a picture that is not kept yet.
_FRAMED = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'"
)


@pages.get("/campaigns")
def page() -> ResponseReturnValue:
    parts = wired()
    lines = campaigns.lines(parts.database, parts.settings.traffic.suppress_below, parts.clock())
    return render_template("campaigns.html", lines=lines, Spot=Spot)


@pages.get("/campaigns/new")
def new() -> ResponseReturnValue:
    parts = wired()
    typed = campaign_form.empty(parts.clock(), parts.settings.store.zone)
    return _editor(None, typed)


@pages.get("/campaigns/<int:number>")
def edit(number: int) -> ResponseReturnValue:
    campaign = _find(number)
    return _editor(campaign, campaign_form.typed_of(campaign, wired().settings.store.zone))


@pages.post("/campaigns/save")
def save() -> ResponseReturnValue:
    parts = wired()
    form, number = _form(), _number()
    campaign = _own(number) if number else None
    faults = dict(form.faults)
    group = form.values.get("group_id")
    if group and not campaigns.group_exists(parts.database, group):
        faults["group"] = "missing"
    picture: str | None = "" if form.typed.get("no_picture") else None
    try:
        uploaded = _uploaded_picture()
    except PictureError as error:
        faults["picture"], uploaded = error.reason, None
    has_picture = uploaded or (campaign and campaign.picture and picture is None)
    if has_picture and not form.values.get("picture_text") and "picture_text" not in faults:
        faults["picture_text"] = "missing"
    if faults:
        return _editor(campaign, form.typed, faults), 422
    if uploaded:
        picture = pictures.keep(parts.settings.pictures_dir, uploaded)
    saved = campaigns.save(parts.database, number, form, picture, parts.clock())
    return redirect(url_for("campaigns.edit", number=saved, saved="yes"), 303)


@pages.post("/campaigns/<int:number>/end")
def end(number: int) -> ResponseReturnValue:
    parts = wired()
    _own(number)
    campaigns.end(parts.database, number, parts.clock())
    return redirect(url_for("campaigns.page"), 303)


@pages.get("/campaigns/<int:number>/preview")
def preview(number: int) -> ResponseReturnValue:
    campaign = _find(number)
    return _drawn(campaign, f"/pictures/{campaign.picture}" if campaign.picture else "")


@pages.post("/campaigns/preview")
def preview_draft() -> ResponseReturnValue:
    """What the editor holds, saved or not."""
    parts, form, number = wired(), _form(), _number()
    kept = _find(number).picture if number and not form.typed.get("no_picture") else ""
    address = f"/pictures/{kept}" if kept else ""
    try:
        uploaded = _uploaded_picture()
    except PictureError:
        # Said when it is saved.
        uploaded = None
    if uploaded:
        address = "data:image/webp;base64," + base64.b64encode(uploaded).decode()
    return _drawn(campaigns.draft(form, parts.clock(), kept), address)


@pages.get("/static/portal.css")
def style() -> ResponseReturnValue:
    """The portal's sheet, under the address that its pages refer to."""
    drawn = wired().preview
    if drawn is None:
        abort(404)
    try:
        return Response(drawn.style(), mimetype="text/css")
    except PreviewError:
        abort(404)


@pages.get("/pictures/<name>")
def picture(name: str) -> ResponseReturnValue:
    if not name.endswith(".webp"):
        abort(404)
    return send_from_directory(wired().settings.pictures_dir.absolute(), name)


def _drawn(campaign: Campaign, picture_address: str) -> Response:
    drawn = wired().preview
    if drawn is None:
        abort(404)
    shown_in = campaign.language or wired().settings.store.language
    try:
        answer = make_response(drawn.page(campaign, shown_in, picture_address))
    except PreviewError:
        abort(404)
    answer.headers["Content-Security-Policy"] = _FRAMED
    return answer


def _editor(
    campaign: Campaign | None,
    typed: campaign_form.Typed,
    faults: campaign_form.Typed | None = None,
) -> str:
    parts = wired()
    return render_template(
        "campaign.html",
        campaign=campaign,
        typed=typed,
        faults=faults or {},
        saved="saved" in request.args and not faults,
        spots=list(Spot),
        audiences=list(Audience),
        coupon_kinds=list(CouponKind),
        groups=groups.lines(parts.database),
        languages=texts.LANGUAGES,
        garden=parts.settings.gate.garden_hosts,
        longest=campaign_form.LONGEST,
        rules=parts.settings.campaigns,
        previews=parts.preview is not None,
    )


def _find(number: int) -> Campaign:
    campaign = campaigns.find(wired().database, number)
    if campaign is None:
        abort(404)
    return campaign


def _own(number: int) -> Campaign:
    """One that the store may change: not one of headquarters'."""
    campaign = _find(number)
    if campaign.pushed_key is not None:
        abort(409)
    return campaign


def _form() -> CampaignForm:
    uploads.allow()
    return campaign_form.read(request.form, wired().settings.store.zone)


def _number() -> int | None:
    """Of the campaign that the form changes; None: it makes a new one."""
    return request.form.get("number", type=int)


def _uploaded_picture() -> bytes | None:
    """The picture in the form, made anew; None if there is none."""
    upload = request.files.get("picture")
    content = upload.read(pictures.MOST_BYTES + 1) if upload else b""
    return pictures.remade(content) if content else None
