"""The fleet's pages with metrics beside them: `gunicorn "appliance.hq.fleet:create()"`."""

from flask import Flask

from analytics.dashboard import site
from appliance.metrics import headquarters
from hq.pages import wsgi


def create() -> Flask:
    app = wsgi.create()
    return headquarters.put_beside(app, app.extensions[site.PARTS])
