"""From the levels of a guided walk to the two thresholds. Pure: levels in, numbers out.

             outside_dbm               inside_dbm
                  |                        |
    pavement      |      ..:::####:::..    |
    door, back    |                    ..:::####:::..
                 ------------------------------------> dBm

A walk hears one phone at three places. What it cannot hear is how much other phones, and other
places of the same zone, differ from these: that is put in as a spread.
"""

import dataclasses
import enum
import math
from collections.abc import Mapping

from analytics.calibration.stations import Level
from core.models.walk import Station

# Phones differ by 4.5 dB (22 phones in one place: Pintor and Atzori, Computer Networks 2022),
# places of one zone by 5 dB (shadowing indoors: ITU-R P.1238-11, table 2).
_PHONES_DB, _PLACES_DB = 4.5, 5.0
# From the median to the tenth, in standard deviations; also what outside_dbm leaves below it.
_TENTH = 1.2816
# Who walks past is mostly heard once, anywhere along the street: three times as far from the
# sensor as before the door, 30 log 3 (ITU-R P.1238, office). Without this, half of those in
# the simulator's street did not count, and the entry rate doubled.
_ALONG_DB = 30 * math.log10(3)
_CLEAR, _USABLE = 0.10, 0.25
_FAINTEST_DBM, _LOUDEST_DBM = -100, -20


class Separation(enum.StrEnum):
    """How well inside and outside can be told apart by their levels."""

    CLEAR = "clear"
    USABLE = "usable"
    NONE = "none"
    """More than one in four would be taken for the other: no thresholds help."""


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    inside_dbm: int
    outside_dbm: int
    mistaken: float
    """Share of phones on the pavement whose signal is that of one inside, and the other way
    round, 0 to 1."""
    weakest: Station
    """Of the stations inside."""

    @property
    def separation(self) -> Separation:
        if self.mistaken <= _CLEAR:
            return Separation.CLEAR
        return Separation.USABLE if self.mistaken <= _USABLE else Separation.NONE


def of(levels: Mapping[Station, Level]) -> Proposal:
    """The thresholds that make both mistakes equally often. Needs all three stations."""
    outside = levels[Station.PAVEMENT]
    # A visitor may stand anywhere inside, so the weaker of the two is what has to be told apart.
    weakest = min((Station.DOOR, Station.BACK), key=lambda station: levels[station].median_dbm)
    inside = levels[weakest]
    outside_spread, inside_spread = _spread_db(outside), _spread_db(inside)
    apart = (inside.median_dbm - outside.median_dbm) / (inside_spread + outside_spread)
    threshold = inside.median_dbm - apart * inside_spread
    too_far = outside.median_dbm - _ALONG_DB - _TENTH * outside_spread
    inside_dbm = min(max(round(threshold), _FAINTEST_DBM + 1), _LOUDEST_DBM)
    return Proposal(
        inside_dbm=inside_dbm,
        outside_dbm=min(max(round(too_far), _FAINTEST_DBM), inside_dbm - 1),
        mistaken=0.5 * math.erfc(apart / math.sqrt(2)),
        weakest=weakest,
    )


def _spread_db(level: Level) -> float:
    within_db = (level.high_dbm - level.low_dbm) / (2 * _TENTH)
    return math.sqrt(within_db**2 + _PHONES_DB**2 + _PLACES_DB**2)
