"""A strict WeChat: `gunicorn --threads=8 'tests.fakes.wechat.wsgi:create()'`, one worker.

Its accounts come from the environment, as JSON (see `tests.fakes.wechat.server`).
"""

import json
import os

from flask import Flask

from tests.fakes.wechat import api, control, pages
from tests.fakes.wechat.state import App, State

VARIABLE = "FAKE_WECHAT"


def create():
    found = json.loads(os.environ[VARIABLE])
    app = Flask(__name__)
    app.extensions["wechat"] = State(
        [App(**fields) for fields in found["apps"]], found.get("retry_s", 5)
    )
    for module in (api, pages, control):
        app.register_blueprint(module.bp)
    return app
