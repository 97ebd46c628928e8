"""The contract in three places: the models, the schema files, and what is really sent.

What the portal sends is held to it in tests/portal/ways/test_agreement.py.
"""

import datetime as dt
import json

import pytest
from pydantic import ValidationError

from analytics.figures import report
from core.events import contract, of_traffic
from core.events.shapes import Envelope
from core.models.traffic import TrafficDay, TrafficHour
from core.outbox import EventType
from tests import published
from tests.published import EXAMPLES, FOLDER


def test_the_schema_files_are_those_of_the_models():
    found = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    files = {name: text for name, text in found.items() if name != "examples.json"}
    made = {name: contract.text(schema) for name, schema in contract.schemas().items()}

    assert files == made, "python -m core.events.contract docs/events"


def test_every_type_of_event_has_a_schema():
    assert {f"{kind}.json" for kind in EventType} | {"envelope.json"} == set(contract.schemas())


def test_the_readme_names_every_type_of_event():
    readme = (FOLDER / "README.md").read_text("utf-8")

    assert [kind for kind in EventType if f"`{kind}`" not in readme] == []


def test_there_is_an_example_of_every_type():
    assert list(EXAMPLES) == [kind.value for kind in EventType]
    assert [event["type"] for event in EXAMPLES.values()] == list(EXAMPLES)
    assert len({event["id"] for event in EXAMPLES.values()}) == len(EXAMPLES)


@pytest.mark.parametrize("event", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_examples_keep_the_contract_and_what_is_published(event):
    assert published.faults(event) == []
    Envelope.model_validate_json(json.dumps(event))
    contract.DATA[event["type"]].model_validate_json(json.dumps(event["data"]))
    about = event["data"].get("member", event["subject"])
    assert about == event["subject"]
    assert event["source"] == f"/stores/{event['data']['store']}"


@pytest.mark.parametrize("event", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_what_lacks_a_field_breaks_both(event):
    for name in event["data"]:
        short = {key: value for key, value in event["data"].items() if key != name}
        assert published.faults({**event, "data": short})
        with pytest.raises(ValidationError):
            contract.DATA[event["type"]].model_validate_json(json.dumps(short))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("phone", "13800138000", id="national-number"),
        pytest.param("enrolled_at", "yesterday", id="no-time"),
        pytest.param("consents", ["terms"], id="no-purpose-of-theirs"),
        pytest.param("version", 0, id="no-version"),
        pytest.param("member", "1", id="no-ulid"),
    ],
)
def test_what_breaks_the_contract_breaks_what_is_published(name, value):
    event = EXAMPLES["doorman.member.updated"]

    assert published.faults({**event, "data": {**event["data"], name: value}})


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
