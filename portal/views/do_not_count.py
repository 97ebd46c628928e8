"""The page on which a phone is left out of the count, and counted again."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from core.mac import Mac
from portal import page
from portal.visitor import (
    UnknownNeighbourError,
    asked_language,
    browser_language,
    hardware_address,
    wired,
)

bp = Blueprint("do_not_count", __name__)

HERE = "/do-not-count"


@bp.get(HERE)
def show() -> ResponseReturnValue:
    """Readable by anyone; who is on the guest Wi-Fi, before login or after, has a button."""
    parts, mac = wired(), hardware_address()
    until = None
    if mac is not None:
        with parts.database.reading() as session:
            until = parts.opt_out_desk.until(session, mac, parts.clock())
    return page.render(
        "do_not_count.html",
        _language(),
        here=HERE,
        is_here=mac is not None,
        until=until and until.astimezone(parts.settings.store.zone).strftime("%Y-%m-%d"),
        is_strict=parts.settings.sensor.strict,
    )


@bp.post(HERE)
def leave_out() -> ResponseReturnValue:
    parts, mac = wired(), _known_mac()
    with parts.database.writing() as session:
        parts.opt_out_desk.leave_out(session, mac, parts.clock())
    return _back()


@bp.post(f"{HERE}/undo")
def count_again() -> ResponseReturnValue:
    parts, mac = wired(), _known_mac()
    with parts.database.writing() as session:
        parts.opt_out_desk.count_again(session, mac)
    return _back()


def _known_mac() -> Mac:
    mac = hardware_address()
    if mac is None:
        raise UnknownNeighbourError
    return mac


def _language() -> str:
    return asked_language(request.values) or browser_language()


def _back() -> ResponseReturnValue:
    # As said on the page that was left: what the browser asks for may be another.
    return redirect(f"{HERE}?lang={_language()}", 303)
