import datetime as dt

import pytest
import sqlalchemy as sa

from analytics.logins import funnel
from analytics.logins.funnel import Funnel
from core.models.portal_day import PortalPhone
from portal.neighbours import LoopbackNeighbours
from portal.phone_count import PhoneCount

DAY = dt.timedelta(days=1)
MAC = LoopbackNeighbours().mac_of("127.0.0.1")
OTHER = LoopbackNeighbours().mac_of("127.0.0.2")
A_PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def seen(database):
    def read():
        with database.reading() as session:
            return session.execute(
                sa.select(PortalPhone.day, PortalPhone.clicked).order_by(PortalPhone.day)
            ).all()

    return read


def test_a_phone_counts_once_a_day(any_database, sealer, settings, now):
    phones = PhoneCount(sealer, settings.store.zone)
    for mac, at in ((MAC, now), (MAC, now), (OTHER, now), (MAC, now + DAY)):
        with any_database.writing() as session:
            phones.saw(session, mac, at)

    with any_database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(PortalPhone)) == 3
        assert phones.has_seen(session, MAC, now)
        assert not phones.has_seen(session, OTHER, now + DAY)


def test_a_click_is_noted_of_a_phone_that_came_through_the_portal_that_day(
    database, sealer, settings, seen, now
):
    phones = PhoneCount(sealer, settings.store.zone)
    with database.writing() as session:
        phones.saw(session, MAC, now)
        phones.clicked(session, MAC, now)
        phones.clicked(session, OTHER, now)

    assert [clicked for _, clicked in seen()] == [True]


def test_reloads_and_probes_of_one_phone_count_once(phone, join, seen):
    for _ in range(3):
        phone.get("/", **A_PAGE)
    join("127.0.0.2").get("/?lang=en", **A_PAGE)

    assert len(seen()) == 2


def test_an_app_whose_request_was_redirected_has_not_seen_the_page(phone, seen):
    phone.get("/", Accept="*/*")
    phone.get("/")

    assert seen() == []


def test_a_phone_that_is_online_is_not_on_its_way(phone, seen):
    phone.go_online()
    phone.get("/", **A_PAGE)

    assert seen() == []


def test_nothing_of_the_address_is_written(phone, database):
    phone.get("/", **A_PAGE)

    with database.reading() as session:
        mark = session.scalars(sa.select(PortalPhone.mark)).one()
    assert phone.mac.octets not in mark
    assert len(mark) == 16


def test_what_logins_tell_is_put_down_to_the_same_phones(  # noqa: PLR0917 - by name
    phone, join, marketing, database, sealer, settings, now
):
    campaign = marketing.campaign(link="https://shop.example/")
    join("127.0.0.2").get("/", **A_PAGE)
    curious = join("127.0.0.3")
    curious.get("/", **A_PAGE)
    curious.ask_code("13912345678")
    phone.get("/", **A_PAGE)
    phone.go_online(membership="yes", marketing="yes")
    assert phone.get(f"/c/{campaign}").location == "https://shop.example/"

    with database.writing() as session:
        found = funnel.bring_up_to_date(session, sealer, settings.today(now), settings.store.zone)

    assert found == Funnel(saw=3, asked=2, online=1, member=1, marketing=1, clicked=1)
