"""Several programs of headquarters on one PostgreSQL."""

import concurrent.futures
import datetime as dt
import json

import httpx
import pytest

from core import clock, webhook_signature
from hq import store_keys, stores
from hq.intake import inbox
from hq.intake.batch import read
from tests.hq.intake.news import click, member, signed
from tests.hq.intake.programs import Site, wait_until

WAITING = "SELECT count(*) FROM inbox WHERE state = 'waiting'"


@pytest.fixture
def site(tmp_path, new_postgresql):
    return Site(tmp_path, new_postgresql())


def post(url, request):
    body, headers = request
    return httpx.post(f"{url}/v1/events", content=body, headers=headers, trust_env=False)


def test_the_same_batch_sent_to_two_servers_at_once_is_taken_in_once(site):
    with site.web() as one, site.web() as other, concurrent.futures.ThreadPoolExecutor(8) as pool:
        key = site.add_store("store-7")
        for number in range(5):
            events = [member(100 * number + each) for each in range(100)]
            request = signed(events, key, clock.now(), packed=True)
            urls = [one, other] * 4
            answers = list(pool.map(lambda url, request=request: post(url, request), urls))
            assert {answer.status_code for answer in answers} == {200}
            found = [row["status"] for answer in answers for row in answer.json()["results"]]
            assert (found.count("accepted"), found.count("duplicate")) == (100, 700)
        assert site.count("SELECT count(*) FROM inbox") == 500
        assert site.count("SELECT count(*) FROM inbox_batches") == 5

        with site.writing() as (session, sealer):
            text = stores.rotate_key(session, sealer, "store-7", clock.now())
        new = webhook_signature.read_key(text)
        for url, each in ((one, key), (other, new), (one, new), (other, key)):
            assert post(url, signed([member(1)], each, clock.now())).status_code == 200
        with site.writing() as (session, _):
            store_keys.revoke(session, "store-7", None, clock.now())
        for url in (one, other):
            assert post(url, signed([member(1)], new, clock.now())).status_code == 401


def test_jobs_that_are_killed_and_jobs_side_by_side_fold_each_event_once(site):
    at = clock.now() - dt.timedelta(hours=1)
    site.migrate()
    site.add_store("store-7")
    told = [member(number, phone=f"+86138{number:08}", at=at) for number in range(600)]
    for events in (told, [click(number, at=at) for number in range(600)]):
        body = json.dumps(events).encode()
        with site.writing() as (session, sealer):
            rows = read(body, "store-7").rows
            inbox.take(session, sealer, "store-7", body, rows, now=clock.now())

    with site.running("jobs") as jobs:
        wait_until(lambda: site.count(WAITING) < 1200)
        site.kill(jobs)
    with site.running("jobs"), site.running("jobs"):
        wait_until(lambda: site.count(WAITING) == 0)

    assert site.count("SELECT count(*) FROM chain_members") == 600
    assert site.count("SELECT count(*) FROM outbox_events") == 1200
    assert site.count("SELECT count(DISTINCT (subject, type)) FROM outbox_events") == 1200
    assert site.count("SELECT count(*) FROM inbox_batches") == 0
    assert site.count("SELECT count(*) FROM parked_events") == 0
