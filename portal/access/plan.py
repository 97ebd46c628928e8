"""The measure of a session: how long, how often longer, how fast, how much."""

import dataclasses
import datetime as dt
from typing import Self

from core.models.member import Member
from core.setting_groups.plans import PlanSettings, PlansSettings

_MB = 1_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What a grant is given. In what can be without limit, 0 is none."""

    lasts: dt.timedelta
    """From the start, and again with each extension."""
    extensions: int = 0
    idle_timeout_s: int = 0
    quota_bytes: int = 0
    down_kbit_s: int = 0
    up_kbit_s: int = 0

    @classmethod
    def of(cls, settings: PlanSettings) -> Self:
        return cls(
            lasts=dt.timedelta(seconds=settings.session_length_s),
            extensions=settings.extensions,
            idle_timeout_s=settings.idle_timeout_s,
            quota_bytes=settings.quota_mb * _MB,
            down_kbit_s=settings.down_kbit_s,
            up_kbit_s=settings.up_kbit_s,
        )

    def limited_to(self, speed_kbit_s: int) -> Self:
        """This plan, at no more than this speed each way; 0 is no limit of its own."""
        if not speed_kbit_s:
            return self
        down, up = (
            min(speed_kbit_s, own) if own else speed_kbit_s
            for own in (self.down_kbit_s, self.up_kbit_s)
        )
        return dataclasses.replace(self, down_kbit_s=down, up_kbit_s=up)


def choose(plans: PlansSettings, member: Member | None) -> Plan:
    """A member's plan for whoever is one, or has just become one."""
    return Plan.of(plans.guest if member is None else plans.member)
