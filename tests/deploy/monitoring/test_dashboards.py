"""Grafana's dashboards ask Prometheus for what it understands, and for metrics there are."""

import json
import re

import pytest
import yaml

from appliance.metrics.every import FAMILIES
from tests.deploy.monitoring.test_alerts import FOLDER, family_of, metrics_in, promtool

BOARDS = sorted((FOLDER / "dashboards").glob("*.json"))


def expressions(board):
    document = json.loads(board.read_text())
    return [target["expr"] for panel in document["panels"] for target in panel.get("targets", ())]


def plain(expression):
    """With Grafana's own variables put in, as it does before it asks."""
    filled = expression.replace("$__rate_interval", "4m")
    filled = re.sub(r"\$(store|region)", "x", filled)
    assert "$" not in filled
    return filled


@pytest.mark.parametrize("board", BOARDS, ids=lambda path: path.stem)
def test_every_expression_is_promql(board, tmp_path):
    rules = [
        {"record": f"panel:{number}", "expr": plain(each)}
        for number, each in enumerate(expressions(board))
    ]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": board.stem, "rules": rules}]}))

    checked = promtool("check", "rules", path)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(rules)} rules found" in checked.stdout


@pytest.mark.parametrize("board", BOARDS, ids=lambda path: path.stem)
def test_every_metric_asked_for_is_there(board):
    asked = {name for each in expressions(board) for name in metrics_in(each)}

    assert [name for name in sorted(asked) if family_of(name) is None] == []


def test_every_metric_is_on_a_dashboard():
    asked = {name for board in BOARDS for each in expressions(board) for name in metrics_in(each)}
    shown = {family_of(name).name for name in asked}

    assert sorted(FAMILIES.keys() - shown) == []


@pytest.mark.parametrize("board", BOARDS, ids=lambda path: path.stem)
def test_panels_do_not_lie_on_each_other(board):
    taken = {}
    for panel in json.loads(board.read_text())["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        for place in [
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        ]:
            assert place not in taken, (panel["title"], taken.get(place))
            taken[place] = panel["title"]


def test_targets_are_made_of_the_inventory():
    scope = {"__name__": "targets"}
    exec((FOLDER / "targets.py").read_text(), scope)  # noqa: S102 - a program of ours, of no package
    shop = {"shop_id": "hangzhou-01", "ansible_host": "10.9.0.2", "shop_region": "East"}
    hosts = {"box-2": {"shop_id": "b", "monitoring_port": 9000}, "box-1": shop, "router": {}}

    made = scope["targets"]({"_meta": {"hostvars": hosts}})

    assert made == [
        {"targets": ["10.9.0.2:8081"], "labels": {"store": "hangzhou-01", "region": "East"}},
        {"targets": ["box-2:9000"], "labels": {"store": "b", "region": ""}},
    ]
    example = yaml.safe_load((FOLDER / "targets/stores.example.yml").read_text())
    assert example[0] == made[0]
