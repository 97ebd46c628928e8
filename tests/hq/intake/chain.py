"""An inbox that is folded, and what the chain's CRM is told of it."""

import datetime as dt
import json

import sqlalchemy as sa

from core import outbox
from core.models.outbox_event import OutboxEvent
from core.settings import Settings
from hq import stores
from hq.intake import inbox
from hq.intake.batch import read
from hq.intake.folding import Folding
from hq.models.chain import VALUE, ChainLink
from hq.models.inbox import InboxEvent, InboxState

PORTAL = "http://wifi.store.test"


class Chain:
    def __init__(self, database, sealer, now, data_dir, names=("store-7", "store-8", "store-9")):
        self.database, self.sealer, self.now = database, sealer, now + dt.timedelta(days=1)
        settings = Settings(data_dir=data_dir)
        self.folding = Folding(settings, database, sealer, lambda: self.now)
        with database.writing() as session:
            for name in names:
                stores.add(session, sealer, name, [PORTAL], now)

    def take_in(self, *events):
        """As one request would be."""
        store_id = events[0]["source"].removeprefix("/stores/")
        body = json.dumps(events).encode()
        batch = read(body, store_id)
        assert not batch.refused, batch.refused
        with self.database.writing() as session:
            return inbox.take(session, self.sealer, store_id, body, batch.rows, now=self.now)

    def told(self, *events):
        """Each in a request of its own, and folded at once."""
        for event in events:
            self.take_in(event)
            self.folding.run()

    def rows(self, table, *which):
        with self.database.reading() as session:
            return session.scalars(sa.select(table).where(*which)).all()

    def left(self):
        """How many events are in which state."""
        found = {}
        for row in self.rows(InboxEvent):
            found[row.state] = found.get(row.state, 0) + 1
        return found

    def is_folded(self):
        return set(self.left()) <= {InboxState.FOLDED}

    def news(self):
        """What waits for the CRM: kind, subject, data."""
        rows = sorted(self.rows(OutboxEvent), key=lambda row: row.id)
        return [
            (
                row.type.removeprefix("doorman."),
                row.subject,
                json.loads(self.sealer.open(outbox.DATA, row.sealed_data)),
            )
            for row in rows
        ]

    def kinds(self):
        return [kind for kind, _, _ in self.news()]

    def state(self):
        """Who is who and what is known of them, whatever ids headquarters has given them."""
        with self.database.reading() as session:
            links = session.scalars(sa.select(ChainLink)).unique().all()
            people = {}
            for link in links:
                key = link.member_id or ("erased" if link.is_erased else "none")
                people.setdefault(key, []).append(self._link(link))
        crm = self.crm()
        return sorted(sorted(each) for each in people.values()), sorted(
            json.dumps(each, sort_keys=True) for each in crm.values()
        )

    def crm(self):
        """What a CRM holds that has taken all of the news: members, without ids and versions."""
        held, versions = {}, {}
        for kind, subject, data in self.news():
            if not kind.startswith(("member", "attribution")):
                continue
            assert data["version"] > versions.get(subject, 0)
            versions[subject] = data["version"]
            said = {k: v for k, v in data.items() if k not in {"member", "version", "store"}}
            if kind == "member.merged":
                for gone in data["absorbed"]:
                    held.pop(gone, None)
            elif kind == "member.erased":
                held.pop(subject, None)
            else:
                held.setdefault(subject, {}).update(said)
        return held

    def _link(self, link):
        keys = sorted(
            (row.kind, row.lookup.hex(), row.gone_at is None, self._value(row))
            for row in link.identities
        )
        return repr((link.store_id, link.store_member, link.version, link.is_erased, keys))

    def _value(self, row):
        return self.sealer.open(VALUE, row.sealed_value).decode() if row.sealed_value else ""
