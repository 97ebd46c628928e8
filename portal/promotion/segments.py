"""How well a member knows the store, by the days of their visits. Pure.

The present visit does not count: what matters is who walks in.
"""

import datetime as dt
from collections.abc import Iterable

from core.models.campaign import Audience
from core.setting_groups.campaigns import CampaignSettings


def segment(visits: Iterable[dt.date], today: dt.date, rules: CampaignSettings) -> Audience:
    """One of new, seed, active, loyal, dormant, lost: each member is in exactly one."""
    ages = sorted((today - day).days for day in set(visits) if day < today)
    if not ages:
        return Audience.NEW
    if ages[0] > rules.lost_days:
        return Audience.LOST
    if ages[0] > rules.dormant_days:
        return Audience.DORMANT
    if _visits_within(ages, rules.loyal_days) >= rules.loyal_visits:
        return Audience.LOYAL
    if _visits_within(ages, rules.active_days) >= rules.active_visits:
        return Audience.ACTIVE
    return Audience.SEED


def _visits_within(ages: Iterable[int], days: int) -> int:
    return sum(age <= days for age in ages)
