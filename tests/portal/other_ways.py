"""Portals with other ways in, for tests of several folders."""

import re

from analytics.dashboard import vouchers
from analytics.dashboard.vouchers import BatchForm
from core.setting_groups.ways import WaysSettings


class FakeMail:
    def __init__(self):
        self.sent = []
        self.error = None

    def send(self, address, subject, text):
        if self.error:
            raise self.error
        self.sent.append((address, subject, text))

    @property
    def code(self):
        return re.search(r"\d{6}", self.sent[-1][1])[0]


ALL = WaysSettings(sms=True, email=True, voucher=True, sponsor=True, device=True)


def with_ways(settings, ways=ALL):
    return settings.model_copy(update={"ways": ways})


def make_vouchers(database, sealer, settings, now, **values):
    """Makes a batch, one voucher for one use of two hours unless said otherwise; its codes."""
    usual = {"name": "Test", "number": 1, "uses": 1, "minutes": 120, "days": 7, "speed": 0}
    form = BatchForm(**(usual | values))
    number = vouchers.make(database, sealer, form, settings.store.zone, now)
    return number, vouchers.codes(database, sealer, number)[1]
