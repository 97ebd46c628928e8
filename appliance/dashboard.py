"""The dashboard with the portal's pages to look at, and metrics: `appliance.dashboard:create()`.

Neither program imports the other; here, where all are known, they meet: when somebody first looks
at a campaign, for the portal's pages take memory that a small box has better uses for.
"""

import threading
from typing import TYPE_CHECKING

from flask import Flask

from analytics.dashboard import site, wsgi
from analytics.dashboard.preview import PreviewError
from appliance.metrics import store
from core import settings
from core.log import Log
from core.models.campaign import Campaign
from core.settings import Settings, SettingsError

if TYPE_CHECKING:
    from portal.preview import Preview

_log = Log("dashboard")


def create() -> Flask:
    app = wsgi.create(_LatePreview(settings.load()))
    return store.put_beside(app, app.extensions[site.PARTS])


class _LatePreview:
    """`analytics.dashboard.preview.Preview`, by a portal that is made when it is first asked."""

    def __init__(self, found: Settings) -> None:
        self._found = found
        self._making = threading.Lock()
        self._made: Preview | None = None

    def page(self, campaign: Campaign, language: str, picture: str) -> str:
        return self._preview().page(campaign, language, picture)

    def style(self) -> bytes:
        return self._preview().style()

    def _preview(self) -> "Preview":
        with self._making:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> "Preview":
        import portal.wsgi  # noqa: PLC0415 - see above
        from portal.preview import Preview  # noqa: PLC0415 - as above

        try:
            return Preview(portal.wsgi.open_parts(self._found))
        except SettingsError as error:
            # What keeps the portal from starting is no reason to show no dashboard.
            _log.warning("campaigns cannot be previewed", reason=str(error))
            raise PreviewError("the portal's settings are wrong") from error
