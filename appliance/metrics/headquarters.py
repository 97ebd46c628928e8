"""The metrics of headquarters, beside the fleet's pages."""

import datetime as dt
from collections.abc import Mapping

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from appliance.metrics import chain, machine, news, store
from appliance.metrics.collection import Collection
from appliance.metrics.endpoint import PATH, Endpoint
from appliance.metrics.sample import Collector
from hq.pages.parts import Parts


def collectors(parts: Parts) -> Mapping[str, Collector]:
    database, clock = parts.database, parts.clock
    silent_after = dt.timedelta(minutes=parts.settings.silent_minutes)
    return {
        "build": store.of_build,
        "stores": lambda: chain.of_stores(database, silent_after, clock()),
        "inbox": lambda: chain.of_inbox(database, clock()),
        "orders": lambda: chain.of_orders(database, clock()),
        "sms": lambda: chain.of_sms(database, clock()),
        "outbox": lambda: news.of_outbox(database, clock()),
        "database": lambda: machine.of_database(database),
        "clock": machine.of_clock,
        "programs": machine.of_programs,
    }


def put_beside(app: Flask, parts: Parts) -> Flask:
    """Answer `PATH` before the pages do."""
    endpoint = Endpoint(
        Collection(collectors(parts)),
        parts.database,
        parts.sealer,
        parts.clock,
        lambda _now: parts.today,
    )
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PATH: endpoint})  # type: ignore[method-assign]  # as Flask advises
    return app
