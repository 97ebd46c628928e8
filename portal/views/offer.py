"""What the pages before the login say about the temporary pass."""

import dataclasses

from core.models.temporary_pass import TemporaryPass
from portal.visitor import Visitor, wired
from portal.ways.standing import Stage


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """What `pass_offer.html` shows."""

    minutes: str
    left: int
    until: str
    """Empty: no pass runs."""


def shown(visitor: Visitor) -> Shown | None:
    """None: nothing, since this store gives none."""
    parts = wired()
    offer = parts.pass_desk.offer(visitor.standing.device, visitor.now)
    if offer is None:
        return None
    until = "" if offer.running is None else end_of(offer.running)
    # 120 s are "2" minutes, 90 s are "1.5".
    minutes = f"{parts.settings.passes.seconds / 60:.1f}".removesuffix(".0")
    return Shown(minutes, offer.left, until)


def end_of(running: TemporaryPass) -> str:
    """The time on the store's wall, to the second."""
    return f"{running.expires_at.astimezone(wired().settings.store.zone):%H:%M:%S}"


def is_open_to(visitor: Visitor) -> bool:
    """Whether the page that this phone is at has the button."""
    standing = visitor.standing
    return standing.grant is None and standing.stage in {Stage.PHONE, Stage.WECHAT, Stage.CODE}
