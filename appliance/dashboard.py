"""The dashboard with the portal's pages to look at: `gunicorn "appliance.dashboard:create()"`.

Neither program imports the other; here, where both are known, they meet.
"""

from flask import Flask

import portal.wsgi
from analytics.dashboard import wsgi
from core import settings
from core.setting_groups.sms import SmsSettings
from portal.preview import Preview


def create() -> Flask:
    found = settings.load()
    # It sends nothing: what is wrong with a carrier is no reason to show no dashboard.
    shown = found.model_copy(update={"sms": SmsSettings()})
    return wsgi.create(Preview(portal.wsgi.open_parts(shown)))
