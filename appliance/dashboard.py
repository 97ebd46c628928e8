"""The dashboard with the portal's pages to look at, and metrics: `appliance.dashboard:create()`.

Neither program imports the other; here, where all are known, they meet.
"""

from flask import Flask

import portal.wsgi
from analytics.dashboard import site, wsgi
from appliance.metrics import store
from core import settings
from core.log import Log
from core.settings import Settings, SettingsError
from portal.preview import Preview

_log = Log("dashboard")


def create() -> Flask:
    app = wsgi.create(_preview(settings.load()))
    return store.put_beside(app, app.extensions[site.PARTS])


def _preview(found: Settings) -> Preview | None:
    try:
        return Preview(portal.wsgi.open_parts(found))
    except SettingsError as error:
        # What keeps the portal from starting is no reason to show no dashboard.
        _log.warning("campaigns cannot be previewed", reason=str(error))
        return None
