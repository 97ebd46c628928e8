"""What a chain of so many stores needs: a calculation from what was measured and assumed.

    python -m tests.bench.scale

prints the tables of docs/operations/scale.md. Change a number here, and print them again: a
test holds the page to it. Where each measured one comes from is said beside it.
"""

import math
from typing import NamedTuple

_DAY_S, _YEAR = 86_400, 365


class Given(NamedTuple):
    value: float
    unit: str
    what: str
    why: str


ASSUMED = {
    "stores": Given(6_000, "", "stores", "the chain that is meant"),
    "logins": Given(150, "a day", "logins a store", "an ordinary day"),
    "rush": Given(5, "times", "logins on the day of a promotion", "all stores on the same day"),
    "busiest_hour": Given(
        0.2, "", "of a day's logins in its busiest hour", "lunch, or six o'clock"
    ),
    "burst": Given(3, "times", "its busiest minute, beside its mean", "a message to all members"),
    "events": Given(0.9, "a login", "events on an ordinary day", "one in two is by a member"),
    "events_rush": Given(
        2.2, "a login", "events in a promotion", "coupons issued and used, clicks"
    ),
    "events_idle": Given(
        32, "a day", "events of a store without logins", "24 hours, the day twice, health"
    ),
    "members": Given(1_500, "a year", "new members a store", "four a day"),
    "links": Given(1.3, "", "stores that a member is known in", "some come to two"),
    "identities": Given(2, "", "keys of a member in a store", "number and WeChat"),
    "event_octets": Given(64, "B", "an event on the line, compressed", "of some 220 before"),
    "visits": Given(20_000, "a day", "visit rows a store", "far more than most: an upper end"),
    "cores": Given(2, "", "cores of a machine for intake", "small ones, and one more than needed"),
    "half": Given(0.5, "", "of what a machine can do is used", "the rest is for the day after"),
}

MEASURED = {
    "intake": Given(
        27,
        "µs",
        "CPU of headquarters and PostgreSQL to take an event in",
        "[performance.md](../performance.md)",
    ),
    "fold": Given(
        2.5,
        "ms",
        "to fold an event about a member, one process at a time",
        "3,000 clicks, on a busy machine; 1.1 of an enrolment",
    ),
    "landing": Given(5.6, "ms", "CPU to land a store-day of 20,000 rows", "`make bench`, fleet"),
    "count": Given(6.6, "ms", "CPU to count it", "`make bench`, fleet"),
    "compact": Given(3.8, "ms", "CPU to put it together with others", "1,000 files into 10"),
    "parquet": Given(14, "KiB", "Parquet a store-day", "`make bench`, fleet"),
    "news": Given(18, "KiB", "its event on the line, compressed", "115 KiB before"),
    "store_days": Given(584, "B", "row of `store_days`", "`tests.bench.hq_rows`"),
    "store_hours": Given(146, "B", "row of `store_hours`", "the same"),
    "chain_members": Given(188, "B", "row of `chain_members`", "the same"),
    "chain_links": Given(354, "B", "row of `chain_links`", "the same"),
    "chain_identities": Given(279, "B", "row of `chain_identities`", "the same"),
    "inbox": Given(219, "B", "row of `inbox`, kept 60 days", "the same"),
    "outbox": Given(320, "B", "row of `outbox_events`, kept 30 days", "the same"),
}
_INBOX_DAYS, _OUTBOX_DAYS = 60, 30


def needs():
    """Pairs of what is asked and the answer."""
    a = {name: given.value for name, given in ASSUMED.items()}
    m = {name: given.value for name, given in MEASURED.items()}
    ordinary = a["stores"] * (a["logins"] * a["events"] + a["events_idle"])
    rush_events = a["stores"] * a["logins"] * a["rush"] * a["events_rush"]
    busiest_hour = rush_events * a["busiest_hour"] / 3600
    peak = busiest_hour * a["burst"]
    takes = a["cores"] * 1e6 / m["intake"]
    room = takes * a["half"]
    folds = 1000 / m["fold"]
    behind = max(0, busiest_hour - folds) * 3600
    store_days = a["stores"] * _YEAR
    members = a["stores"] * a["members"]
    of_members = members * (
        m["chain_members"]
        + a["links"] * (m["chain_links"] + a["identities"] * m["chain_identities"])
    )
    nightly_s = a["stores"] * (m["landing"] + m["count"] + m["compact"]) / 1000
    return [
        ("events on an ordinary day", f"{ordinary / 1e6:.2f} million, {ordinary / _DAY_S:.0f}/s"),
        ("events on the day of a promotion", f"{rush_events / 1e6:.1f} million"),
        ("in its busiest hour", f"{busiest_hour:,.0f} events/s"),
        ("in its busiest minute", f"{peak:,.0f} events/s"),
        ("that is, of what one intake machine is given to do", f"{100 * peak / room:.0f} %"),
        ("intake machines", f"{max(2, math.ceil(peak / room) + 1)}: one may fail"),
        (
            "after a day on which headquarters was gone, all is in after",
            f"{ordinary / takes:.0f} s on one machine",
        ),
        ("folding of an ordinary day's events", f"{_hours(ordinary / folds)}, one after the other"),
        ("of a promotion's day", _hours(rush_events / folds)),
        (
            "events that wait to be folded after its busiest hour",
            f"{behind:,.0f}: {behind / folds / 60:.0f} minutes' work",
        ),
        (
            "events on the line in the busiest minute",
            f"{peak * a['event_octets'] * 8 / 1e6:.1f} Mbit/s",
        ),
        (
            "visit rows on the line, if all stores close within ten minutes",
            f"{a['stores'] * m['news'] * 1024 * 8 / 600 / 1e6:.1f} Mbit/s",
        ),
        ("database: days of stores", _gigabytes(store_days * m["store_days"], "a year")),
        (
            "database: hours of stores",
            _gigabytes(store_days * 24 * m["store_hours"], "a year, for two years"),
        ),
        ("database: members", _gigabytes(of_members, "a year")),
        ("database: what was taken in", _gigabytes(ordinary * _INBOX_DAYS * m["inbox"], "in all")),
        (
            "database: what was sent on",
            _gigabytes(ordinary * _OUTBOX_DAYS * m["outbox"], "in all"),
        ),
        ("Parquet", _gigabytes(store_days * m["parquet"] * 1024, "a year")),
        (
            "files of visit rows, were they not put together",
            f"{store_days / 1e6:.1f} million a year",
        ),
        (
            "work of a night: landing, counting, putting together",
            f"{nightly_s:.0f} s of a core, {nightly_s / 3600:.3f} core-hours",
        ),
        ("the same for a year again, counting alone", _hours(store_days * m["count"] / 1000)),
    ]


def page():
    """The tables, in Markdown."""
    given = ("| | | |", "|---|---|---|")
    parts = []
    for title, rows in (("Assumed", ASSUMED), ("Measured", MEASURED)):
        lines = [f"| {row.what} | {_number(row)} | {row.why} |" for row in rows.values()]
        parts.append("\n".join((f"## {title}", "", *given, *lines)))
    lines = [f"| {what} | {answer} |" for what, answer in needs()]
    stores = f"{ASSUMED['stores'].value:,.0f}"
    parts.append("\n".join((f"## What {stores} stores need", "", "| | |", "|---|---|", *lines)))
    return "\n\n".join(parts) + "\n"


def _number(row):
    return f"{row.value:,g} {row.unit}".strip()


def _gigabytes(octets, when):
    return f"{octets / 1e9:,.1f} GB {when}"


def _hours(seconds):
    return f"{seconds / 3600:.1f} core-hours"


if __name__ == "__main__":
    print(page(), end="")
