"""Adds the figures of store-days up to those of a region, a chain, or many days."""

import collections
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np

from analytics.figures import dwell_buckets, suppression
from analytics.visits import traffic
from core.models.traffic import DWELL_BUCKETS
from hq.fleet.store_figures import StoreFigures
from hq.models.region_day import RegionDay

_COUNTS = ("passers_by", "visitors", "bounces")


@dataclasses.dataclass(slots=True)
class Sums:
    """What can be added up; times inside are counted, so that their median is the true one."""

    stores: int = 0
    """Store-days."""
    counts: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    dwell_visits: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    hours: dict[str, collections.Counter[int]] = dataclasses.field(
        default_factory=lambda: {
            "passers_by": collections.Counter(),
            "visitors": collections.Counter(),
        }
    )
    stays: collections.Counter[int] = dataclasses.field(default_factory=collections.Counter)

    @classmethod
    def of(cls, stores: Iterable[StoreFigures]) -> Self:
        found = cls()
        for store in stores:
            found.stores += 1
            found.counts.update(
                passers_by=store["passers_by"],
                visitors=store["visitors"],
                bounces=store["bounces"],
            )
            found.dwell_visits.update(store["dwell_visits"])
            for hour in store["hours"]:
                found.hours["passers_by"][hour["hour"]] += hour["passers_by"]
                found.hours["visitors"][hour["hour"]] += hour["visitors"]
            found.stays.update({each["dwell_s"]: each["visitors"] for each in store["stays"]})
        return found

    @classmethod
    def of_rows(cls, rows: Iterable[RegionDay]) -> Self:
        """Of regions' days, as `figures` gave them."""
        found = cls()
        for row in rows:
            found.stores += row.stores
            found.counts.update({name: getattr(row, name) or 0 for name in _COUNTS})
            found.dwell_visits.update(_known(row.data["dwell_visits"]))
            for name, counter in found.hours.items():
                counter.update(
                    {int(hour): n for hour, n in _known(row.data["hours"][name]).items()}
                )
            found.stays.update({int(long): n for long, n in row.data["stays"].items()})
        return found

    def add(self, other: Self) -> None:
        self.stores += other.stores
        self.counts.update(other.counts)
        self.dwell_visits.update(other.dwell_visits)
        for name, counter in self.hours.items():
            counter.update(other.hours[name])
        self.stays.update(other.stays)

    def figures(self, k: int) -> dict[str, Any]:
        """Columns of a `RegionDay`, as they may be seen.

        Rows hold no small count, whatever their stores said. So this changes nothing, but where
        a store goes by a smaller `k`.
        """
        first, median, third = self._quartiles_s(k)
        hours = {
            name: {str(hour): suppression.rounded(counter[hour], k) for hour in sorted(counter)}
            for name, counter in self.hours.items()
        }
        return {
            "stores": self.stores,
            **{name: suppression.rounded(self.counts[name], k) for name in _COUNTS},
            "dwell_q1_s": first,
            "dwell_median_s": median,
            "dwell_q3_s": third,
            "data": {
                "dwell_visits": {
                    name: suppression.rounded(self.dwell_visits[name], k) for name in DWELL_BUCKETS
                },
                "hours": hours,
                "stays": {str(long): self.stays[long] for long in sorted(self.stays)},
            },
        }

    def _quartiles_s(self, k: int) -> tuple[int | None, int | None, int | None]:
        if dwell_buckets.step_s_of(self.stays.total(), k) is None:
            return None, None, None
        dwell_s = np.repeat(list(self.stays), list(self.stays.values())).astype(np.float64)
        return traffic.quartiles_s(dwell_s) or (None, None, None)


def _known(counts: Mapping[str, int | None]) -> dict[str, int]:
    return {name: count or 0 for name, count in counts.items()}
