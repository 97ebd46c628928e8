"""The metrics of a store, beside its dashboard."""

import functools
import importlib.metadata
import platform
from collections.abc import Iterator, Mapping

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from analytics.dashboard.parts import Parts
from appliance.metrics import logs, machine, news, sensing, shoppers
from appliance.metrics.collection import Collection
from appliance.metrics.endpoint import PATH, Endpoint
from appliance.metrics.sample import Collector, Sample
from core.metrics.family import gauge
from gate.client import GateClient

# The pages' client waits longer than metrics may.
_GATE_WAIT_S = 0.3

BUILD = gauge(
    "doorman_build_info",
    "1; the version of Doorman and of Python are its labels",
    "The same in all stores but the canaries.",
    *("version", "python"),
)


def collectors(parts: Parts) -> Mapping[str, Collector]:
    found, database, clock = parts.settings, parts.database, parts.clock
    gate = GateClient(found.gate_socket, _GATE_WAIT_S)
    return {
        "build": of_build,
        "gate": lambda: shoppers.of_gate(gate),
        "shoppers": lambda: shoppers.of_database(database, clock()),
        "outbox": lambda: news.of_outbox(database, clock()),
        "pushed": lambda: news.of_pushed(found),
        "sensor": lambda: sensing.of_sensor(found, clock()),
        "days": lambda: sensing.of_days(database, found.today(clock())),
        "disk": lambda: machine.of_disk(found.data_dir),
        "database": lambda: machine.of_database(database, found.sightings_dir),
        "certificate": lambda: machine.of_certificate(found),
        "backups": lambda: machine.of_backups(found),
        "logs": lambda: logs.of_logs(found, clock()),
        "clock": machine.of_clock,
        "programs": machine.of_programs,
    }


def of_build() -> Iterator[Sample]:
    labels = importlib.metadata.version("doorman"), platform.python_version()
    yield Sample(BUILD, 1, labels)


def put_beside(app: Flask, parts: Parts) -> Flask:
    """Answer `PATH` before the pages do."""
    endpoint = Endpoint(
        Collection(collectors(parts)),
        parts.database,
        parts.sealer,
        parts.clock,
        functools.partial(type(parts.settings).today, parts.settings),
    )
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PATH: endpoint})  # type: ignore[method-assign]  # as Flask advises
    return app
