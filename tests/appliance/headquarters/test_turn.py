"""A store and its headquarters: what each hears of the other."""

import datetime as dt

import pytest
import sqlalchemy as sa

from appliance.headquarters import heartbeat
from core import headquarters, outbox, sensor_status
from core.headquarters_line import HeadquartersDownError, HeadquartersRefusalError
from core.models.campaign import Campaign
from core.outbox import EventType
from core.pushed import taking
from core.sensor_status import Hearing, SensorStatus, State
from core.setting_groups.campaigns import CampaignSettings
from core.texts import LANGUAGES
from hq import publishing
from hq.models.pushed_version import PushedVersion, Scope
from hq.models.store_health import StoreHealth
from tests.core.pushed.versions import campaign, store
from tests.hq.parts import PORTAL


class Scripted:
    """A line that says erasures wait, and refuses one question."""

    def __init__(self, line):
        self.line, self.asked, self.refused, self.erasures = line, [], "", 0

    def ask(self, to, question, now):
        self.asked.append(to)
        if to == self.refused:
            raise HeadquartersDownError("headquarters' answer is too long")
        answer = self.line.ask(to, question, now)
        return answer | {"erasures": self.erasures} if to == headquarters.HEARTBEAT else answer


MEALS = {"settings": {"store": {"contact": "Headquarters"}}}


def publish(chain, said=MEALS, **whom):
    with chain.database.writing() as session:
        return publishing.publish(session, chain.sealer, said, chain.clock.now, **whom)


def test_headquarters_hears_how_a_store_is(shop, now, sealer):
    hearing = Hearing(State.HEARING, now)
    sources = {"wlan1": hearing, "door": Hearing(State.GONE, None)}
    sensor_status.write(shop.folder, SensorStatus(now, sources))
    with shop.database.writing() as session:
        kind = EventType.CAMPAIGN_CLICK
        outbox.add(session, sealer, kind, subject="m", data={}, now=now - dt.timedelta(hours=2))
    health = shop.speak()

    assert (health.outbox_waiting, health.outbox_parked) == (1, 0)
    assert health.outbox_oldest_at == now - dt.timedelta(hours=2)
    assert health.sensor_state == "partly_deaf"
    assert {each["name"]: each["state"] for each in health.sensors} == {
        "wlan1": "hearing",
        "door": "gone",
    }
    assert (health.pushed_version, health.is_pinned, health.pushed_trouble) == (None, False, "")
    assert health.clock_off_s == 0
    assert health.certificate_until is None


def test_a_clock_that_is_ahead_is_measured(shop, chain):
    now = chain.clock.now
    shop.turn(shop.settings, shop.database, shop.sealer, shop.line, now + dt.timedelta(seconds=90))
    with chain.database.reading() as session:
        assert session.get(StoreHealth, "store-7").clock_off_s == 90


def test_a_published_version_is_gone_by_and_headquarters_sees_it(shop, chain):
    number = publish(chain, {**MEALS, "campaigns": [campaign("spring")]})
    shop.speak()

    assert shop.settings.store.contact == "Headquarters"
    with shop.database.reading() as session:
        assert session.scalars(sa.select(Campaign.pushed_key)).one() == "spring"
    assert shop.speak().pushed_version == number


def test_each_store_gets_what_is_for_it(shop, chain, tmp_path):
    chain.add_store("store-8", PORTAL)
    publish(chain, scope=Scope.STORE, target="store-8")
    shop.speak()
    assert shop.kept.standing().version is None
    number = publish(chain)
    publish(chain, scope=Scope.STORE, target="store-8")
    shop.speak()

    assert shop.kept.standing().version == number


def test_nobody_is_published_to(chain):
    with pytest.raises(publishing.PublishError, match="nowhere"):
        publish(chain, scope=Scope.REGION, target="nowhere")


def test_a_store_that_went_back_says_so_and_stays_there(shop, chain):
    first = publish(chain)
    shop.speak()
    publish(chain, {"campaigns": [campaign("spring")]})
    shop.speak()
    taking.roll_back(shop.settings, shop.kept, first, chain.clock.now)
    health = shop.speak()

    assert (health.pushed_version, health.is_pinned) == (first, True)
    with shop.database.reading() as session:
        assert session.scalars(sa.select(Campaign.ended_at)).one() == chain.clock.now
    publish(chain)
    assert shop.speak().pushed_version == first


def test_why_a_version_is_not_taken_is_told_as_a_word(shop, chain):
    publish(chain, {"settings": {"reports": {"hour": 99}}})
    shop.speak()
    assert shop.speak().pushed_trouble == "settings"
    publish(chain)
    shop.speak()

    assert shop.speak().pushed_trouble == ""


def test_a_version_that_is_kept_and_not_gone_by_is_gone_by_in_the_next_turn(shop, chain):
    """A full disk, or a cut, between the two."""
    publish(chain)
    shop.speak()
    number = publish(chain, {"settings": {"store": {"contact": "Another"}}})
    in_the_way = shop.folder / "pushed" / ".state.json.new"
    in_the_way.mkdir()
    shop.speak()
    assert (shop.kept.numbers()[0], shop.kept.standing().version) == (number, number - 1)
    assert shop.speak().pushed_trouble == "disk"
    in_the_way.rmdir()
    shop.speak()

    assert shop.settings.store.contact == "Another"
    assert shop.speak().pushed_trouble == ""


def test_another_version_of_the_same_number_is_told_of(shop, chain):
    """As after headquarters' database was restored from a backup: it counts anew."""
    number = publish(chain)
    shop.speak()
    with chain.database.writing() as session:
        session.execute(sa.delete(PushedVersion))
    assert publish(chain, {"settings": {"store": {"contact": "Another"}}}) == number
    shop.speak()
    assert shop.speak().pushed_trouble == "older"
    publish(chain, {"settings": {"store": {"contact": "Another"}}})
    shop.speak()

    assert shop.speak().pushed_trouble == ""
    assert shop.settings.store.contact == "Another"


def test_pushed_settings_that_do_not_fit_any_more_are_told_of(shop, chain, monkeypatch):
    publish(chain, {"settings": {"campaigns": {"lost_days": 100}}})
    shop.speak()
    assert shop.speak().pushed_trouble == ""
    monkeypatch.setenv("DOORMAN_CAMPAIGNS__DORMANT_DAYS", "120")
    found = store(shop.folder, public_key=chain.public_key, campaigns=CampaignSettings())
    shop.turn(found, shop.database, shop.sealer, shop.line, chain.clock.now)
    with chain.database.reading() as session:
        health = session.get(StoreHealth, "store-7")

    assert (health.pushed_version, health.pushed_trouble) == (1, "settings")


def test_a_version_that_stores_could_not_fetch_is_not_published(chain):
    texts = dict.fromkeys(LANGUAGES, "字" * 4000)
    wording = {f"consent.{name}": texts for name in ("membership", "marketing")}
    many = [campaign(f"c{number}", line="字" * 200) for number in range(700)]

    with pytest.raises(publishing.PublishError, match="octets"):
        publish(chain, {"wording": wording, "campaigns": many})


def test_members_are_erased_whatever_is_pushed(shop, chain):
    publish(chain)
    line = Scripted(shop.line)
    line.refused = headquarters.PUSHED
    line.erasures = 1
    shop.speak(line)

    assert line.asked == [headquarters.HEARTBEAT, headquarters.ERASURES, headquarters.PUSHED]


@pytest.mark.parametrize("version", ["1.²", "9999", "1\x00", "1.0" + "0" * 40, "", "1.0 beta"])
def test_what_is_no_version_is_not_taken(shop, chain, version):
    told = heartbeat.compose(shop.settings, shop.database, None, chain.clock.now)

    with pytest.raises(HeadquartersRefusalError) as caught:
        shop.line.ask(headquarters.HEARTBEAT, {**told, "version": version}, chain.clock.now)
    assert caught.value.status == 422


def test_without_headquarters_the_store_goes_on_by_what_it_has(shop, chain):
    publish(chain, {"campaigns": [campaign("spring")]})
    shop.speak()
    with shop.database.writing() as session:
        # As if a program had been cut off before its transaction.
        session.execute(sa.delete(Campaign))
    shop.line.is_cut = True
    shop.speak()
    shop.speak(line=None)

    with shop.database.reading() as session:
        assert session.scalars(sa.select(Campaign.pushed_key)).one() == "spring"
