"""Who has sent this request, and where they stand."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import cast

from flask import current_app, request

from core import texts
from core.mac import Mac
from portal import ticket
from portal.parts import Parts
from portal.ways import standing
from portal.ways.standing import Stage, Standing

EXTENSION = "doorman"


class UnknownNeighbourError(Exception):
    """The request is not from a phone on the guest Wi-Fi, as far as the kernel knows."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Visitor:
    mac: Mac
    standing: Standing
    now: dt.datetime
    language: str
    usual_language: str
    """What they would be shown without a `lang` in the address."""


def wired() -> Parts:
    return cast("Parts", current_app.extensions[EXTENSION])


def arrive() -> Visitor:
    """Read who is there, anew on every request; UnknownNeighbourError if it cannot be told."""
    parts = wired()
    now = parts.clock()
    mac = hardware_address()
    if mac is None:
        raise UnknownNeighbourError
    with parts.database.reading() as session:
        found = standing.of(session, parts.sealer, mac, now)
    if found.stage is Stage.ONLINE and not parts.admission.is_open(mac):
        # After a power cut the firewall's sets are empty, and the grant still runs.
        found = dataclasses.replace(found, stage=Stage.CONNECT)
    # A login under way speaks as it began; one that is over says nothing about today.
    under_way = found.login if found.stage is not Stage.PHONE else None
    usual = under_way.language if under_way else browser_language()
    return Visitor(mac, found, now, asked_language(request.values) or usual, usual)


def hardware_address() -> Mac | None:
    """Of the phone that asks: by the address it asks from, unless NAT hides that."""
    parts = wired()
    if parts.settings.portal.behind_nat:
        return ticket.read(parts.sealer, request.cookies.get(ticket.COOKIE, ""), parts.clock())
    return parts.neighbours.mac_of(request.remote_addr or "")


def asked_language(values: Mapping[str, str]) -> str | None:
    """The language that was picked on a page, carried by links and forms as `lang`."""
    asked = values.get("lang")
    return asked if asked in texts.LANGUAGES else None


def browser_language() -> str:
    return texts.preferred(request.headers.get("Accept-Language"), wired().settings.store.language)
