"""A made-up chain, as headquarters would have heard of it: something to look at without stores.

Stores lie in cities, are of different sizes, follow the week, and some have troubles: one has
never reported, one is silent, one has a certificate that ends. Counts are multiples of five, and
small ones withheld, as stores send them. Nothing of it comes from a capture.
"""

import dataclasses
import datetime as dt
import math
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.sensor_status import State
from hq.models.store import Store, StoreKey
from hq.models.store_health import StoreHealth
from hq.models.traffic import StoreDay, StoreHour

_K = 5
_DAY = dt.timedelta(days=1)
_ROWS_AT_ONCE = 5000


class _City(NamedTuple):
    zh: str
    en: str
    region: str
    latitude: float
    longitude: float


_REGIONS = {
    "east": ("华东", "East"),
    "south": ("华南", "South"),
    "north": ("华北", "North"),
    "west": ("西南", "Southwest"),
    "middle": ("华中", "Central"),
}
_CITIES = (
    _City("上海", "Shanghai", "east", 31.23, 121.47),
    _City("广州", "Guangzhou", "south", 23.13, 113.26),
    _City("北京", "Beijing", "north", 39.90, 116.41),
    _City("成都", "Chengdu", "west", 30.57, 104.07),
    _City("武汉", "Wuhan", "middle", 30.59, 114.31),
    _City("杭州", "Hangzhou", "east", 30.27, 120.16),
    _City("深圳", "Shenzhen", "south", 22.54, 114.06),
    _City("天津", "Tianjin", "north", 39.34, 117.36),
    _City("重庆", "Chongqing", "west", 29.56, 106.55),
    _City("长沙", "Changsha", "middle", 28.23, 112.94),
    _City("南京", "Nanjing", "east", 32.06, 118.80),
    _City("厦门", "Xiamen", "south", 24.48, 118.09),
    _City("济南", "Jinan", "north", 36.65, 117.12),
    _City("昆明", "Kunming", "west", 24.88, 102.83),
    _City("郑州", "Zhengzhou", "middle", 34.75, 113.63),
)
# Monday to Sunday.
_WEEK = (0.82, 0.8, 0.84, 0.9, 1.1, 1.42, 1.34)
_OPENS, _HOURS = 10, 12
# Of each 23 stores, which one has what.
_TROUBLES = {
    2: "sensor",
    3: "late",
    4: "parked",
    6: "certificate",
    9: "dated",
    15: "pinned",
    18: "clock",
}
_NEVER_HEARD, _SILENT, _TINY, _SHUT_BEFORE = 7, 11, 5, 13


@dataclasses.dataclass(frozen=True, slots=True)
class Fleet:
    """The same seed makes the same chain."""

    now: dt.datetime
    stores: int = 40
    days: int = 60
    seed: int = 1
    language: str = "zh"
    utc_offset_h: int = 8

    def fill(self, session: Session) -> None:
        """Add the chain's rows to an empty database of headquarters."""
        rng = random.Random(self.seed)  # noqa: S311 - a made-up chain keeps no secret
        shops = [self._store(rng, number) for number in range(self.stores)]
        _add(session, Store, iter(shops))
        _add(session, StoreKey, (self._key(each["id"], at) for at, each in enumerate(shops)))
        _add(session, StoreHealth, self._health(rng, shops))
        _add(session, StoreDay, self._days(rng, shops))
        _add(session, StoreHour, self._hours(rng, shops))

    def _store(self, rng: random.Random, number: int) -> dict[str, Any]:
        city = _CITIES[number % len(_CITIES)]
        said = city.zh if self.language == "zh" else city.en
        of_city = number // len(_CITIES) + 1
        return {
            "id": f"store-{number + 1}",
            "name": f"{said} {of_city} 店" if self.language == "zh" else f"{said} {of_city}",
            "region": _REGIONS[city.region][0 if self.language == "zh" else 1],
            "latitude": round(city.latitude + rng.gauss(0, 0.25), 4),
            "longitude": round(city.longitude + rng.gauss(0, 0.3), 4),
            "portal_urls": ["http://wifi.example"],
            "added_at": self.now - self.days * _DAY,
        }

    def _key(self, store_id: str, number: int) -> dict[str, Any]:
        made_at = self.now - (20 + 37 * number % 400) * _DAY
        return {
            "store_id": store_id,
            "sealed_key": b"sealed",
            "made_at": made_at,
            "expires_at": None,
            "revoked_at": None,
            "used_at": self.now - dt.timedelta(hours=1),
        }

    def _health(self, rng: random.Random, shops: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for number, store in enumerate(shops):
            if number % 50 == _NEVER_HEARD:
                continue
            yield {"store_id": store["id"], **self._report(rng, number)}

    def _report(self, rng: random.Random, number: int) -> dict[str, Any]:
        """One store in four has something."""
        trouble = _TROUBLES.get(number % 23)
        silent_for = dt.timedelta(hours=30) if number % 50 == _SILENT else dt.timedelta(minutes=2)
        state = State.SILENT if trouble == "sensor" else State.HEARING
        late = dt.timedelta(hours=5) if trouble in {"late", "parked"} else None
        return {
            "heard_at": self.now - silent_for - dt.timedelta(seconds=rng.randrange(60)),
            "version": "0.6.0" if trouble == "dated" else "0.7.0",
            "outbox_waiting": 812 if late else rng.randrange(4),
            "outbox_oldest_at": self.now - late if late else None,
            "outbox_parked": 3 if trouble == "parked" else 0,
            "certificate_until": self.now + (9 if trouble == "certificate" else 61) * _DAY,
            "sensors": [{"name": "mon0", "state": state.value}],
            "sensor_state": state.value,
            "pushed_version": 4,
            "is_pinned": trouble == "pinned",
            "pushed_trouble": "",
            "clock_off_s": 190.0 if trouble == "clock" else round(rng.uniform(-1, 1), 2),
        }

    def _days(self, rng: random.Random, shops: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        last = self._today - _DAY
        for number, store in enumerate(shops):
            if number % 50 == _NEVER_HEARD:
                continue
            size = rng.lognormvariate(0, 0.5) * (0.02 if number % 50 == _TINY else 1)
            growth, busier = rng.gauss(0.02, 0.05), rng.lognormvariate(0, 0.3)
            for ago in reversed(range(self.days)):
                if number % 50 == _SHUT_BEFORE and ago > _SHUT_BEFORE:
                    continue
                day = last - ago * _DAY
                level = size * _WEEK[day.weekday()] * math.exp(-growth * ago / 14)
                came = level * rng.lognormvariate(0, 0.08)
                near = came * busier * rng.lognormvariate(0, 0.05)
                yield self._day(rng, store["id"], day, 140 * came, 1150 * near)

    def _day(
        self, rng: random.Random, store_id: str, day: dt.date, came: float, near: float
    ) -> dict[str, Any]:
        visitors, passers_by = _shown(came), _shown(near)
        rate, dwell_s = None, None
        if visitors and passers_by:
            rate = round(1.08 * visitors / (visitors + passers_by), 4)
        if visitors and visitors >= _K * _K:
            dwell_s = round(840 * rng.uniform(0.8, 1.25) / 300) * 300.0
        ends = dt.datetime.combine(day + _DAY, dt.time(), dt.UTC)
        closed_at = ends - dt.timedelta(hours=self.utc_offset_h) + dt.timedelta(minutes=31)
        return {
            "store_id": store_id,
            "day": day,
            "told_at": closed_at,
            "closed_at": closed_at,
            "passers_by": passers_by,
            "visitors": visitors,
            "entry_rate": rate,
            "dwell_median_s": dwell_s,
            "data": {"store": store_id, "day": day.isoformat(), "withheld_below": _K},
        }

    def _hours(self, rng: random.Random, shops: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Of the last day alone, and of a hundred stores."""
        day = self._today - _DAY
        opens = dt.datetime.combine(day, dt.time(_OPENS), dt.UTC)
        for at, store in enumerate(shops[:100]):
            if at % 50 == _NEVER_HEARD:
                continue
            for number in range(_HOURS):
                level = math.sin(math.pi * (number + 1) / (_HOURS + 2)) * rng.lognormvariate(0, 0.1)
                start = opens + dt.timedelta(hours=number - self.utc_offset_h)
                yield {
                    "store_id": store["id"],
                    "start": start,
                    "day": day,
                    "told_at": self.now,
                    "passers_by": _shown(120 * level),
                    "visitors": _shown(15 * level),
                    "inside_mean": _shown(6 * level),
                    "heard_s": 3600,
                }

    @property
    def _today(self) -> dt.date:
        return (self.now + dt.timedelta(hours=self.utc_offset_h)).date()


def _shown(count: float) -> float | None:
    """To the nearest five, below that not at all."""
    return None if count < _K else float((round(count) + _K // 2) // _K * _K)


def _add(session: Session, model: type[Any], rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            session.execute(sa.insert(model), batch)
            batch = []
    if batch:
        session.execute(sa.insert(model), batch)
