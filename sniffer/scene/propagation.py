"""What becomes of a phone's signal on its way to a sensor: distance, walls, bodies, and luck.

    signal = sent - path loss - walls - shadowing - fading

- path loss: ITU-R P.1238 (to version 9), 20 log f + N log d - 28, with N = 30 at 2.4 GHz and
  31 at 5 GHz (office)
- walls: sniffer/scene/premises.py
- shadowing: 5 dB (P.1238-11, table 2: office, not in sight, 5.04), correlated over some
  metres (Gudmundson 1991; 6 m as in 3GPP TR 38.901, table 7.5-6) and, because people move
  about, over time
- fading: Rician; with its K, frames of a phone that lies still scatter by 5 dB, the median of
  recordings of single phones (Pintor and Atzori, Computer Networks 2022)
"""

import math
import random

from sniffer.scene.premises import Point, Premises

_EXPONENT_24, _EXPONENT_5, _FIVE_MHZ = 30.0, 31.0, 5000
_LEAST_M = 0.5

_SHADOWING_SIGMA_DB = 5.0
_CORRELATED_M, _CORRELATED_S = 6.0, 90.0

_RICE_K = 2.0
_STEADY = math.sqrt(_RICE_K / (_RICE_K + 1))
_SCATTERED = math.sqrt(1 / (2 * (_RICE_K + 1)))


class Link:
    """The way from one phone to one sensor."""

    def __init__(self, rng: random.Random, premises: Premises, sensor: Point) -> None:
        self._rng, self._premises, self._sensor = rng, premises, sensor
        self._shadowing_db = rng.gauss(0, _SHADOWING_SIGMA_DB)
        self._was: tuple[float, Point] | None = None

    def loss_db(self, at_s: float, place: Point, mhz: int) -> float:
        """What is lost but for fading. Ask in the order of time."""
        lost_db = path_loss_db(math.dist(place, self._sensor), mhz)
        lost_db += self._premises.wall_loss_db(place, self._sensor, mhz / 1000)
        return lost_db + self._shadowed_db(at_s, place)

    def _shadowed_db(self, at_s: float, place: Point) -> float:
        if self._was is not None:
            then_s, there = self._was
            apart = math.dist(place, there) / _CORRELATED_M + (at_s - then_s) / _CORRELATED_S
            kept = math.exp(-apart)
            fresh_db = self._rng.gauss(0, _SHADOWING_SIGMA_DB * math.sqrt(1 - kept * kept))
            self._shadowing_db = kept * self._shadowing_db + fresh_db
        self._was = at_s, place
        return self._shadowing_db


def path_loss_db(distance_m: float, mhz: int) -> float:
    exponent = _EXPONENT_24 if mhz < _FIVE_MHZ else _EXPONENT_5
    return 20 * math.log10(mhz) + exponent * math.log10(max(distance_m, _LEAST_M)) - 28


def fading_db(rng: random.Random) -> float:
    """What one frame gains or, more often, loses."""
    along = _STEADY + rng.gauss(0, _SCATTERED)
    across = rng.gauss(0, _SCATTERED)
    return 10 * math.log10(along * along + across * across)
