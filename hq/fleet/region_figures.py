"""Adds the figures of store-days up to those of a region, a chain, or many days.

Tables of pandas: whatever is added up is put below each other and summed by group.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from analytics.figures import dwell_buckets, suppression
from analytics.visits import traffic
from core.models.traffic import DWELL_BUCKETS
from hq.fleet.store_figures import StoreFigures
from hq.models.region_day import RegionDay

_HOURLY = ("passers_by", "visitors")
_COUNTS = (*_HOURLY, "bounces")


@dataclasses.dataclass(frozen=True, slots=True)
class Sums:
    """What can be added up; times inside are counted, so that their median is the true one."""

    counts: "pd.Series[int]"
    """Of whole days, by name: `stores` are store-days, the others `_COUNTS` and buckets."""
    hours: pd.DataFrame
    """`_HOURLY`, by hour of the clock."""
    stays: "pd.Series[int]"
    """Visitors, by seconds inside."""

    @classmethod
    def of(cls, stores: Sequence[StoreFigures]) -> Self:
        hours = [hour for store in stores for hour in store["hours"]]
        stays = [stay for store in stores for stay in store["stays"]]
        return cls(
            _counted({"stores": 1, **store, **store["dwell_visits"]} for store in stores),
            pd.DataFrame(hours, columns=["hour", *_HOURLY]).groupby("hour").sum(),
            pd.DataFrame(stays, columns=["dwell_s", "visitors"])
            .groupby("dwell_s")["visitors"]
            .sum(),
        )

    @classmethod
    def of_rows(cls, rows: Sequence[RegionDay]) -> Self:
        """Of regions' days, as `figures` gave them; what is withheld counts as none."""
        hours = pd.concat(pd.DataFrame(row.data["hours"]) for row in rows).fillna(0).astype(int)
        stays = pd.concat(pd.Series(row.data["stays"], dtype=int) for row in rows)
        return cls(
            _counted(
                {name: getattr(row, name) for name in ("stores", *_COUNTS)}
                | row.data["dwell_visits"]
                for row in rows
            ),
            hours.groupby(hours.index.astype(int)).sum(),
            stays.groupby(stays.index.astype(int)).sum(),
        )

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        each = ([getattr(part, field.name) for part in parts] for field in dataclasses.fields(cls))
        return cls(*(pd.concat(tables).groupby(level=0).sum() for tables in each))

    def figures(self, k: int) -> dict[str, Any]:
        """Columns of a `RegionDay`, as they may be seen.

        Rows hold no small count, whatever their stores said. So this changes nothing, but where
        a store goes by a smaller `k`.
        """
        first, median, third = self._quartiles_s(k)
        return {
            "stores": int(self.counts["stores"]),
            **_shown(self.counts[list(_COUNTS)], k),
            "dwell_q1_s": first,
            "dwell_median_s": median,
            "dwell_q3_s": third,
            "data": {
                "dwell_visits": _shown(self.counts[list(DWELL_BUCKETS)], k),
                "hours": {name: _shown(self.hours[name], k) for name in _HOURLY},
                "stays": {str(long): count for long, count in self.stays.items()},
            },
        }

    def _quartiles_s(self, k: int) -> tuple[int | None, int | None, int | None]:
        if dwell_buckets.step_s_of(int(self.stays.sum()), k) is None:
            return None, None, None
        dwell_s = np.repeat(self.stays.index.to_numpy(np.float64), self.stays)
        return traffic.quartiles_s(dwell_s) or (None, None, None)


def _counted(days: Iterable[dict[str, Any]]) -> "pd.Series[int]":
    table = pd.DataFrame(days, columns=["stores", *_COUNTS, *DWELL_BUCKETS])
    return table.fillna(0).astype(int).sum()


def _shown(counts: "pd.Series[int]", k: int) -> dict[str, int | None]:
    return {str(name): suppression.rounded(count, k) for name, count in counts.items()}
