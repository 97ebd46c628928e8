"""The marketer's pages, as a browser without scripts uses them."""

import dataclasses
import io

import pytest
from PIL import Image

from analytics.dashboard.site import PARTS
from core import outbox
from core.models.attribution import MemberSource, Source
from core.models.campaign import Campaign, CampaignDay
from core.models.coupon import Coupon
from core.models.member import Member
from core.models.member_group import GroupMember, MemberGroup
from core.models.outbox_event import OutboxEvent
from core.models.survey import Survey, SurveyAnswer

OURS = {"Origin": "http://localhost"}
GOOD = {
    "name": "Spring",
    "heading": "新品到店",
    "spot": "online",
    "audience": "everyone",
    "coupon": "none",
    "starts": "2026-05-16T10:00",
    "ends": "2026-05-30T22:00",
}


@pytest.fixture
def send(alice):
    return lambda address, **form: alice.post(address, data=form, headers=OURS)


@pytest.fixture
def rows(database):
    def read(model):
        with database.reading() as session:
            return session.query(model).all()

    return read


@pytest.fixture
def saved(send, rows):
    def save(**others):
        assert send("/campaigns/save", **(GOOD | others)).status_code == 303
        return rows(Campaign)[-1]

    return save


def picture_file(size=(900, 600)):
    file = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(file, "JPEG", comment=b"home address")
    file.seek(0)
    return file, "../../evil.php"


def test_a_campaign_is_made_changed_and_ended(alice, send, rows, saved):
    campaign = saved()
    send("/campaigns/save", **(GOOD | {"number": campaign.id, "heading": "又有新品"}))
    [campaign] = rows(Campaign)
    assert campaign.heading == "又有新品"
    assert "Spring" in alice.get("/campaigns").text

    send(f"/campaigns/{campaign.id}/end")
    assert rows(Campaign)[0].ended_at is not None


def test_what_was_typed_is_kept_when_something_is_wrong(send, rows):
    page = send(
        "/campaigns/save?lang=en", **(GOOD | {"name": "", "link": "http://x", "line": "A&B"})
    )

    assert page.status_code == 422
    assert rows(Campaign) == []
    for piece in ('value="A&amp;B"', 'value="http://x"', 'aria-describedby="name-fault name-hint"'):
        assert piece in page.text
    assert page.text.count('class="fault"') == 2


def test_what_is_typed_stays_text(alice, saved):
    evil = "<script>x</script>\"'>{{7*7}}"
    campaign = saved(name=evil, heading=evil, line=evil)

    for address in ("/campaigns", f"/campaigns/{campaign.id}"):
        assert "<script" not in alice.get(address).text
        assert "{{7*7}}" in alice.get(address).text


def test_a_picture_is_kept_under_a_name_of_ours(alice, saved, settings):
    campaign = saved(picture=picture_file(), picture_text="春装")

    [file] = settings.pictures_dir.iterdir()
    assert file.name == campaign.picture
    assert b"home address" not in file.read_bytes()
    assert len(file.read_bytes()) <= 40 * 1024
    with alice.get(f"/pictures/{campaign.picture}") as answer:
        assert answer.mimetype == "image/webp"
    assert alice.get("/pictures/../doorman.toml").status_code == 404


def test_a_picture_stays_until_it_is_taken_away(saved):
    campaign = saved(picture=picture_file(), picture_text="春装")
    kept = saved(number=campaign.id, picture_text="春装")
    assert kept.picture == campaign.picture

    assert saved(number=campaign.id, no_picture="yes").picture == ""


def test_a_picture_says_what_it_shows(send):
    page = send("/campaigns/save?lang=en", **GOOD, picture=picture_file())

    assert page.status_code == 422
    assert 'id="picture_text-fault"' in page.text


def test_what_is_no_picture_is_not_kept(send, settings):
    svg = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "a.png"
    page = send("/campaigns/save?lang=en", **GOOD, picture=svg, picture_text="x")

    assert page.status_code == 422
    assert "does not open as a picture" in page.text
    assert not settings.pictures_dir.exists()


def test_a_request_may_be_as_large_as_a_picture_and_no_larger(send):
    large = "x" * 9 * 1024 * 1024
    assert send("/campaigns/save", **(GOOD | {"coupon_codes": large})).status_code == 413
    assert send("/sources", kind="guide", name="x" * 20_000).status_code == 413


def test_strangers_forms_change_nothing(alice, rows):
    for address in ("/campaigns/save", "/sources", "/coupons", "/surveys", "/groups"):
        answer = alice.post(address, data=GOOD, headers={"Origin": "http://evil.example"})
        assert answer.status_code == 403
    assert rows(Campaign) == rows(Source) == []


def test_small_counts_are_withheld(alice, saved, database, clock):
    campaign = saved(link="https://shop.example/")
    with database.writing() as session:
        day = clock.now.date()
        session.add(CampaignDay(campaign_id=campaign.id, day=day, impressions=777, clicks=4))
    page = alice.get("/campaigns?lang=en").text

    assert ">777<" in page
    assert ">4<" not in page
    assert "not shown" in page


def test_a_coupon_is_used_once(send, saved, enrol, rows, database, clock, sealer):  # noqa: PLR0917 - fixtures are passed by name
    enrol()
    campaign = saved(coupon="given", coupon_text="20 off", coupon_days="3", coupon_codes="CODE-1")
    assert "There is no such code" in send("/coupons?lang=en", code="CODE-1").text
    with database.writing() as session:
        coupon = session.query(Coupon).one()
        coupon.member_id = session.query(Member).one().id
        coupon.issued_at = clock.now
        coupon.expires_at = clock.now.replace(day=clock.now.day + 3)

    first, second = (send("/coupons?lang=en", code=" code-1 ") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 422)
    assert "20 off" in first.text
    assert "used already" in second.text
    [event] = rows(OutboxEvent)
    assert event.type == outbox.EventType.COUPON_USED
    assert f'"id":{campaign.id}' in sealer.open(outbox.DATA, event.sealed_data).decode()


def test_a_coupon_that_has_expired_is_not_used(send, saved, enrol, database, clock):
    enrol()
    saved(coupon="given", coupon_text="20 off", coupon_days="3", coupon_codes="CODE-1")
    with database.writing() as session:
        coupon = session.query(Coupon).one()
        coupon.member_id = session.query(Member).one().id
        coupon.issued_at = coupon.expires_at = clock.now

    assert "expired" in send("/coupons?lang=en", code="CODE-1").text


def test_a_source_has_a_code_of_its_own_to_print(alice, send, rows):
    for name in ("Ann", "Window"):
        send("/sources", kind="guide" if name == "Ann" else "poster", name=name)
    ann, window = rows(Source)

    assert ann.code != window.code
    assert f"/?from={ann.code}" in alice.get(f"/sources/{ann.id}/print").text
    qr = alice.get(f"/sources/{ann.id}/qr.svg")
    assert qr.mimetype == "image/svg+xml"
    assert b"<path" in qr.data
    assert qr.data != alice.get(f"/sources/{window.id}/qr.svg").data
    assert send("/sources", kind="ghost", name="x").status_code == 422
    send(f"/sources/{ann.id}/end")
    assert rows(Source)[0].ended_at is not None


@pytest.mark.parametrize(
    ("brought", "shown", "nobodys"),
    [(4, False, False), (7, False, False), (6, True, True)],
    ids=["a few", "few others", "enough of both"],
)
def test_members_of_a_source_are_counted_if_they_are_many(  # noqa: PLR0917 - fixtures are passed by name
    alice, send, enrol, rows, database, clock, brought, shown, nobodys
):
    send("/sources", kind="guide", name="Ann")
    for number in range(11):
        enrol(f"+86138001380{number:02}")
    later = clock.now.replace(month=clock.now.month + 1)
    with database.writing() as session:
        session.add_all(
            MemberSource(
                member_id=member.id,
                source_id=rows(Source)[0].id,
                since=clock.now,
                entered_at=clock.now,
                protected_until=later,
                until=later,
            )
            for member in rows(Member)[:brought]
        )
    page = alice.get("/sources?lang=en").text

    assert (f'<td class="number">{brought}</td>' in page) is shown
    assert (f'<td class="number">{11 - brought}</td>' in page) is nobodys


def test_a_survey_shows_what_many_chose(alice, send, rows, database):
    answer = send("/surveys", question="Why?", answers="a\nb\n\n c ", language="")
    assert answer.status_code == 303
    with database.writing() as session:
        for row, chosen in zip(session.query(SurveyAnswer), (20, 9, 3), strict=True):
            row.chosen = chosen
    page = alice.get("/surveys?lang=en").text

    assert ">20<" in page
    assert ">3<" not in page
    assert ">9<" not in page
    send(f"/surveys/{rows(Survey)[0].id}/end")
    assert rows(Survey)[0].ended_at is not None


@pytest.mark.parametrize(
    "answers", ["", "one", "same\nsame", "\n".join("abcdefg"), "a\n" + "x" * 61]
)
def test_a_survey_has_two_to_six_answers(send, rows, answers):
    assert send("/surveys", question="Why?", answers=answers).status_code == 422
    assert rows(Survey) == []


def test_a_group_takes_members_alone(alice, send, enrol, rows):
    enrol("+8613800138001")
    enrol("+8613800138002")
    for numbers in ("13800138001\n13912345678\nrubbish", "13800138002\n13800138001"):
        answer = send("/groups", name="VIP", numbers=numbers)
    assert answer.location == "/groups?unknown=0"

    assert len(rows(MemberGroup)) == 1
    assert len(rows(GroupMember)) == 2
    assert "139" not in alice.get("/groups").text
    assert send("/groups", name="", numbers="1").status_code == 422
    send(f"/groups/{rows(MemberGroup)[0].id}/remove")
    assert rows(GroupMember) == []


def test_a_campaign_for_a_group_needs_one(send):
    page = send("/campaigns/save?lang=en", **(GOOD | {"audience": "group", "group": "99"}))

    assert page.status_code == 422
    assert 'id="group-fault"' in page.text


class Drawing:
    """Stands for the portal's pages; they are drawn for good in tests/appliance."""

    def page(self, campaign, language, picture):
        return f"<p>{language} {campaign.heading} {picture[:22]}</p>"

    def style(self):
        return b"p {}"


@pytest.fixture
def drawing(app):
    app.extensions[PARTS] = dataclasses.replace(app.extensions[PARTS], preview=Drawing())


def test_a_preview_can_do_nothing_and_only_we_may_frame_it(alice, send, saved, drawing):
    campaign = saved(language="en")
    kept = alice.get(f"/campaigns/{campaign.id}/preview")
    draft = send("/campaigns/preview", heading="尚未保存", picture=picture_file())

    assert "en 新品到店" in kept.text
    assert "尚未保存 data:image/webp;base64" in draft.text
    for answer in (kept, draft):
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "form-action 'none'" in policy
        assert "script-src" not in policy
        assert "default-src 'none'" in policy
    assert alice.get("/static/portal.css").mimetype == "text/css"
    editor = alice.get(f"/campaigns/{campaign.id}")
    assert 'sandbox="allow-same-origin"' in editor.text
    assert "frame-ancestors 'none'" in editor.headers["Content-Security-Policy"]


def test_a_preview_bears_whatever_the_form_holds(send, drawing):
    for form in ({}, {"spot": "roof", "starts": "x"}, {"heading": "x" * 5000}):
        assert send("/campaigns/preview", **form).status_code == 200


def test_without_the_portal_there_is_no_preview(alice, saved):
    campaign = saved()

    assert alice.get(f"/campaigns/{campaign.id}/preview").status_code == 404
    assert "<iframe" not in alice.get(f"/campaigns/{campaign.id}").text


def test_a_campaign_of_headquarters_is_shown_as_such_and_stays_as_it_is(
    alice, send, saved, rows, database
):
    number = saved().id
    with database.writing() as session:
        session.get(Campaign, number).pushed_key = "spring"
    page = alice.get(f"/campaigns/{number}?lang=en").text
    assert "From headquarters" in alice.get("/campaigns?lang=en").text
    assert 'class="strong"' not in page
    assert f"/campaigns/{number}/end" not in alice.get("/campaigns").text

    assert send("/campaigns/save", **GOOD, number=number).status_code == 409
    assert send(f"/campaigns/{number}/end").status_code == 409
    [row] = rows(Campaign)
    assert (row.name, row.ended_at) == ("Spring", None)
