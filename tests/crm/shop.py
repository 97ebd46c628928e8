"""A store that has news of every kind, made up at random, as its programs would queue it."""

import datetime as dt

import sqlalchemy as sa
import ulid

from core import clock, outbox
from core.models.outbox_event import OutboxEvent, OutboxState
from core.outbox import EventType
from core.sealing import Sealer

_AT = "2026-05-16T06:30:00+00:00"
_FIRST = dt.datetime(2026, 5, 16, tzinfo=dt.UTC)
_CAMPAIGN = {"id": 4, "name": "Spring tea"}
_NOTHING = {"value": None, "low": None, "high": None}
_CONSENT = {"purpose": "marketing", "wording_version": "1", "language": "zh", "given_at": _AT}

_OF_MEMBERS = {
    EventType.CONSENT_GIVEN: _CONSENT,
    EventType.CONSENT_WITHDRAWN: {**_CONSENT, "withdrawn_at": _AT},
    EventType.ATTRIBUTION_CHANGED: {
        "source": {"kind": "guide", "code": "G7", "name": "Guide Seven"},
        "since": _AT,
        "until": _AT,
    },
    EventType.COUPON_ISSUED: {
        "campaign": _CAMPAIGN,
        "code": "C-1",
        "issued_at": _AT,
        "expires_at": _AT,
    },
    EventType.COUPON_USED: {"campaign": _CAMPAIGN, "code": "C-1", "used_at": _AT},
    EventType.CAMPAIGN_CLICK: {"campaign": _CAMPAIGN, "clicked_at": _AT},
    EventType.VISIT_CLOSED: {"start": _AT, "end": _AT, "dwell_s": 0, "source": "wifi"},
}
_DWELL = ("under_5_min", "5_to_20_min", "20_to_60_min", "1_to_6_h", "over_6_h")


class Shop:
    def __init__(self, database, field_key, chance):
        self._database, self._sealer, self._chance = database, Sealer(field_key), chance
        self.members = {}
        """Public id -> what the CRM should hold of them."""
        self.versions = {}
        self.absorbed = {}
        """Public id -> who else they turned out to be. The CRM may not have been told."""
        self.days = {}
        self.health_told_at = {}
        """Radio -> when its newest news is from, in Unix seconds."""
        self.queued = []
        """Every event ever queued: id and subject, in order."""

    def work(self, count):
        for _ in range(count):
            with self._database.writing() as session:
                queued, after = self._happen(session)
            # Only now it is true.
            self.queued += queued
            after()

    def _happen(self, session):
        many = len(self.members) > 25
        what = self._chance.choices(
            [self._enrol, self._update, self._do, self._erase, self._merge, self._count],
            [1 if many else 9, 6, 12, 1, 1 if many else 0, 3],
        )[0]
        if not self.members and what != self._count:
            what = self._enrol
        return what(session)

    def _enrol(self, session):
        return self._tell_whole(session, str(ulid.ULID()), EventType.MEMBER_ENROLLED)

    def _update(self, session):
        return self._tell_whole(session, self._anybody(), EventType.MEMBER_UPDATED)

    def _do(self, session):
        member = self._anybody()
        kind = self._chance.choice(list(_OF_MEMBERS))
        version = self.versions[member] + 1
        data = self._about(member, version, _OF_MEMBERS[kind])
        queued = [self._add(session, kind, member, data)]
        return queued, lambda: self.versions.update({member: version})

    def _erase(self, session):
        member = self._anybody()
        self._forget_unsent(session, member)
        more = {"absorbed": self.absorbed.get(member, []), "erased_at": _AT}
        data = self._about(member, self.versions[member] + 1, more)
        queued = [self._add(session, EventType.MEMBER_ERASED, member, data)]
        return queued, lambda: self.members.pop(member)

    def _merge(self, session):
        member, absorbed = self._chance.sample(sorted(self.members), 2)
        self._forget_unsent(session, absorbed)
        version = self.versions[member] + 1
        everybody = [absorbed, *self.absorbed.get(absorbed, []), *self.absorbed.get(member, [])]
        data = self._about(member, version, {"absorbed": everybody})
        queued = [self._add(session, EventType.MEMBER_MERGED, member, data)]

        def after():
            self.members.pop(absorbed)
            self.versions[member] = version
            self.absorbed[member] = everybody

        return queued, after

    def _count(self, session):
        day = f"2026-05-{self._chance.randrange(1, 10):02}"
        kind = self._chance.choice([EventType.TRAFFIC_DAY, EventType.TRAFFIC_HOUR, "health"])
        if kind == EventType.TRAFFIC_DAY:
            data = _day(day, len(self.queued))
            return [self._add(session, kind, day, data)], lambda: self.days.update({day: data})
        if kind == EventType.TRAFFIC_HOUR:
            return [self._add(session, kind, f"{day}T06Z", _hour(day))], _nothing
        told_at = _told_at(len(self.queued))
        data = {
            "store": "store-1",
            "sensor": "wlan1",
            "state": "hearing",
            "heard_at": _AT,
            "problem": None,
            "updated_at": told_at.isoformat(),
        }
        queued = [self._add(session, EventType.SENSOR_HEALTH, "wlan1", data)]
        return queued, lambda: self.health_told_at.update(wlan1=told_at.timestamp())

    def _tell_whole(self, session, member, kind):
        version = self.versions.get(member, 0) + 1
        whole = {
            "phone": f"+861380013{self._chance.randrange(10_000):04}",
            "phone_verified_at": "2026-05-16T06:30:00Z",
            "phone_bound_at": None,
            "email": None,
            "email_verified_at": None,
            "email_bound_at": None,
            "unionid": None,
            "openids": [],
            "language": "zh",
            "enrolled_at": "2026-05-16T06:30:00Z",
            "consents": ["membership"],
        }
        data = self._about(member, version, whole)
        queued = [self._add(session, kind, member, data)]

        def after():
            self.members[member] = data
            self.versions[member] = version

        return queued, after

    def _about(self, member, version, more):
        return {"member": member, **more, "store": "store-1", "version": version}

    def _add(self, session, kind, subject, data):
        now = clock.now()
        return (
            outbox.add(session, self._sealer, kind, subject=subject, data=data, now=now),
            subject,
        )

    def _forget_unsent(self, session, member):
        session.execute(
            sa.delete(OutboxEvent).where(
                OutboxEvent.subject == member, OutboxEvent.state != OutboxState.SENT
            )
        )

    def _anybody(self):
        return self._chance.choice(sorted(self.members))


def _nothing():
    """Nothing that the CRM's state shows."""


def _hour(day):
    figures = {"passers_by": None, "visitors": None, "inside_mean": None, "heard_s": None}
    about = {"store": "store-1", "day": day, "withheld_below": 5, "updated_at": _AT}
    return {"start": f"{day}T06:00:00+00:00", **figures, **about}


def _told_at(count):
    """The more was queued before, the later."""
    return _FIRST + dt.timedelta(seconds=count)


def _day(day, probes):
    """The more probes, the later it was told."""
    return {
        "store": "store-1",
        "day": day,
        "withheld_below": 5,
        "updated_at": _told_at(probes).isoformat(),
        "closed_at": _FIRST.isoformat(),
        "probe_requests": probes,
        "fixtures": None,
        "passers_by": _NOTHING,
        "visitors": _NOTHING,
        "entry_rate": _NOTHING,
        "dwell_median_s": _NOTHING,
        "dwell_visits": {f"dwell_{name}": None for name in _DWELL},
        "bounces": None,
        "heard_s": None,
        "hours": [],
    }
