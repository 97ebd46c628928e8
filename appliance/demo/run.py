"""Brings the whole appliance up on the loopback address, for people and for `--once`."""

import contextlib
import dataclasses
import datetime as dt
import functools
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

from analytics.dashboard import accounts
from appliance import web_server
from appliance.demo import past_news, scene
from appliance.demo.chain import Chain
from appliance.demo.plan import HOST, Plan, command
from appliance.demo.processes import Processes
from appliance.demo.year import Year
from core import clock, migrate, secret_file
from core.database import Database
from core.setting_groups.store import StoreSettings
from core.settings import Settings

USER = "manager"
_PAGES = ("portal", "dashboard", "fakes")
_START_WITHIN_S = 30
_REPLAY_WITHIN_S = 120

_ZONE = StoreSettings().zone
_PAST_SEED, _TODAY_SEED = 15, 16
_OPENS = dt.time(10)
_TODAY_BEGINS = dt.timedelta(hours=5)
_CATCH_UP_SPEED = "400"


@dataclasses.dataclass(frozen=True, slots=True)
class Running:
    """The appliance, up: portal, dashboard, gate and the fakes answer."""

    plan: Plan
    processes: Processes
    database: Database
    password: str
    """Of the dashboard's user, made for this run."""

    def remember_a_year(self) -> None:
        """Make up what was counted before the day that `sense_past_day` replays."""
        now = clock.now()
        before = clock.store_day(_opening(now), _ZONE) - dt.timedelta(days=1)
        data = Path(self.plan.environment["DOORMAN_DATA_DIR"])
        store = StoreSettings(id=self.plan.environment["DOORMAN_STORE__ID"])
        with self.database.writing() as session:
            Year(_ZONE, before).fill(session)
            sealer = secret_file.open_sealer(data)
            past_news.tell(session, sealer, Settings(data_dir=data, store=store), now)

    def sense_past_day(self, cache: Path) -> None:
        """Replay a whole day that is over, as fast as it goes; jobs can then close it."""
        self._start_sensor(scene.capture(cache, _PAST_SEED), _opening(clock.now()), [])
        self.processes.wait_for(
            "replay of a day", lambda: self.processes.ended("sensor"), _REPLAY_WITHIN_S
        )

    def sense_today(self, cache: Path) -> None:
        """Replay the last hours within a minute, then go on at the pace of real time."""
        now = clock.now()
        midnight, _ = clock.day_bounds(clock.store_day(now, _ZONE), _ZONE)
        begin = max(midnight, now - _TODAY_BEGINS)
        self._start_sensor(scene.capture(cache, _TODAY_SEED), begin, ["--speed", _CATCH_UP_SPEED])

    def _start_sensor(self, capture: Path, first_frame_at: dt.datetime, pace: list[str]) -> None:
        at = first_frame_at.strftime("%Y-%m-%dT%H:%M:%S%z")
        self.processes.start(
            "sensor",
            command("sensor", "--replay", str(capture), "--first-frame-at", at, *pace),
            may_end=True,
        )

    def join_chain(self, chain: Chain) -> None:
        """Start headquarters and its other stores."""
        chain.start(self.processes)
        for name in ("hq", "fleet"):
            port = getattr(self.plan.ports, name)
            self.processes.wait_for(name, functools.partial(_answers, port), _START_WITHIN_S)

    def start_jobs(self) -> None:
        self.processes.start("jobs", command("jobs"))


@contextlib.contextmanager
def appliance(plan: Plan) -> Iterator[Running]:
    """Start everything but sensor and jobs; at the end, however it comes, stop everything.

    Raises:
        PortTakenError, ProgramEndedError, TimeoutError: it did not come up, and why.
    """
    plan.ports.check(*_PAGES)
    data = plan.folder / "data"
    data.mkdir(mode=0o700)
    (plan.folder / "run" / "alive").mkdir(mode=0o700, parents=True)
    database = Database(f"sqlite:///{data / 'doorman.sqlite'}")
    migrate.upgrade(database)
    password = secrets.token_urlsafe(9)
    accounts.add(database, USER, password, clock.now())
    try:
        with Processes(plan.folder / "logs", plan.environment) as processes:
            _start_servers(plan, processes)
            yield Running(plan, processes, database, password)
    finally:
        database.dispose()


def _start_servers(plan: Plan, processes: Processes) -> None:
    fakes = web_server.arguments(
        "appliance.demo.fakes.wsgi:create()", web_server.Place(HOST, plan.ports.fakes)
    )
    processes.start("fakes", fakes)
    processes.start("gate", command("gate"))
    processes.start("portal", command("portal"))
    processes.start("dashboard", command("dashboard"))
    for name in _PAGES:
        port = getattr(plan.ports, name)
        processes.wait_for(name, functools.partial(_answers, port), _START_WITHIN_S)
    gate = Path(plan.environment["DOORMAN_DATA_DIR"]) / "gate.sock"
    processes.wait_for("gate", gate.exists, _START_WITHIN_S)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _opening(now: dt.datetime) -> dt.datetime:
    """Ten in the morning of the newest day that is over beyond doubt, in the demo's store."""
    day = clock.store_day(now - dt.timedelta(hours=1), _ZONE) - dt.timedelta(days=1)
    return dt.datetime.combine(day, _OPENS, _ZONE)
