import re
from pathlib import Path

import pytest

from appliance.metrics import page
from appliance.metrics.every import FAMILIES, SECTIONS
from core.metrics.family import Kind

ROOT = Path(__file__).parents[3]

# Sorts of things, of which there are few. Whose word or number a thing is, is never among them.
LABELS = {
    *("program", "route", "status", "way", "outcome", "reason", "carrier", "kind", "cause"),
    *("job_name", "state", "source", "version", "python", "device", "cells", "collector", "log"),
}


def test_every_metric_is_documented_and_nothing_else():
    assert (ROOT / "docs/metrics.md").read_text("utf-8") == page.page(), "make docs"


def test_no_name_is_given_twice():
    assert len(FAMILIES) == sum(len(families) for families in SECTIONS.values())


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_names_are_as_prometheus_has_them(family):
    assert re.fullmatch(r"doorman(_[a-z]+)+", family.name)
    assert family.name.endswith("_total") == (family.kind is Kind.COUNTER)
    assert not re.search(r"_(ms|minutes|hours|kb|mb|percent|count|sum|bucket)(_|$)", family.name)
    assert set(family.labels) <= LABELS
    # It stands in the files of counts with every series.
    assert len(family.text) <= 80
    assert family.normal
