"""Who brought whom, and which members count as what."""

from typing import Self

from pydantic import Field, model_validator

from core.setting_groups.base import Group


class CampaignSettings(Group):
    protection_days: int = Field(default=15, ge=0, le=3650)
    """Days for which a member stays with the sales guide or poster that brought them, whoever
    else's code they scan. 0: the last one scanned has them."""
    validity_days: int = Field(default=15, ge=1, le=3650)
    """Days after the last scan until a member counts as brought by nobody."""
    active_visits: int = Field(default=2, ge=1, le=365)
    """Visits from which a member is active, if they fall in:"""
    active_days: int = Field(default=60, ge=1, le=3650)
    """so many days."""
    loyal_visits: int = Field(default=4, ge=1, le=365)
    """Visits from which a member is loyal, if they fall in:"""
    loyal_days: int = Field(default=90, ge=1, le=3650)
    """so many days."""
    dormant_days: int = Field(default=90, ge=1, le=3650)
    """Days without a visit after which a member is dormant."""
    lost_days: int = Field(default=180, ge=1, le=3650)
    """Days without a visit after which a member is lost."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.validity_days < self.protection_days:
            raise ValueError("validity_days must not be shorter than protection_days")
        if self.lost_days <= self.dormant_days:
            raise ValueError("lost_days must be longer than dormant_days")
        return self
