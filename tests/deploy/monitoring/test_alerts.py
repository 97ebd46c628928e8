"""Each alert is seen to fire by Prometheus's own program, and none fires of what is well."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from appliance.metrics.every import FAMILIES
from core.metrics.family import Kind
from tests.deploy.monitoring.alert_cases import CASES, WELL

FOLDER = Path(__file__).parents[3] / "deploy/monitoring"
RULES = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]


def promtool(*arguments, folder=FOLDER):
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed (apt-get install prometheus)")
    command = ["promtool", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def metrics_in(expression):
    return set(re.findall(r"\bdoorman_\w+", expression))


def family_of(name):
    bare = re.sub(r"_(bucket|sum|count)$", "", name)
    found = FAMILIES.get(name) or FAMILIES.get(bare)
    is_histogram = found is not None and found.kind is Kind.HISTOGRAM
    return found if found and is_histogram == (name not in FAMILIES) else None


def run(folder, every, *cases):
    """Cases of series, a question, the minute at which it is asked, and its answer."""
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": name, "values": row} for name, row in series.items()],
            "promql_expr_test": [{"expr": asked, "eval_time": at, "exp_samples": list(answer)}],
        }
        for series, asked, at, answer in cases
    ]
    rules = [str(FOLDER / "alerts.yml")]
    document = {"rule_files": rules, "evaluation_interval": every, "tests": tests}
    (folder / "tests.yml").write_text(json.dumps(document))
    return promtool("test", "rules", folder / "tests.yml")


def test_prometheus_takes_rules_and_configuration(tmp_path):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    for name in ("doorman", "doorman-hq"):
        (tmp_path / f"{name}.token").write_text("doorman_x")

    checked = promtool("check", "config", "prometheus.yml", folder=tmp_path)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(RULES)} rules found" in checked.stdout


def test_every_alert_has_its_case():
    assert sorted(CASES) == sorted(rule["alert"] for rule in RULES)


@pytest.mark.parametrize(
    ("every", "minutes"),
    [
        pytest.param("2m", range(100), id="soon"),
        # So many hours, minute by minute, would take long to go through.
        pytest.param("10m", range(100, 2000), id="after-hours"),
    ],
)
def test_each_alert_fires_when_it_should(tmp_path, every, minutes):
    cases = []
    for name, (series, minute) in CASES.items():
        if minute not in minutes:
            continue
        fires = f'count by (alertname) (ALERTS{{alertstate="firing",alertname="{name}"}})'
        once = {"labels": f'{{alertname="{name}"}}', "value": 1}
        cases.append((series, fires, f"{minute}m", [once]))

    checked = run(tmp_path, every, *cases)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_nothing_fires_of_what_is_well(tmp_path):
    fired = 'count_over_time(ALERTS{alertstate="firing"}[1d])'

    checked = run(tmp_path, "10m", (WELL, fired, "1435m", []))

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do_about_metrics_there_are(rule):
    assert [name for name in metrics_in(rule["expr"]) if family_of(name) is None] == []
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert set(rule["annotations"]) == {"summary", "action", "runbook_url"}
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert page == "docs/operations/troubleshooting.md"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", anchor)
