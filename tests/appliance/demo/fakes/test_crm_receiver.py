import pytest

from tests.appliance.demo.fakes.conftest import BATCH, SMS_KEY

MEMBER = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
DAY = "2026-05-16"
NONE = {"value": None, "low": None, "high": None}


def member_event(number=1, version=1, **data):
    return {
        "specversion": "1.0",
        "id": f"01ARZ3NDEKTSV4RRFFQ69G{number:04}",
        "source": "/stores/store-1",
        "type": "doorman.member.updated",
        "subject": MEMBER,
        "time": "2026-05-16T06:30:00.000Z",
        "datacontenttype": "application/json",
        "data": {
            "member": MEMBER,
            "phone": "+8613800138000",
            "phone_verified_at": "2026-05-16T06:30:00Z",
            "phone_bound_at": None,
            "email": None,
            "email_verified_at": None,
            "email_bound_at": None,
            "unionid": None,
            "openids": [],
            "language": "zh",
            "enrolled_at": "2026-05-16T06:30:00+00:00",
            "consents": ["membership"],
            "store": "store-1",
            "version": version,
            **data,
        },
    }


def day_event(number=1, time="2026-05-17T00:30:00.000Z", probe_requests=8000):
    figures = dict.fromkeys(("passers_by", "visitors", "entry_rate", "dwell_median_s"), NONE)
    dwell = ("under_5_min", "5_to_20_min", "20_to_60_min", "1_to_6_h", "over_6_h")
    data = {
        "store": "store-1",
        "day": DAY,
        "withheld_below": 5,
        "updated_at": time,
        "closed_at": time,
        "probe_requests": probe_requests,
        "fixtures": None,
        **figures,
        "dwell_visits": {f"dwell_{name}": None for name in dwell},
        "bounces": None,
        "heard_s": 86400,
        "hours": [
            {
                "start": "2026-05-16T10:00:00+08:00",
                "passers_by": 40,
                "visitors": None,
                "inside_mean": None,
                "heard_s": 3600,
            }
        ],
    }
    event = member_event(number) | {"type": "doorman.traffic.day", "subject": DAY, "time": time}
    return event | {"data": data}


def statuses(response):
    assert response.status_code == 200
    return [row["status"] for row in response.get_json()["results"]]


def state(outside):
    return outside.get("/crm/state.json")


def test_events_are_taken_and_answered_one_by_one(outside):
    response = outside.tell(member_event(1), day_event(2))

    assert response.get_json() == {
        "results": [
            {"id": "01ARZ3NDEKTSV4RRFFQ69G0001", "status": "accepted"},
            {"id": "01ARZ3NDEKTSV4RRFFQ69G0002", "status": "accepted"},
        ]
    }
    found = state(outside)
    assert found["events_received"] == 2
    assert [each["phone"] for each in found["members"]] == ["+8613800138000"]
    assert [each["day"] for each in found["days"]] == [DAY]


def test_an_event_counts_once_however_often_it_comes(outside):
    assert statuses(outside.tell(member_event(), member_event())) == ["accepted", "duplicate"]
    assert statuses(outside.tell(member_event())) == ["duplicate"]

    assert (state(outside)["events_received"], state(outside)["duplicates"]) == (1, 2)


def test_an_older_version_of_a_member_does_not_overwrite_a_newer_one(outside):
    outside.tell(member_event(1, version=2, language="en"), member_event(2, version=1))

    [member] = state(outside)["members"]
    assert (member["version"], member["language"]) == (2, "en")


def test_a_newer_version_overwrites_an_older_one(outside):
    outside.tell(member_event(1), member_event(2, version=2, consents=["marketing"]))

    assert [each["consents"] for each in state(outside)["members"]] == [["marketing"]]


def test_of_two_accounts_of_a_day_the_later_one_stands(outside):
    later = day_event(1, time="2026-05-17T01:00:00.000Z", probe_requests=9000)

    outside.tell(later, day_event(2))

    assert [day["probe_requests"] for day in state(outside)["days"]] == [9000]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        pytest.param(member_event() | {"specversion": "0.3"}, "bad_envelope", id="old-envelope"),
        pytest.param(member_event() | {"id": "1"}, "bad_envelope", id="no-ulid"),
        pytest.param(member_event() | {"time": "2026-05-16T06:30"}, "bad_envelope", id="no-zone"),
        pytest.param(member_event() | {"more": 1}, "bad_envelope", id="unknown-attribute"),
        pytest.param([], "bad_envelope", id="no-object"),
        pytest.param(member_event() | {"type": "doorman.visit"}, "unknown_type", id="type"),
        pytest.param(member_event(phone="13800138000"), "bad_data", id="national-number"),
        pytest.param(member_event(version="1"), "bad_data", id="version-as-text"),
        pytest.param(member_event(consents=["everything"]), "bad_data", id="unknown-consent"),
        pytest.param(member_event(mac="02:00:00:00:00:01"), "bad_data", id="more-than-agreed"),
        pytest.param(member_event() | {"data": day_event()["data"]}, "bad_data", id="of-another"),
    ],
)
def test_an_event_that_breaks_the_contract_is_refused_alone_and_by_reason(outside, event, reason):
    response = outside.tell(event, member_event(7))

    refused, taken = response.get_json()["results"]
    assert (refused["status"], refused["reason"]) == ("refused", reason)
    assert taken["status"] == "accepted"
    assert state(outside)["events_received"] == 1


def test_only_what_is_freshly_signed_with_the_crms_key_is_taken(outside):
    assert outside.tell(member_event(), key=SMS_KEY).status_code == 401
    assert outside.client.post("/crm/events", json=[member_event()]).status_code == 401
    assert outside.tell(member_event(), age_s=360).status_code == 401
    assert state(outside)["events_received"] == 0


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param(b"{", BATCH, 400, id="no-json"),
        pytest.param(b"{}", BATCH, 400, id="no-list"),
        pytest.param(b"[]", "application/json", 415, id="another-type"),
        pytest.param(b"[%s7]" % (b"7," * 1000), BATCH, 413, id="many"),
        pytest.param(b" " * 5_000_000, BATCH, 413, id="large"),
    ],
)
def test_a_request_of_another_form_is_refused_as_a_whole(outside, body, content_type, status):
    assert outside.tell(body=body, content_type=content_type).status_code == status


@pytest.mark.parametrize(
    ("mode", "status", "kept"),
    [("429", 429, 0), ("503", 503, 0), ("drop_after_commit", 500, 2), ("partial", 200, 1)],
)
def test_it_misbehaves_as_often_as_ordered_and_is_well_again(outside, mode, status, kept):
    assert outside.order_fault(mode=mode, count=1).status_code == 200

    assert outside.tell(member_event(1), member_event(2, version=2)).status_code == status
    assert state(outside)["events_received"] == kept
    assert outside.tell(member_event(1), member_event(2, version=2)).status_code == 200
    assert state(outside)["events_received"] == 2


def test_a_busy_crm_says_when_to_come_back(outside):
    outside.order_fault(mode="429")

    assert outside.tell(member_event()).headers["Retry-After"] == "1"


def test_a_fault_can_be_called_off(outside):
    outside.order_fault(mode="503", count=5)
    outside.order_fault(mode="none")

    assert outside.tell(member_event()).status_code == 200


@pytest.mark.parametrize("fault", [{}, {"mode": "fire"}, {"mode": "503", "count": "many"}])
def test_an_unknown_fault_is_refused(outside, fault):
    assert outside.order_fault(**fault).status_code == 422


def test_the_page_shows_members_and_days(outside):
    outside.tell(member_event(1), day_event(2))

    page = outside.client.get("/crm").text
    assert [word for word in ("+8613800138000", DAY, "member.updated") if word not in page] == []


def test_the_page_is_whole_when_nothing_has_come_yet(outside):
    assert outside.client.get("/crm").status_code == 200
    assert outside.client.get("/").status_code == 200
