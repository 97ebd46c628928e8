"""What shoppers see beside the Wi-Fi, and what becomes of what they tap."""

import re

import pytest

from core import retention
from core.models.campaign import Audience, Campaign, CampaignDay, CouponKind, Spot
from core.models.coupon import Coupon
from core.models.grant import Grant
from core.models.member_group import GroupMember, MemberGroup
from core.models.survey import Survey, SurveyAnswer, SurveyTurn
from core.outbox import EventType

SHOP = "https://shop.example/new?x=1&y=2"


@pytest.fixture
def counted(database):
    """Impressions and clicks of a campaign."""

    def read(number):
        with database.reading() as session:
            days = session.query(CampaignDay).filter_by(campaign_id=number).all()
            return sum(day.impressions for day in days), sum(day.clicks for day in days)

    return read


def test_a_campaign_stands_on_its_page_and_is_counted(phone, marketing, counted):
    first = marketing.campaign(spot=Spot.FIRST, heading="先看看")
    online = marketing.campaign(heading="再看看")

    page = phone.get("/").text
    assert "先看看" in page
    assert "再看看" not in page
    phone.go_online()
    page = phone.get("/online").text
    assert "再看看" in page
    assert "先看看" not in page
    assert (counted(first), counted(online)) == ((1, 0), (1, 0))


def test_what_a_marketer_types_is_text(phone, marketing):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=y>{{ 7*7 }}"
    marketing.campaign(
        spot=Spot.FIRST, heading=evil, line=evil, picture="a" * 32 + ".webp", picture_text=evil
    )
    page = phone.get("/").text

    assert "<script" not in page
    assert "<img src=x" not in page
    assert len(re.findall("<img", page)) == 1
    assert "{{ 7*7 }}" in page


def test_a_link_counts_and_leads_where_the_campaign_leads(phone, marketing, counted):
    number = marketing.campaign(spot=Spot.FIRST, link=SHOP)
    assert f'href="/c/{number}"' in phone.get("/").text

    answer = phone.get(f"/c/{number}?to=https://evil.example&link=https://evil.example")

    assert (answer.status_code, answer.location) == (303, SHOP)
    assert counted(number) == (1, 1)


@pytest.mark.parametrize(
    "address",
    ["/c/999", "/c/https://evil.example", "/c//evil.example", "/c/-1", "/c/1%0d%0aX: y", "/c/"],
)
def test_no_address_leads_anywhere_else(phone, address):
    answer = phone.get(address)

    assert answer.status_code in {303, 308, 400, 404}
    assert (answer.location or "/").removeprefix("http://wifi.example").startswith("/")
    assert "evil" not in (answer.location or "").removeprefix("/c/")


def test_a_campaign_that_is_over_leads_back(phone, marketing, counted):
    number = marketing.campaign(link=SHOP)
    marketing.end(Campaign, number)

    assert phone.get(f"/c/{number}").location == "/"
    assert counted(number) == (0, 0)


def test_the_crm_hears_of_clicks_of_those_who_agreed_to_marketing(join, marketing, news):
    number = marketing.campaign(link=SHOP)
    willing, other = join("127.0.0.2"), join("127.0.0.3")
    willing.go_online("13800138001", membership="yes", marketing="yes")
    other.go_online("13800138002", membership="yes")
    for phone in (willing, other, join("127.0.0.4")):
        assert phone.get(f"/c/{number}").location == SHOP

    [click] = news(EventType.CAMPAIGN_CLICK)
    assert click["campaign"] == {"id": number, "name": "Spring"}


def test_a_segment_is_told_by_visits_only_with_consent(join, marketing, clock):
    marketing.campaign(audience=Audience.NEW, heading="第一次来")
    marketing.campaign(audience=Audience.SEED, heading="又见面了")
    known, unknown = join("127.0.0.2"), join("127.0.0.3")
    known.go_online("13800138001", membership="yes", visit_analytics="yes")
    unknown.go_online("13800138002", membership="yes")

    assert "第一次来" in known.get("/online").text
    assert "第一次来" not in unknown.get("/online").text
    clock.pass_by(days=3)
    known.go_online("13800138001")
    assert "又见面了" in known.get("/online").text


def test_who_comes_back_after_all_grants_are_forgotten_is_not_new(
    phone, marketing, clock, database
):
    marketing.campaign(
        audience=Audience.LOST, heading="好久不见", ends_at=clock.now.replace(year=2030)
    )
    phone.go_online(membership="yes", visit_analytics="yes")
    clock.pass_by(days=200)
    with database.writing() as session:
        retention.forget(session, clock.now)
        assert session.query(Grant).count() == 0
    phone.go_online()

    assert "好久不见" in phone.get("/online").text


def test_a_group_sees_its_own(phone, marketing, database, rows, now):
    with database.writing() as session:
        session.add(MemberGroup(id=5, name="VIP", created_at=now))
    marketing.campaign(audience=Audience.GROUP, group_id=5, heading="贵宾")
    phone.go_online(membership="yes")
    assert "贵宾" not in phone.get("/online").text

    [grant] = rows(Grant)
    with database.writing() as session:
        session.add(GroupMember(group_id=5, member_id=grant.member_id))
    assert "贵宾" in phone.get("/online").text


def test_a_member_gets_a_coupon_once(phone, marketing, rows, news, clock):
    marketing.welcome()
    phone.go_online(membership="yes")
    [coupon] = rows(Coupon)

    assert re.fullmatch(r"WEL-[2-9A-HJ-NP-Z]{6}", coupon.code)
    page = phone.get("/online").text
    assert coupon.code in page
    assert "满 100 减 20" in page
    clock.pass_by(days=1)
    phone.go_online()
    assert len(rows(Coupon)) == 1
    [issued] = news(EventType.COUPON_ISSUED)
    assert issued["code"] == coupon.code
    clock.pass_by(days=30)
    phone.go_online()
    assert coupon.code not in phone.get("/online").text


def test_guests_get_no_coupon(phone, marketing, rows):
    marketing.welcome()
    phone.go_online()

    assert rows(Coupon) == []


def test_codes_of_the_chain_are_given_out_in_turn_until_none_is_left(join, marketing, database):
    number = marketing.welcome(coupon=CouponKind.GIVEN)
    with database.writing() as session:
        session.add_all(Coupon(campaign_id=number, code=code) for code in ("CHAIN-1", "CHAIN-2"))
    pages = []
    for each in (1, 2, 3):
        phone = join(f"127.0.0.{each}")
        phone.go_online(f"1380013800{each}", membership="yes")
        pages.append(phone.get("/online").text)

    assert ["CHAIN-1" in page for page in pages] == [True, False, False]
    assert ["CHAIN-2" in page for page in pages] == [False, True, False]


def test_a_question_is_answered_once_and_only_counted(phone, marketing, rows, database):
    number = marketing.survey("路过", "朋友")
    phone.go_online(membership="yes")
    assert "从哪里知道我们？" in phone.get("/online").text

    for _ in range(2):
        assert phone.post("/survey", survey=number, answer=2).location == "/online"

    with database.reading() as session:
        answers = session.query(SurveyAnswer).order_by(SurveyAnswer.number)
        assert [answer.chosen for answer in answers] == [0, 1]
    [turn] = rows(SurveyTurn)
    assert {*turn.__table__.c.keys()} == {"id", "survey_id", "device_id", "member_id"}
    page = phone.get("/online").text
    assert 'id="thanks"' in page
    assert "从哪里知道我们？" not in page


def test_a_member_answers_once_on_all_phones(join, marketing, rows, clock):
    number = marketing.survey()
    for each in (1, 2):
        phone = join(f"127.0.0.{each}")
        phone.go_online(membership="yes")
        phone.post("/survey", survey=number, answer=1)
        clock.pass_by(minutes=2)

    assert len(rows(SurveyTurn)) == 1


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"survey": "1"},
        {"survey": "1", "answer": "9"},
        {"survey": "9", "answer": "1"},
        {"survey": "x", "answer": "1"},
    ],
)
def test_an_answer_to_nothing_counts_for_nothing(phone, marketing, rows, form):
    marketing.survey()
    phone.go_online()

    assert phone.post("/survey", **form).status_code == 303
    assert rows(SurveyTurn) == []


def test_who_is_offline_is_asked_nothing(phone, marketing, rows):
    number = marketing.survey()

    assert phone.post("/survey", survey=number, answer=1).location == "/"
    assert rows(SurveyTurn) == []
    phone.go_online()
    marketing.end(Survey, number)
    assert 'name="answer"' not in phone.get("/online").text


def test_pictures_are_kept_for_good_and_nothing_else_is_served(phone, settings):
    settings.pictures_dir.mkdir(parents=True)
    (settings.pictures_dir / "ab.webp").write_bytes(b"RIFF")
    (settings.data_dir / "secret.webp").write_bytes(b"secret")

    answer = phone.get("/pictures/ab.webp")
    assert answer.mimetype == "image/webp"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    for name in ("../secret.webp", "..%2fsecret.webp", "ab.toml", "none.webp"):
        assert phone.get(f"/pictures/{name}").status_code == 404


def test_the_online_page_with_all_of_it_stays_light(phone, marketing):
    marketing.survey(*("x" * 60 for _ in range(6)), question="x" * 120)
    for _ in range(3):
        marketing.welcome(heading="新" * 60, line="新" * 200, link=SHOP, coupon_text="券" * 80)
    phone.go_online(membership="yes")
    page = phone.get("/online")
    sheet = phone.get(re.search(r'rel="stylesheet" href="([^"]+)"', page.text)[1])

    assert page.text.count('class="coupon"') == 3
    assert len(page.data) + len(sheet.data) < 50 * 1024
