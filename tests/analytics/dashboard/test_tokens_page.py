import re

import pytest

from analytics.api import tokens
from core.models.api_token import Scope
from core.models.user import Role

OURS = {"Origin": "http://localhost"}


def make(client, **form):
    return client.post("/tokens", data={"name": "till", "days": "30"} | form, headers=OURS)


def test_a_token_is_shown_once_and_reads(alice, database, sealer, clock, today):
    page = make(alice).text
    [token] = re.findall(r"doorman_[\w-]{43}", page)

    assert tokens.is_good(database, sealer, token, clock.now, today)
    assert token not in alice.get("/tokens").text


def test_one_for_metrics_reads_no_figures(alice, database, sealer, clock, today):
    page = make(alice, scope="metrics").text
    [token] = re.findall(r"doorman_[\w-]{43}", page)

    assert not tokens.is_good(database, sealer, token, clock.now, today)
    assert tokens.is_good(database, sealer, token, clock.now, today, scope=Scope.METRICS)
    assert "设备运行指标" in alice.get("/tokens").text.split("<form", 2)[1]


def test_a_revoked_one_is_gone(alice, database):
    make(alice)
    [row] = tokens.everyone(database)
    alice.post(f"/tokens/{row.id}/revoke", headers=OURS)

    assert not tokens.everyone(database)
    assert "till" not in alice.get("/tokens").text


@pytest.mark.parametrize("form", [{"name": " "}, {"days": "9999"}, {"days": "x"}, {"scope": "all"}])
def test_a_form_that_says_too_little_makes_none(alice, database, form):
    answer = make(alice, **form)

    assert answer.status_code == 422
    assert "请填写名称" in answer.text
    assert not tokens.everyone(database)


@pytest.mark.parametrize("role", [Role.MARKETER, Role.AUDITOR])
def test_who_neither_runs_the_store_nor_its_network_makes_none(hired, database, role):
    assert make(hired(role)).status_code == 403
    assert not tokens.everyone(database)
