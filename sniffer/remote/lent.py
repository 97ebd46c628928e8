"""What a sensor that sends has in place of keys, a day file and a do-not-count list of its own."""

import datetime as dt

from core.pseudonym import pseudonym
from core.sightings import Sighting
from sniffer.frames import ProbeRequest
from sniffer.outlet import Outlet
from sniffer.periods import BadTimeError
from sniffer.pseudonymiser import ADDRESS, FINGERPRINT
from sniffer.remote.loan import Loan
from sniffer.remote.spool import Spool


class NoKeyError(BadTimeError):
    """The box has handed out no key for this moment, or could not be asked."""

    reason = "no_key"


class LentPseudonyms:
    """Makes pseudonyms with the box's keys, at the box's time."""

    def __init__(self, loan: Loan, sensor: str) -> None:
        self._loan = loan
        self._sensor = sensor

    def day_of(self, _at_us: int) -> dt.date:
        """One for all: to which day something belongs is the box's affair."""
        return dt.date.min

    def sighting(self, request: ProbeRequest, at_us: int) -> Sighting:
        box_us = self._loan.box_us(at_us)
        held = self._loan.key_at(box_us)
        if held is None:
            raise NoKeyError("no key for this moment")
        key, bits = held
        return Sighting(
            heard_at_us=box_us,
            address=pseudonym(key.key, bits, ADDRESS, request.address),
            fingerprint=pseudonym(key.key, bits, FINGERPRINT, request.fingerprint),
            randomised=request.is_randomised,
            signal_dbm=request.signal_dbm,
            frequency_mhz=request.frequency_mhz,
            sensor=self._sensor,
        )

    def pass_to(self, now_us: int) -> None:
        self._loan.forget(self._loan.box_us(now_us))


class LentExempt:
    """Nobody before the box has told; then there is no key either, and nothing is kept."""

    def __init__(self, loan: Loan) -> None:
        self._loan = loan

    def covers(self, address: bytes) -> bool:
        listed = self._loan.leave_out()
        return listed is not None and listed.covers(address)

    def refresh(self) -> None:
        """The loan is always the newest."""


def of_store(loan: Loan, spool: Spool, sensor: str) -> Outlet:
    return Outlet(LentPseudonyms(loan, sensor), spool, LentExempt(loan))
