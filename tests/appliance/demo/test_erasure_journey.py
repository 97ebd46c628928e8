"""From joining to being forgotten, through every program: portal, jobs and the CRM's side."""

import datetime as dt
import re
import time

import httpx
import pytest

from appliance.demo import plan as plans
from appliance.demo import run
from appliance.demo.fakes.store import Store
from core.models.code_send import CodeSend
from tests import free_ports

pytestmark = pytest.mark.slow
PHONE = "13800138000"


@pytest.fixture
def plan(tmp_path):
    return plans.make(tmp_path, plans.Ports(*free_ports.find(5)))


def newest_code(plan):
    newest = httpx.get(plan.fakes_url + "/sms/messages.json").json()[0]
    return re.search(r"\d{6}", newest["text"])[0]


def crm_members(plan, count):
    """What the CRM has, once it has so many: jobs sends by the clock."""
    end = time.monotonic() + 60
    while True:
        found = httpx.get(plan.fakes_url + "/crm/state.json").json()["members"]
        if len(found) == count or time.monotonic() > end:
            return found
        time.sleep(0.2)


def let_a_minute_pass(running):
    """Between two codes to one number, for the portal and for the carrier."""
    with Store(running.plan.folder / "fakes").writing() as connection:
        connection.execute("UPDATE messages SET at = at - 120")
    with running.database.writing() as session:
        for send in session.query(CodeSend):
            send.sent_at -= dt.timedelta(minutes=2)


def test_who_joins_and_is_erased_is_known_to_nobody_any_more(plan):
    with (
        run.appliance(plan) as running,
        httpx.Client(base_url=plan.portal_url, follow_redirects=True) as shopper,
    ):
        running.start_jobs()
        shopper.post("/login", data={"phone": PHONE, "terms": "yes"})
        shopper.post("/code", data={"code": newest_code(plan)})
        online = shopper.post("/consent", data={"membership": "yes", "marketing": "yes"})
        assert online.url.path == "/online"
        [member] = crm_members(plan, 1)
        assert member["phone"] == "+86" + PHONE

        let_a_minute_pass(running)
        shopper.post("/my-data/proof", data={"phone": PHONE})
        mine = shopper.post("/my-data/code", data={"code": newest_code(plan)})
        assert "/my-data/erase" in mine.text
        assert shopper.get("/my-data/export").json()["member"]["public_id"] == member["member"]
        assert shopper.post("/my-data/erase").url.path == "/my-data/erased"

        assert crm_members(plan, 0) == []
        assert shopper.get("/online").url.path == "/online"
