"""Other ways to find the same visits: what one writes first, and two engines for tables.

Each takes the columns of a day in memory and gives rows (device, first_us, last_us,
inside_us, entered) in that order. polars and DuckDB are installed for the bench alone;
where one is missing, the bench says so.
"""

import importlib
import sys
from collections.abc import Callable

import numpy as np
import pandas as pd

from core.setting_groups.traffic import TrafficSettings
from tests.bench.store_day import Columns


def peers() -> dict[str, Callable[[Columns, TrafficSettings], np.ndarray]]:
    found = {"pandas groupby-apply": naive}
    for package, work in (("polars", polars), ("duckdb", duckdb)):
        try:
            importlib.import_module(package)
        except ImportError:
            sys.stderr.write(f"traffic: {package} is not installed, so no peer\n")
        else:
            found[package] = work
    return found


def naive(columns: Columns, rules: TrafficSettings) -> np.ndarray:
    """A call for each device."""
    found = []

    def of_device(one: pd.DataFrame) -> None:
        one = one[one["dbm"] >= rules.outside_dbm].sort_values("at_us")
        for _, visit in one.groupby((one["at_us"].diff() > rules.visit_gap_s * 1e6).cumsum()):
            padded = np.pad(visit["dbm"].to_numpy(), 2, mode="edge")
            smooth = pd.Series(padded).rolling(5, center=True).median().to_numpy()[2:-2]
            inside = smooth >= rules.inside_dbm
            stayed_us = visit["at_us"].diff().to_numpy()[1:][inside[1:] & inside[:-1]].sum()
            at_us = visit["at_us"].to_numpy()
            found.append((visit["device"].iloc[0], at_us[0], at_us[-1], stayed_us, inside.any()))

    table = pd.DataFrame({name: getattr(columns, name) for name in ("at_us", "device", "dbm")})
    for _, one in table.groupby("device"):
        of_device(one)
    return in_order(np.array(found, dtype=np.int64))


def polars(columns: Columns, rules: TrafficSettings) -> np.ndarray:
    pl = importlib.import_module("polars")
    gap_us = rules.visit_gap_s * 1_000_000
    col, low, high = pl.col, pl.min_horizontal, pl.max_horizontal
    visit = ["device", "visit"]

    def beside(steps: tuple[int, ...]):
        return pl.coalesce([col("dbm").shift(step).over(visit) for step in steps] + [col("dbm")])

    a, b, d, e = beside((2, 1)), beside((1,)), beside((-1,)), beside((-2, -1))
    one, two = high(low(a, b), low(d, e)), low(high(a, b), high(d, e))
    found = (
        pl.DataFrame({"device": columns.device, "at_us": columns.at_us, "dbm": columns.dbm})
        .lazy()
        .filter(col("dbm") >= rules.outside_dbm)
        .sort("device", "at_us")
        .with_columns(
            visit=(col("at_us").diff().over("device").fill_null(0) > gap_us)
            .cum_sum()
            .over("device")
        )
        .with_columns(one=one, two=two)
        .with_columns(
            inside=high(low("one", "dbm"), low(high("one", "dbm"), "two")) >= rules.inside_dbm
        )
        .with_columns(
            stayed=pl.when(col("inside") & col("inside").shift(1).over(visit))
            .then(col("at_us").diff().over(visit))
            .otherwise(0)
        )
        .group_by(visit)
        .agg(
            first=col("at_us").min(),
            last=col("at_us").max(),
            stay=col("stayed").sum(),
            entered=col("inside").any().cast(pl.Int64),
        )
        .select("device", "first", "last", "stay", "entered")
        .collect()
    )
    return in_order(found.to_numpy())


_SQL = """
WITH near AS (
    SELECT device, at_us, dbm, at_us - lag(at_us) OVER (PARTITION BY device ORDER BY at_us) AS gap
    FROM sighting WHERE dbm >= $outside
), visits AS (
    SELECT *, count_if(coalesce(gap, 0) > $gap) OVER (PARTITION BY device ORDER BY at_us) AS visit
    FROM near
), beside AS (
    SELECT device, visit, at_us, dbm,
        coalesce(lag(dbm, 2) OVER w, lag(dbm) OVER w, dbm) AS a,
        coalesce(lag(dbm) OVER w, dbm) AS b,
        coalesce(lead(dbm) OVER w, dbm) AS d,
        coalesce(lead(dbm, 2) OVER w, lead(dbm) OVER w, dbm) AS e
    FROM visits WINDOW w AS (PARTITION BY device, visit ORDER BY at_us)
), pairs AS (
    SELECT *, greatest(least(a, b), least(d, e)) AS one,
        least(greatest(a, b), greatest(d, e)) AS two
    FROM beside
), smooth AS (
    SELECT device, visit, at_us,
        greatest(least(one, dbm), least(greatest(one, dbm), two)) >= $inside AS inside
    FROM pairs
), spans AS (
    SELECT *, at_us - lag(at_us) OVER w AS span, inside AND lag(inside) OVER w AS stayed
    FROM smooth WINDOW w AS (PARTITION BY device, visit ORDER BY at_us)
)
SELECT device, min(at_us), max(at_us), coalesce(sum(span) FILTER (stayed), 0)::BIGINT,
    bool_or(inside)::BIGINT
FROM spans GROUP BY device, visit
"""


def duckdb(columns: Columns, rules: TrafficSettings) -> np.ndarray:
    engine = importlib.import_module("duckdb")
    with engine.connect() as connection:
        table = {name: getattr(columns, name) for name in ("at_us", "device", "dbm")}
        connection.register("sighting", pd.DataFrame(table))
        values = {
            "outside": rules.outside_dbm,
            "inside": rules.inside_dbm,
            "gap": rules.visit_gap_s * 1_000_000,
        }
        found = connection.execute(_SQL, values).fetchnumpy()
    return in_order(np.stack([np.asarray(column) for column in found.values()], axis=1))


def in_order(rows: np.ndarray) -> np.ndarray:
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]
