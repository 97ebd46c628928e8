"""Who brought whom, from the QR code to the news for the CRM."""

import pytest

from core.models.attribution import DeviceSource, MemberSource, Source
from core.models.device import Device
from core.models.member import Member
from core.outbox import EventType

ALICE, BOB = "aaaa1111", "bbbb2222"


@pytest.fixture
def brought(database):
    """The code that each member is put down to, in the order of the members."""

    def read():
        with database.reading() as session:
            rows = session.query(Source.code).select_from(MemberSource)
            rows = rows.join(Source, Source.id == MemberSource.source_id)
            return [code for (code,) in rows.order_by(MemberSource.member_id)]

    return read


def test_a_member_is_put_down_to_the_code_they_came_by(phone, marketing, brought, news):
    marketing.source(ALICE)

    answer = phone.get(f"/?from={ALICE}")
    assert (answer.status_code, answer.location) == (303, "/")
    phone.go_online(membership="yes")

    assert brought() == [ALICE]
    [told] = news(EventType.ATTRIBUTION_CHANGED)
    assert told["source"] == {"kind": "guide", "code": ALICE, "name": "小王"}
    assert (told["since"][:10], told["until"][:10]) == ("2026-05-16", "2026-05-31")


def test_the_code_is_kept_on_the_box_and_gone_after_the_login(phone, marketing, database):
    marketing.source(ALICE)
    answer = phone.get(f"/?from={ALICE}")

    assert "Set-Cookie" not in answer.headers
    with database.reading() as session:
        assert session.query(DeviceSource).count() == 1
    phone.go_online(membership="yes")
    with database.reading() as session:
        assert session.query(DeviceSource).count() == 0


def test_who_is_no_member_is_put_down_to_nobody(phone, marketing, brought, news):
    marketing.source(ALICE)
    phone.get(f"/?from={ALICE}")
    phone.go_online()

    assert brought() == []
    assert news(EventType.ATTRIBUTION_CHANGED) == []


@pytest.mark.parametrize("code", ["", "cccc3333", "a" * 500, "' OR 1=1 --", "%00"])
def test_a_code_of_nobody_leaves_no_trace(phone, marketing, rows, code):
    marketing.source(ALICE)

    # What cannot be read is no code at all: core.request_target.
    assert phone.get(f"/?from={code}").status_code == (400 if code == "%00" else 200)
    assert rows(Device) == []


def test_a_retired_code_counts_for_nobody(phone, marketing, brought):
    marketing.end(Source, marketing.source(ALICE))
    phone.get(f"/?from={ALICE}")
    phone.go_online(membership="yes")

    assert brought() == []


def test_the_first_has_the_member_and_the_last_one_after_the_window(
    phone, marketing, brought, news, clock
):
    marketing.source(ALICE)
    marketing.source(BOB)
    phone.get(f"/?from={ALICE}")
    phone.get(f"/?from={BOB}")
    phone.go_online(membership="yes")
    assert brought() == [ALICE]

    clock.pass_by(days=14)
    phone.get(f"/?from={BOB}")
    phone.go_online()
    assert brought() == [ALICE]

    clock.pass_by(days=2)
    phone.get(f"/?from={BOB}")
    phone.go_online()
    assert brought() == [BOB]
    assert [each["source"]["code"] for each in news(EventType.ATTRIBUTION_CHANGED)] == [ALICE, BOB]


def test_a_member_who_is_online_is_put_down_at_once(phone, marketing, brought, rows):
    marketing.source(ALICE)
    phone.go_online(membership="yes")
    assert phone.get(f"/?from={ALICE}").location == "/online"

    assert brought() == [ALICE]
    assert len(rows(Member)) == 1


def test_a_scan_that_is_too_old_by_the_login_counts_for_nobody(phone, marketing, brought, clock):
    marketing.source(ALICE)
    phone.get(f"/?from={ALICE}")
    clock.pass_by(days=16)
    phone.go_online(membership="yes")

    assert brought() == []
