"""Where a store's access log stands, kept by its headquarters."""

import datetime as dt
import logging

import pytest

from access_log import anchoring, place, verification
from access_log.place import Place
from appliance import access_log_jobs, job_table
from core import clock
from core.headquarters_line import HeadquartersDownError
from gate.client import GateClient
from hq import anchors

ANCHOR = "anchor the access log"
PLACE = Place("store-7", "", "", "Shop", "Asia/Shanghai", "00:00", ["203.0.113.5"])


class Away:
    def ask(self, *_question):
        raise HeadquartersDownError("headquarters is away")


@pytest.fixture
def job(monkeypatch, shop):
    """One turn of the job, whatever the line."""
    run = {name: turn for name, _, turn in access_log_jobs.turns()}[ANCHOR]
    monkeypatch.setattr(clock, "now", lambda: shop.chain.clock.now)

    def turn(line):
        gate = GateClient(shop.folder / "gate.sock")
        parts = job_table.Parts(
            shop.settings, shop.database, shop.sealer, gate=gate, crm=None, headquarters=line
        )
        run(parts)

    return turn


def let_days_pass(shop, days):
    for _ in range(days):
        shop.chain.clock.pass_by(days=1)
        place.tell(shop.database, shop.sealer, PLACE, shop.chain.clock.now)


def kept(shop):
    with shop.chain.database.reading() as session:
        return [(each.number, each.hash, each.fits) for each in anchors.listed(session, "store-7")]


def test_headquarters_keeps_where_the_log_stands_once_a_day(shop, job):
    let_days_pass(shop, 2)
    head = anchoring.head(shop.database)
    job(shop.line)
    job(shop.line)

    assert kept(shop) == [(head.number, head.hash, True)]
    told = {head.number: head.hash}
    verdict = verification.verify(shop.database, shop.sealer, shop.chain.clock.now, told)
    assert verdict.trouble is None


def test_without_headquarters_the_journal_has_it(shop, job, caplog):
    caplog.set_level(logging.INFO)
    let_days_pass(shop, 2)
    head = anchoring.head(shop.database)
    job(None)

    assert str(head) in repr([record.__dict__ for record in caplog.records])
    assert anchoring.due(shop.database) is None


def test_what_headquarters_was_away_for_is_told_later(shop, job, caplog):
    let_days_pass(shop, 2)
    job(Away())
    job(Away())
    assert [each.getMessage() for each in caplog.records] == ["the access log is not anchored"]

    job(shop.line)
    assert len(kept(shop)) == 1


def test_a_log_that_was_begun_anew_is_told_of_and_takes_nothing_back(shop, new_store, job, caplog):
    now = shop.chain.clock.now
    with shop.chain.database.writing() as session:
        assert anchors.keep(session, "store-7", 3, bytes(32), now)
        assert anchors.keep(session, "store-7", 3, bytes(32), now + dt.timedelta(days=1))
        assert not anchors.keep(session, "store-7", 3, bytes([1]) * 32, now)
    let_days_pass(shop, 2)
    job(shop.line)

    told = "the access log is not the one that headquarters knows: verify it"
    assert told in [each.getMessage() for each in caplog.records]
    assert [(number, fits) for number, _, fits in kept(shop)] == [(3, True), (3, False), (2, False)]
