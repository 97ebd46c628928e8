"""Answers what gateways ask and takes down what they report, by way of FreeRADIUS."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from core.log import Log
from gate.shape import Counters
from gate.whereabouts import NOWHERE, Whereabouts
from gear.radius import answers, counting, words
from gear.radius.answers import Answer
from gear.radius.memory import Memory
from gear.radius.nas import Nas
from gear.radius.records import Place
from gear.radius.words import Kind, Phone, Report, WordsError

_log = Log("gear")


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    gateways: Mapping[str, Nas]
    memory: Memory
    portal_url: str
    """Where a gateway sends a phone that is to see the portal."""
    report_every_s: int
    idle_s: int
    """Longest time of silence that any plan allows, 0 if one allows any."""
    look: Callable[[], object] = lambda: None
    """Called when a phone may have to be stopped."""

    def authorise(self, found: Mapping[str, Any]) -> Answer | None:
        """What a phone is answered, None: it is refused. WordsError: this is no phone."""
        nas = self._nas(found)
        phone = words.question(found, nas.dialect.keys)
        memory, now = self.memory, self.memory.clock()
        with memory.together():
            memory.heard(nas.name, 0)
            before = memory.place(phone.mac, nas.name)
            admission = memory.admission(phone.mac)
            is_open = admission is not None
            memory.put_place(Place(self._completed(phone, before), is_open, True, now, now))
            counted = memory.counters_of(phone.mac)
        if admission is None:
            return answers.for_stranger(nas, self.portal_url)
        return answers.for_guest(
            nas, admission, counted, now, report_every_s=self.report_every_s, idle_s=self.idle_s
        )

    def report(self, found: Mapping[str, Any]) -> None:
        """Take down what is new; the rest is acknowledged, so that it does not come again."""
        nas = self._nas(found)
        with self.memory.together():
            if words.report_kind(found) in {Kind.ON, Kind.OFF}:
                self._restarted(nas, words.said_at(found))
            else:
                report = words.report(found, nas.dialect.keys)
                self._take(nas, report)
                self.memory.heard(nas.name, report.said_at)
                self._judge(nas, report.phone)

    def _judge(self, nas: Nas, phone: Phone) -> None:
        place = self.memory.place(phone.mac, nas.name)
        if place is not None and place.is_open and self.memory.admission(phone.mac) is None:
            self.look()

    def _restarted(self, nas: Nas, said_at: int) -> None:
        """All its sessions are over. Phones that still may pass will be asked about again."""
        if said_at and said_at < self.memory.last_said(nas.name):
            return
        self.memory.empty(nas.name)
        self.memory.heard(nas.name, said_at)
        _log.info("gateway began anew", nas=nas.name)

    def _take(self, nas: Nas, report: Report) -> None:
        memory, phone = self.memory, report.phone
        before = memory.place(phone.mac, nas.name)
        known = memory.session(phone)
        if not report.label and known is None and not _is_awaited(phone, before):
            # Somebody else's session: staff, on another network of the same gateway.
            return
        new = counting.news(known, report, memory.clock() - memory.began_at)
        if new is None:
            return
        is_past = self._is_past(report, before, is_known=known is not None)
        memory.put_session(phone, new.session)
        # What a phone reads at the portal is not charged to it.
        if report.label != words.PORTAL_CLASS and new.grown != Counters(0, 0):
            memory.count(phone.mac, new.grown)
        if report.kind is not Kind.STOP:
            if not is_past:
                memory.put_place(self._place(report, before))
        elif before is not None and before.phone.session == phone.session:
            gone = dataclasses.replace(before.phone, address="", whereabouts=NOWHERE)
            memory.put_place(dataclasses.replace(before, phone=gone, is_open=False, is_here=False))

    def _is_past(self, report: Report, before: Place | None, *, is_known: bool) -> bool:
        """Whether a report is of a session that another has followed."""
        if before is None or before.phone.session == report.phone.session:
            return False
        now_running = self.memory.session(before.phone)
        if now_running is None or now_running.is_over:
            return False
        if now_running.said_at and report.said_at:
            return report.said_at < now_running.said_at
        return is_known and report.kind is not Kind.START

    def _place(self, report: Report, before: Place | None) -> Place:
        now = self.memory.clock()
        if report.label:
            is_open = report.label.startswith(words.ONLINE_CLASS)
        else:
            is_open = before is not None and before.is_open
        asked_at = before.asked_at if before else 0.0
        if report.kind is Kind.START:
            asked_at = now
        return Place(self._completed(report.phone, before), is_open, True, asked_at, now)

    def _completed(self, phone: Phone, before: Place | None) -> Phone:
        """With what it had: a gateway asks before it knows an address or a session, and again."""
        if before is None or not before.is_here:
            return phone
        address, session, keys = phone.address, phone.session, phone.keys
        found, had = phone.whereabouts, before.phone.whereabouts
        nas = self.gateways[phone.nas]
        lasts_s = answers.address_lasts_s(nas, self.report_every_s, is_open=before.is_open)
        if self.memory.clock() - before.heard_at <= lasts_s:
            address = address or before.phone.address
            found = Whereabouts(
                found.addresses or had.addresses, found.access_point or had.access_point
            )
        if not session:
            session, keys = before.phone.session, {**before.phone.keys, **keys}
        return dataclasses.replace(
            phone, address=address, session=session, keys=keys, whereabouts=found
        )

    def _nas(self, found: Mapping[str, Any]) -> Nas:
        nas = self.gateways.get(words.gateway(found))
        if nas is None:
            raise WordsError("of no gateway that the settings name: start FreeRADIUS anew")
        return nas


def _is_awaited(phone: Phone, before: Place | None) -> bool:
    """Whether a session is the one that the gateway asked about, if it said which."""
    return before is not None and before.is_here and before.phone.session in {"", phone.session}
