"""The contract in three places: the models, the schema files, and what is really sent.

What the portal sends is held to it in tests/portal/ways/test_agreement.py.
"""

import datetime as dt
import json
from pathlib import Path

import pytest

from analytics.figures import report
from core.events import contract, of_traffic
from core.models.traffic import TrafficDay, TrafficHour
from core.outbox import EventType

FOLDER = Path(__file__).parents[3] / "docs" / "events"


def test_the_schema_files_are_those_of_the_models():
    files = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    made = {name: contract.text(schema) for name, schema in contract.schemas().items()}

    assert files == made, "python -m core.events.contract docs/events"


def test_every_type_of_event_has_a_schema():
    assert {f"{kind}.json" for kind in EventType} | {"envelope.json"} == set(
        contract.schemas()
    )


def test_the_readme_names_every_type_of_event():
    readme = (FOLDER / "README.md").read_text("utf-8")

    assert [kind for kind in EventType if f"`{kind}`" not in readme] == []


@pytest.mark.parametrize(
    "figures",
    [
        pytest.param({"passers_by": 400, "visitors": 130, "dwell_median_s": 720}, id="a-busy-day"),
        pytest.param({"passers_by": 2, "visitors": 1, "dwell_median_s": 400}, id="all-withheld"),
        pytest.param({"passers_by": 0, "visitors": 0, "dwell_median_s": None}, id="nobody-came"),
    ],
)
def test_what_analytics_sends_of_a_day_keeps_the_contract(settings, now, figures):
    counts = [name for name, column in TrafficDay.__table__.columns.items() if name != "day"]
    row = TrafficDay(**dict.fromkeys(counts, 3) | figures, day=dt.date(2026, 5, 16))
    row.updated_at = row.closed_at = now
    hours = [TrafficHour(start=now, day=row.day, passers_by=40, visitors=0)]

    data = report.of(row, hours, settings).to_data()

    of_traffic.TrafficDay.model_validate_json(json.dumps(data))
