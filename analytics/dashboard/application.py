"""Builds the store manager's web application from its parts."""

from urllib.parse import urlsplit

from flask import Flask

from analytics.dashboard import audit_subject, pages, roles, serving
from analytics.dashboard.parts import Parts, wired
from analytics.dashboard.site import Frame
from analytics.dashboard.views import (
    access_log,
    account,
    audit,
    calibration,
    campaigns,
    counting,
    coupons,
    figures,
    funnel,
    groups,
    guests,
    heat,
    history,
    live,
    members,
    notes,
    online,
    reports,
    sensor,
    sign,
    sign_in,
    sources,
    status,
    surveys,
    sync,
    today,
    tokens,
    traffic,
    vouchers,
    walks,
    will,
)

_VIEWS = (
    sign_in,
    account,
    today,
    live,
    traffic,
    sensor,
    history,
    heat,
    notes,
    funnel,
    reports,
    online,
    guests,
    vouchers,
    members,
    will,
    campaigns,
    sources,
    coupons,
    surveys,
    groups,
    tokens,
    status,
    sync,
    figures,
    sign,
    access_log,
    audit,
    calibration,
    walks,
    counting,
)


def create_app(parts: Parts) -> Flask:
    frame = Frame(
        home="today.page",
        cookie="doorman_dashboard",
        rights=roles.RIGHTS,
        groups=pages.GROUPS,
        part_of=pages.PART_OF,
        is_used=_is_used,
        subject=audit_subject.of_request,
        # Phones would hold to HTTPS, also once the portal has lost its certificate.
        shared_names=frozenset({urlsplit(parts.settings.portal.url).hostname or ""}),
    )
    app = serving.build(parts, frame, [each.pages for each in _VIEWS])
    app.extensions[live.ROOM] = live.room(parts.settings.dashboard.live_streams)
    return app


def _is_used(page: str) -> bool:
    ways = wired().settings.ways
    return {"guests": ways.sponsor, "vouchers": ways.voucher}.get(page, True)
