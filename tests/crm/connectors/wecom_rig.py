"""WeCom as the contract of connectors wants a CRM: where everybody is a contact."""

import dataclasses
from typing import ClassVar

import sqlalchemy as sa

from core import clock
from core.models.crm_record import CrmRecord
from crm.connectors import wecom
from crm.event import Event
from crm.records import MEMBER, Records
from tests.crm.connectors import hosted
from tests.fakes.crm import wecom as fake

APP, GUIDE = "wx12", "zhangsan"
IS_MEMBER, MAY_MARKET = "etMember", "etMarketing"
UNACCEPTABLE = "+8612345678"


class Acquainted:
    """The connector, in a world where everybody has a WeChat account for each of their numbers, and
    is a contact of a guide's by it.
    """

    def __init__(self, crm, server):
        self._crm, self._server = crm, server
        self.takes = crm.takes

    def send(self, batch):
        return self._crm.send([self._with_account(event) for event in batch])

    def preview(self, batch):
        return self._crm.preview([self._with_account(event) for event in batch])

    def _with_account(self, event):
        data = dict(event.data)
        if not data.get("phone"):
            return event
        if not data["unionid"]:
            number = data["phone"].removeprefix("+")
            data |= {"unionid": f"u{number}", "openids": [f"{APP}:o{number}"]}
        if data["phone"] != UNACCEPTABLE:
            openid = data["openids"][0].removeprefix(f"{APP}:")
            contact = self._server.befriend(data["unionid"], openid, GUIDE)
            self._server.phones[contact] = data["phone"]
        about = {each.name: getattr(event, each.name) for each in dataclasses.fields(event)}
        del about["body"]
        return Event.telling(data, **about)


class Rig(hosted.Rig):
    module = wecom
    kind = "wecom"
    unacceptable: ClassVar = {"phone": UNACCEPTABLE}

    def __init__(self, *parts):
        super().__init__(*parts)
        self._forgotten = {}

    def group(self):
        return {
            "corp_id": fake.CORP_ID,
            "secret": fake.SECRET,
            "app_id": APP,
            "url": self.server.url,
            "guides": [{"code": "G7", "userid": GUIDE}],
            "fields": [
                {"field": "consents.membership", "to": f"tag:{IS_MEMBER}"},
                {"field": "consents.marketing", "to": f"tag:{MAY_MARKET}"},
            ],
        }

    def connect(self, *, forgetful=False, **changes):
        if forgetful:
            self._forgotten |= self._remembered()
        return Acquainted(super().connect(forgetful=forgetful, **changes), self.server)

    def _remembered(self):
        """Contacts by our ids, of which WeCom knows nothing."""
        with self._memory.reading() as session:
            ours = session.scalars(sa.select(CrmRecord.local_id)).all()
        records = Records(self._memory, self._sealer, self.kind, clock.now)
        return {each: record.remote_id for each, record in records.find(MEMBER, ours).items()}

    def members(self):
        shown = {}
        for member, contact in (self._forgotten | self._remembered()).items():
            tags = self.server.contacts.get(contact, {}).get(GUIDE, ())
            if IS_MEMBER in tags:
                phone = self.server.phones[contact]
                shown[member] = {"phone": phone, "marketing": MAY_MARKET in tags}
        return shown

    def text(self):
        return f"{self.server.contacts} {self.server.ways}"
