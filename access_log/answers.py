"""What was found for an export: sessions, of those phones too whose connections are asked for.

Whoever calls this has written down who asks, and why (`access_log.requests`).
"""

import dataclasses
import datetime as dt
import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from access_log import anchoring, sessions
from access_log.requests import Wanted
from access_log.sessions import Query
from core.database import Database
from core.mac import Mac
from core.phone_number import PhoneNumber
from core.sealing import Sealer
from core.settings import Settings

# Of clocks, theirs and ours.
_SLACK = dt.timedelta(seconds=1)


class FlowLogError(Exception):
    """The flow log cannot be asked; the message says why."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Answer:
    rows: Sequence[Mapping[str, Any]]
    """Sessions, by the fields of `sessions.COLUMNS`."""
    flows: int | None = None
    """How many connections were found, if they were asked for."""
    phones: int = 0
    """How many phones those were of."""


def find(found: Settings, database: Database, sealer: Sealer, wanted: Wanted) -> Answer:
    """FlowLogError: a public address is asked for, and the flow log does not open here."""
    query = Query(
        since=wanted.since,
        until=wanted.until,
        phone=None if wanted.phone is None else PhoneNumber.from_e164(wanted.phone),
        device=None if wanted.mac is None else Mac.parse(wanted.mac),
        session_id=wanted.session,
    )
    if wanted.public is None:
        with database.reading() as session:
            return Answer(sessions.find(session, sealer, query))
    flows, macs = _phones_behind(found, wanted)
    with database.reading() as session:
        rows = [
            row
            for mac in macs
            for row in sessions.find(session, sealer, dataclasses.replace(query, device=mac))
        ]
    return Answer(rows, flows, len(macs))


def about(
    database: Database, wanted: Wanted, who: str, approved_by: str | None, now: dt.datetime
) -> dict[str, object]:
    """What stands beside the sessions: who asked for what, and where the chain stood."""
    return {
        "who": who,
        "officer": wanted.officer,
        "reason": wanted.reason,
        "approved_by": approved_by,
        "asked": wanted.asked(),
        "exported_at": now.isoformat(timespec="seconds"),
        "head": str(anchoring.head(database) or ""),
    }


def _phones_behind(found: Settings, wanted: Wanted) -> tuple[int, list[Mac]]:
    """How many connections had this address and port towards the internet, and whose they were."""
    from access_log.flows import blocks, key_file  # noqa: PLC0415 - for this alone

    try:
        keys = key_file.load(found.flows_key)
    except key_file.FlowKeyError as error:
        raise FlowLogError(str(error)) from error

    # Not before: it loads NumPy, and who may not read the key has no use for that.
    from access_log.flows import search  # noqa: PLC0415 - see above

    try:
        query = search.Query(
            since=wanted.since - _SLACK,
            until=wanted.until + _SLACK,
            public=ipaddress.ip_address(str(wanted.public)),
            public_port=wanted.public_port,
        )
        flows = search.find(found.flows_dir, keys, query)
    except (ValueError, OSError, search.TooManyError, blocks.BlockError) as error:
        raise FlowLogError(str(error)) from error
    macs = {flow.mac.octets: flow.mac for flow in flows if flow.mac is not None}
    return len(flows), [macs[octets] for octets in sorted(macs)]
