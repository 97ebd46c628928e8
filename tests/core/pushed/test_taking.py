"""Whether a store takes a version, goes by it, goes back, and survives."""

import datetime as dt
import os
import signal
import time

import pytest

from core import settings as all_settings
from core.pushed import taking
from core.pushed.folder import Folder
from core.pushed.trouble import PushedError, Trouble
from core.setting_groups.campaigns import CampaignSettings
from tests.core.pushed.versions import signed, store

MEALS = {"store": {"contact": "Headquarters"}}


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


@pytest.fixture
def taker(tmp_path, folder, now):
    def take(number=1, found=None, **said):
        return taking.take(found or store(tmp_path), folder, *signed(number, **said), now)

    return take


def contact(tmp_path):
    return store(tmp_path, store={"id": "store-7"}).store.contact


def test_a_version_is_gone_by(taker, folder, tmp_path, now):
    assert taker(3, settings=MEALS) == 3

    assert (folder.standing().version, folder.standing().since) == (3, now)
    assert contact(tmp_path) == "Headquarters"


def test_environment_and_file_come_before_it(taker, tmp_path, monkeypatch):
    own = tmp_path / "doorman.toml"
    own.write_text('[store]\ncontact = "our own"\n[reports]\nhour = 7\n')
    monkeypatch.setenv("DOORMAN_CONFIG", str(own))
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DOORMAN_REPORTS__HOUR", "6")
    taker(settings={"store": {"contact": "HQ", "language": "ja"}, "reports": {"hour": 5}})
    found = all_settings.load()

    assert (found.store.contact, found.reports.hour) == ("our own", 6)
    assert found.store.language == "ja"


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        pytest.param({"stores": ("store-8",)}, Trouble.NOT_FOR_US, id="another-store"),
        pytest.param({"settings": {"ways": {"fax": True}}}, Trouble.SETTINGS, id="unknown"),
        pytest.param({"settings": {"reports": {"hour": 25}}}, Trouble.SETTINGS, id="out-of-range"),
        pytest.param({"number": 1}, Trouble.OLDER, id="older"),
        pytest.param({"number": 2, "settings": MEALS}, Trouble.OLDER, id="other-words"),
    ],
)
def test_what_is_not_taken_changes_nothing(taker, folder, said, trouble):
    taker(2)
    with pytest.raises(PushedError) as caught:
        taker(**{"number": 3, **said})

    assert caught.value.trouble is trouble
    assert (folder.standing().version, folder.numbers()) == (2, [2])


def test_one_that_does_not_go_with_the_stores_own_file_is_not_taken(taker, tmp_path, monkeypatch):
    own = tmp_path / "doorman.toml"
    own.write_text("[campaigns]\ndormant_days = 170\n")
    monkeypatch.setenv("DOORMAN_CONFIG", str(own))

    with pytest.raises(PushedError) as caught:
        taker(settings={"campaigns": {"lost_days": 150}})
    assert caught.value.trouble is Trouble.SETTINGS


@pytest.mark.parametrize(
    ("public_key", "trouble"), [("", Trouble.NO_KEY), (None, Trouble.SIGNATURE)]
)
def test_a_store_takes_what_its_own_headquarters_signed(folder, tmp_path, now, public_key, trouble):
    content, signature = signed()
    found = store(tmp_path) if public_key is None else store(tmp_path, public_key=public_key)

    with pytest.raises(PushedError) as caught:
        taking.take(found, folder, content, signature[::-1], now)
    assert caught.value.trouble is trouble


def test_what_it_may_not_say_is_not_heard_even_if_it_lies_in_the_folder(folder, tmp_path, now):
    forged = b'{"settings":{"gate":{"kind":"recording"},"store":{"id":"x","contact":"me"}}}'
    folder.keep(1, forged, bytes(64))
    folder.go_by(1, now)
    found = store(tmp_path, store={"id": "store-7"})

    assert (found.store.id, found.store.contact) == ("store-7", "me")
    assert found.gate == type(found.gate)()


def test_a_pushed_setting_that_no_longer_fits_keeps_no_store_from_starting(
    taker, tmp_path, monkeypatch
):
    taker(settings={"campaigns": {"lost_days": 100}, **MEALS})
    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DOORMAN_CAMPAIGNS__DORMANT_DAYS", "120")
    found = all_settings.load()

    assert found.campaigns.dormant_days == 120
    assert found.campaigns.lost_days == CampaignSettings().lost_days
    assert found.store.contact == ""


def test_back_to_what_was_before_and_pinned_there(taker, folder, tmp_path, now):
    taker(1, settings=MEALS)
    taker(2)
    taking.roll_back(store(tmp_path), folder, folder.standing().former, now)
    assert (folder.standing().version, folder.standing().is_pinned) == (1, True)
    taker(3, settings={"store": {"contact": "newer"}})

    assert contact(tmp_path) == "Headquarters"
    assert folder.numbers() == [3, 2, 1]
    assert taking.follow(store(tmp_path), folder, now) == 3
    assert contact(tmp_path) == "newer"
    assert not folder.standing().is_pinned


def test_back_to_the_stores_own_settings(taker, folder, tmp_path, now):
    taker(1, settings=MEALS)
    taking.roll_back(store(tmp_path), folder, None, now)

    assert contact(tmp_path) == ""


def test_no_way_back_to_what_is_not_kept(taker, folder, tmp_path, now):
    taker(1)
    with pytest.raises(PushedError):
        taking.roll_back(store(tmp_path), folder, 9, now)
    assert folder.standing().version == 1


def test_so_many_are_kept_and_the_one_in_force_always(taker, folder, tmp_path, now):
    for number in range(1, 4):
        taker(number)
    taking.roll_back(store(tmp_path), folder, 2, now)
    for number in range(4, 30):
        taker(number)

    assert len(folder.numbers()) == 22
    assert {2, 3, 29} <= set(folder.numbers())


def test_a_program_that_is_killed_at_any_moment_leaves_a_whole_version(taker, folder, tmp_path):
    taker(1, settings={"store": {"contact": "one"}, "reports": {"hour": 1}})
    taker(2, settings={"store": {"contact": "two"}, "reports": {"hour": 2}})
    found = store(tmp_path)
    seen = set()
    for turn in range(15):
        child = os.fork()
        if child == 0:
            while True:
                for number in (1, 2):
                    taking.roll_back(found, folder, number, dt.datetime.now(dt.UTC))
                    folder.keep(number, *folder.read(number))
        # Somewhere in the midst of it, elsewhere each time.
        time.sleep(0.003 + turn * 0.0007)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        after = store(tmp_path, store={"id": "store-7"})
        assert (after.store.contact, after.reports.hour) in {("one", 1), ("two", 2)}
        assert folder.numbers() == [2, 1]
        assert folder.read(1)
        assert folder.read(2)
        seen.add(after.store.contact)
    assert seen
