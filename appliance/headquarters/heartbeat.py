"""What the store says of itself to headquarters: how it is, nothing of any person."""

import datetime as dt
import importlib.metadata
from collections.abc import Mapping
from pathlib import Path

from analytics.dashboard import health
from analytics.dashboard.health import SensorState
from core import outbox
from core.database import Database
from core.pushed import taking
from core.pushed.folder import Folder
from core.pushed.trouble import Trouble
from core.settings import Settings
from portal.advertising import api_uri, pair, tls
from portal.advertising.api_uri import ApiUriError
from portal.advertising.pair import Pair, PairError


def compose(
    found: Settings, database: Database, trouble: Trouble | None, now: dt.datetime
) -> Mapping[str, object]:
    """The question `core.headquarters.HEARTBEAT`, without its address."""
    with database.reading() as session:
        news = outbox.standing(session)
    sensor = health.of_sensor(found.sightings_dir, found.status_dir, found.today(now))
    state = sensor.state(now)
    sources = sensor.status.sources if sensor.status else {}
    folder = Folder(found.data_dir)
    pushed = folder.standing()
    if trouble is None and not taking.is_in_force(folder):
        trouble = Trouble.SETTINGS
    ends_at = certificate_until(found, now)
    return {
        "told_at": now.isoformat(),
        "version": importlib.metadata.version("doorman"),
        "outbox_waiting": news.waiting,
        "outbox_oldest_at": news.oldest_at and news.oldest_at.isoformat(),
        "outbox_parked": news.parked,
        "certificate_until": ends_at and ends_at.isoformat(),
        "sensors": [
            {"name": name[:64], "state": hearing.state} for name, hearing in sources.items()
        ],
        "sensor_state": None if state is SensorState.ABSENT else state,
        "pushed_version": pushed.version,
        "is_pinned": pushed.is_pinned,
        "pushed_trouble": trouble or "",
    }


def certificate_until(found: Settings, now: dt.datetime) -> dt.datetime | None:
    """When the portal's certificate ends; None if there is none that phones would take."""
    place = found.certificate
    if not place.chain or not place.key:
        return None
    try:
        name = api_uri.of_portal(found.portal.url).host
        taken = pair.check(Pair(Path(place.chain), Path(place.key)), name, now)
    except (ApiUriError, PairError, OSError):
        return None
    return tls.ends_at(taken)
