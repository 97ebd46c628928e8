"""The whole schedule: what runs by the clock, and how often."""

import dataclasses
from collections.abc import Callable

from access_log import anchoring
from analytics import rollup
from analytics.logins import portal_rollup
from analytics.sensor_news import SensorNews
from analytics.visits.running_day import RunningDay
from appliance import access_log_jobs, backup_jobs, verification_jobs, withdrawal_jobs
from appliance.code_watch import CodeWatch
from appliance.crm_choice import Withdrawals
from appliance.headquarters.turn import Turn
from core import clock, do_not_count, retention, secret_file, sightings
from core.database import Database
from core.do_not_count import DoNotCountKey
from core.headquarters_line import Line
from core.log import Log
from core.mail import Mail
from core.metrics import counted
from core.sealing import Sealer
from core.setting_groups.portal import NeighboursKind
from core.settings import Settings
from crm import delivery, overflow, reconciliation
from crm.counterpart import Counterpart
from crm.shape import Crm, CrmError
from gate.client import GateClient, GateError
from portal.access import little_traffic, restoration, visits
from portal.access.accounting import Watch
from portal.clones.challenges import Outcome
from portal.clones.clone_patrol import Patrol
from portal.neighbours import KernelNeighbours, NeighboursError
from portal.opt_outs import OptOutDesk
from portal.sms.carriers import Carriers
from portal.wechat.shape import WechatRelay

_log = Log("jobs")
_OF_OTHERS = (access_log_jobs, backup_jobs, verification_jobs)


@dataclasses.dataclass(frozen=True, slots=True)
class Parts:
    """What jobs work on."""

    settings: Settings
    database: Database
    sealer: Sealer
    gate: GateClient
    crm: Crm | None
    carriers: Carriers | None = None
    wechat: WechatRelay | None = None
    mail: Mail | None = None
    counterpart: Counterpart | None = None
    withdrawals: Withdrawals | None = None
    headquarters: Line | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    name: str
    every_s: int
    run: Callable[[Parts], None]
    at_start: bool = False
    """Whether its first turn is at once, not only after `every_s`."""
    jitter_s: int = 0
    """By how much a turn may come earlier or later, so that stores do not all come at once."""


class _Restore:
    """Says once that the gate does not answer, not at every turn."""

    def __init__(self) -> None:
        self._is_told = False

    def __call__(self, parts: Parts) -> None:
        try:
            count = restoration.restore(parts.database, parts.sealer, parts.gate, clock.now())
        except GateError as error:
            if not self._is_told:
                _log.error("phones not restored", reason=str(error))
            self._is_told = True
            return
        self._is_told = False
        if count:
            _log.info("phones restored", phones=count)


class _Account:
    """Remembers since when it has watched, and says once that the gate does not answer."""

    def __init__(self) -> None:
        self._watch = Watch(little_traffic.PATIENCE)
        self._is_told = False

    def __call__(self, parts: Parts) -> None:
        try:
            ended = self._watch.turn(parts.database, parts.sealer, parts.gate, clock.now())
        except GateError as error:
            if not self._is_told:
                _log.error("traffic not counted", reason=str(error))
            self._is_told = True
            return
        self._is_told = False
        if ended:
            _log.info("sessions ended", **ended)
        for cause, count in ended.items():
            counted.GRANTS_ENDED.add(cause, amount=count)


class _RollUp:
    """Keeps the running day, so that each turn costs by what has come in since the last."""

    def __init__(self) -> None:
        self._running: RunningDay | None = None

    def __call__(self, parts: Parts) -> None:
        now = clock.now()
        today = parts.settings.today(now)
        if self._running is None or self._running.day != today:
            self._running = RunningDay(parts.settings.sightings_dir, today)
        rollup.roll_up(
            parts.database, parts.settings, today, now, self._running, sealer=parts.sealer
        )


class _TellOfSensor:
    def __init__(self) -> None:
        self._news = SensorNews()

    def __call__(self, parts: Parts) -> None:
        self._news.turn(parts.database, parts.sealer, parts.settings, clock.now())


class _WatchCodes:
    def __init__(self) -> None:
        self._watch = CodeWatch()

    def __call__(self, parts: Parts) -> None:
        self._watch.look(parts.database, parts.sealer, parts.settings, parts.carriers, clock.now())


class _SpeakToHeadquarters:
    def __init__(self) -> None:
        self._turn = Turn()

    def __call__(self, parts: Parts) -> None:
        line = parts.headquarters
        self._turn(parts.settings, parts.database, parts.sealer, line, clock.now())


class _FindClones:
    """Remembers what it has seen from turn to turn, and says once that it cannot look."""

    def __init__(self) -> None:
        self._patrol: Patrol | None = None
        self._is_told = False

    def __call__(self, parts: Parts) -> None:
        settings = parts.settings
        if not settings.clones.challenges:
            return
        if settings.portal.neighbours is NeighboursKind.LOOPBACK:
            # The demo's addresses are made up: no two can be the same.
            return
        if self._patrol is None:
            self._patrol = Patrol(
                parts.database,
                parts.sealer,
                parts.gate,
                table=KernelNeighbours(settings.gate.shopper_interface),
                data_dir=settings.data_dir,
                most=settings.clones.challenges,
            )
        try:
            tally = self._patrol.turn(clock.now())
        except (GateError, NeighboursError) as error:
            if not self._is_told:
                _log.error("no look at cloned addresses", reason=str(error))
            self._is_told = True
            return
        self._is_told = False
        for outcome in (Outcome.CHALLENGED, Outcome.ENDED):
            if tally[outcome]:
                event = f"cloned addresses {outcome.name.lower()}"
                _log.warning(event, phones=tally[outcome])


def table(settings: Settings) -> list[Job]:
    return [
        Job("restore phones that the gate forgot", 60, _Restore(), at_start=True),
        Job("charge traffic and end what is over", settings.jobs.account_every_s, _Account()),
        Job("close members' visits", 60, _close_visits),
        Job("find cloned addresses", 15, _FindClones()),
        Job("bring today's figures up to date", settings.jobs.roll_up_every_s, _RollUp()),
        Job("count at the portal", settings.jobs.roll_up_every_s, _count_at_portal),
        Job("close days that have ended", settings.jobs.close_days_every_s, _close_days),
        Job("tell the sensor whom to leave out", 60, _leave_out),
        Job("tell how the sensor is doing", 60, _TellOfSensor()),
        Job("forget sightings that are overdue", 900, _forget_sightings),
        Job("mail reports", 60, _mail_reports),
        Job("send news to the CRM", settings.jobs.send_every_s, _send),
        Job("compare with the CRM, once a night", 600, _reconcile),
        Job("watch the codes", 60, _WatchCodes()),
        Job(
            "speak to headquarters",
            settings.headquarters.report_every_s,
            _SpeakToHeadquarters(),
            jitter_s=settings.headquarters.report_every_s // 5,
        ),
        *(Job(*turn) for turn in withdrawal_jobs.turns()),
        *(Job(*turn) for of_others in _OF_OTHERS for turn in of_others.turns()),
        Job("forget what is no longer needed", 3600, _forget),
    ]


def _close_visits(parts: Parts) -> None:
    desk = visits.Desk(parts.sealer, parts.settings.store.id)
    count = desk.turn(parts.database, clock.now())
    if count:
        _log.info("visits closed", visits=count)


def _close_days(parts: Parts) -> None:
    closed = rollup.close_days(parts.database, parts.sealer, parts.settings, clock.now())
    for day in closed:
        _log.info("day closed", day=day.isoformat())


def _count_at_portal(parts: Parts) -> None:
    for day in portal_rollup.roll_up(parts.database, parts.sealer, parts.settings, clock.now()):
        _log.info("day at the portal closed", day=day.isoformat())


def _leave_out(parts: Parts) -> None:
    settings = parts.settings
    key = DoNotCountKey.of_store(secret_file.load(settings.data_dir).lookup_key)
    desk = OptOutDesk(key, settings.sensor.do_not_count_days, settings.store.zone)
    with parts.database.reading() as session:
        listed = desk.listed(session, clock.now())
    do_not_count.write(settings.data_dir, listed)


def _forget_sightings(parts: Parts) -> None:
    """However the closing of days has gone."""
    settings = parts.settings
    for day in sightings.remove_overdue(settings.sightings_dir, settings.store.zone, clock.now()):
        _log.error("day forgotten without figures", day=day.isoformat())


def _send(parts: Parts) -> None:
    if parts.crm is None:
        overflow.trim(parts.database, parts.settings.crm, clock.now())
        return
    tally = delivery.deliver(parts.database, parts.sealer, parts.crm, parts.settings, clock.now)
    _log.debug("outbox looked at", tally=tally)


def _reconcile(parts: Parts) -> None:
    store, database, now = parts.settings.store, parts.database, clock.now()
    if parts.counterpart is None:
        return
    if not reconciliation.is_due(database, store.id, store.zone, now):
        return
    from appliance.mending import StoreMender  # noqa: PLC0415 - once a night

    mender = StoreMender(database, parts.sealer, parts.settings)
    try:
        reconciliation.reconcile(database, parts.counterpart, mender, store.zone, now)
    except CrmError as error:
        _log.warning("not compared with the CRM", reason=error.reason)


def _mail_reports(parts: Parts) -> None:
    # Without a mail server `doorman doctor` says what to mend.
    if parts.mail is None or not parts.settings.reports.recipients:
        return
    from analytics.reports import mailing  # noqa: PLC0415 - for stores that have recipients

    stands = str(anchoring.head(parts.database) or "")
    mailing.send_due(
        parts.database, parts.sealer, parts.settings, parts.mail, clock.now(), stands=stands
    )


def _forget(parts: Parts) -> None:
    with parts.database.writing() as session:
        forgotten = retention.forget(session, clock.now())
    _log.info("rows forgotten", **forgotten)
