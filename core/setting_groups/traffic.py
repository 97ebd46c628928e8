"""What is made of the sightings."""

from typing import Self

from pydantic import Field, model_validator

from core.setting_groups.base import Dbm, Group


class TrafficSettings(Group):
    inside_dbm: Dbm = -65
    """Signal from which a phone counts as inside the store. Written here by hand, it comes before
    what a walk or the store's own days have shown (docs/calibration.md); so does the next one."""
    outside_dbm: Dbm = -88
    """Signal below which a phone is too far to count at all. Learnt like `inside_dbm`."""
    window_s: int = Field(default=900, ge=60, le=3600)
    """Length of the windows in which randomised addresses are linked into devices, seconds."""
    visit_gap_s: int = Field(default=900, ge=60, le=7200)
    """Silence after which a visit has ended, in seconds."""
    visitor_after_s: int = Field(default=300, ge=0, le=3600)
    """Time inside after which a passer-by is a visitor, in seconds."""
    fixture_after_h: int = Field(default=8, ge=1, le=24)
    """Hours a day after which a device is furniture or staff and no longer counted."""
    suppress_below: int = Field(default=5, ge=3, le=100)
    """Counts smaller than this are not shown and not sent (disclosure control)."""

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Self:
        if self.outside_dbm >= self.inside_dbm:
            raise ValueError("outside_dbm must be weaker (smaller) than inside_dbm")
        return self
