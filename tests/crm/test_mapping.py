import datetime as dt
from pathlib import Path

import pytest

from core.setting_groups.connectors import FieldRule, FieldType
from core.settings import SettingsError
from crm.mapping import FIELDS, FieldMap, Formats
from tests.crm.connectors import news_of

MEMBER = news_of.new_id()
SETTING = "crm.some.fields"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def field_map(defaults=None, *given, formats=None, reserved=()):
    rules = [FieldRule(**rule) for rule in given]
    return FieldMap.of(SETTING, defaults or {}, rules, formats, reserved)


def test_defaults_hold_where_nothing_is_said():
    values = field_map({"phone": "mobile", "language": "lang"}).values(news_of.enrolled(MEMBER))

    assert values == {"mobile": "+8613800138000", "lang": "zh"}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([{"field": "phone", "to": "phone"}], {"phone", "lang"}, id="elsewhere"),
        pytest.param([{"field": "phone", "to": ""}], {"lang"}, id="nowhere"),
        pytest.param(
            [{"field": "phone", "to": "phone"}, {"field": "phone", "to": "mobile"}],
            {"phone", "mobile", "lang"},
            id="to-two-places",
        ),
        pytest.param([{"field": "store", "to": "shop"}], {"mobile", "lang", "shop"}, id="more"),
    ],
)
def test_rules_take_the_place_of_the_default_for_their_field(rules, expected):
    found = field_map({"phone": "mobile", "language": "lang"}, *rules)

    assert found.values(news_of.enrolled(MEMBER)).keys() == expected


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        pytest.param({"field": "member"}, MEMBER, id="text"),
        pytest.param({"field": "email"}, None, id="empty"),
        pytest.param({"field": "openids"}, "wx1:a, wx2:b", id="list"),
        pytest.param({"field": "version"}, 1, id="number"),
        pytest.param({"field": "version", "type": "text"}, "1", id="number-as-text"),
        pytest.param({"field": "consents.marketing"}, True, id="consent"),
        pytest.param({"field": "consents.visit_analytics"}, False, id="no-consent"),
        pytest.param({"field": "consents.marketing", "type": "text"}, "true", id="consent-as-text"),
        pytest.param({"field": "enrolled_at"}, "2026-05-16T06:30:00Z", id="time"),
        pytest.param({"field": "enrolled_at", "type": "date"}, "2026-05-16", id="date"),
        pytest.param(
            {"field": "enrolled_at", "type": "text"}, "2026-05-16T06:30:00+00:00", id="time-as-text"
        ),
        pytest.param({"value": "Doorman"}, "Doorman", id="constant"),
    ],
)
def test_values_have_the_form_that_is_asked_for(rule, value):
    event = news_of.enrolled(
        MEMBER, consents=["membership", "marketing"], openids=["wx1:a", "wx2:b"]
    )

    assert field_map({}, {**rule, "to": "theirs"}).values(event) == {"theirs": value}


def test_each_crm_writes_times_and_booleans_in_its_own_way():
    formats = Formats(
        time=lambda moment: int(moment.timestamp()),
        date=lambda day: f"{day:%d.%m.%Y}",
        boolean=lambda given: "Y" if given else "N",
        zone=SHANGHAI,
    )
    rules = [
        {"field": "enrolled_at", "to": "at"},
        {"field": "enrolled_at", "to": "on", "type": "date"},
        {"field": "consents.marketing", "to": "mail"},
    ]
    event = news_of.enrolled(MEMBER, enrolled_at="2026-05-16T17:00:00+00:00")

    values = field_map({}, *rules, formats=formats).values(event)
    assert values == {"at": 1778950800, "on": "17.05.2026", "mail": "N"}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(news_of.attribution(MEMBER), {"guide": "Guide Seven"}, id="attribution"),
        pytest.param(
            news_of.coupon_issued(MEMBER),
            {"coupon": "TEA-1", "until": "2026-06-15T06:30:00Z"},
            id="coupon-issued",
        ),
        pytest.param(
            news_of.coupon_used(MEMBER), {"coupon": "TEA-1", "until": None}, id="coupon-used"
        ),
        pytest.param(news_of.click(MEMBER), {"clicked": "Spring tea"}, id="click"),
        pytest.param(news_of.visit(MEMBER), {"stayed": 1500}, id="visit"),
        pytest.param(news_of.erased(MEMBER), {}, id="erased"),
    ],
)
def test_an_event_tells_only_what_it_says(event, expected):
    found = field_map(
        {
            "phone": "phone",
            "attribution.name": "guide",
            "coupon.code": "coupon",
            "coupon.expires_at": "until",
            "click.campaign": "clicked",
            "visit.dwell_s": "stayed",
        },
        {"value": "Doorman", "to": "source"},
    )

    assert found.values(event) == expected


def test_a_new_coupon_is_not_used_because_the_last_one_was():
    fields = field_map({"coupon.code": "coupon", "coupon.used_at": "used"})

    assert fields.values(news_of.coupon_used(MEMBER))["used"]
    assert fields.values(news_of.coupon_issued(MEMBER)) == {"coupon": "TEA-1", "used": None}


def test_who_does_not_agree_to_visits_has_the_last_one_taken_away():
    found = field_map({"visit.end": "last_visit"})
    agrees = ["membership", "visit_analytics"]

    assert found.values(news_of.updated(MEMBER)) == {"last_visit": None}
    assert found.values(news_of.updated(MEMBER, consents=agrees)) == {}


@pytest.mark.parametrize(
    ("defaults", "rules", "says"),
    [
        pytest.param({}, [{"field": "phon", "to": "x"}], "no field 'phon'; there are", id="typo"),
        pytest.param(
            {"phone": "x"},
            [{"field": "email", "to": "x"}],
            "email and phone all go to 'x'",
            id="two",
        ),
        pytest.param({}, [{"field": "phone", "to": "id"}], "'id' is filled in", id="reserved"),
        pytest.param({}, [{"to": "x"}], "needs a `value` and a `to`", id="nothing"),
        pytest.param({}, [{"value": "v"}], "needs a `value` and a `to`", id="constant-to-nowhere"),
        pytest.param(
            {}, [{"field": "phone", "value": "v", "to": "x"}], "not both ('phone')", id="both"
        ),
        pytest.param(
            {},
            [{"field": "phone", "to": "x", "type": "boolean"}],
            "'phone' can be sent as text, not as boolean",
            id="form",
        ),
        pytest.param(
            {}, [{"value": "1", "to": "x", "type": "number"}], "'x' is sent as text", id="constant"
        ),
    ],
)
def test_a_rule_that_cannot_be_kept_stops_the_start_and_says_what_to_mend(defaults, rules, says):
    with pytest.raises(SettingsError) as caught:
        field_map(defaults, *rules, reserved={"id"})

    assert str(caught.value).startswith(f"{SETTING}: ")
    assert says in str(caught.value)


def test_every_field_can_be_read_from_an_event_that_tells_it():
    events = [
        news_of.enrolled(MEMBER, consents=["membership", "visit_analytics"]),
        *(say(MEMBER, 3) for say in news_of.SAYS.values()),
    ]

    found = field_map({name: name for name in FIELDS})
    told = set().union(*(found.values(event) for event in events))
    assert told == FIELDS.keys()
    assert set(found.targets.values()) <= set(FieldType)


def test_every_field_is_documented():
    page = Path(__file__).parents[2].joinpath("docs/crm.md").read_text("utf-8")

    assert [name for name in FIELDS if f"`{name}`" not in page] == []
