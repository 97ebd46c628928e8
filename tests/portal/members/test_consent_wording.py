"""That a consent can be shown in its words for as long as there is one."""

import dataclasses

import pytest

from core.models.consent import Consent, Purpose
from core.models.wording import Wording
from core.setting_groups.store import StoreSettings
from portal.members.consent_wording import Wordings, version_of
from tests.portal.conftest import OTHER_NUMBER

BOXES = {"membership": "yes", "marketing": "yes", "visit_analytics": "yes"}


@pytest.fixture
def wordings(texts):
    return Wordings(texts, StoreSettings(name="安福路店"), 14)


def test_every_consent_has_its_words_and_they_prove_its_hash(phone, join, rows, database):
    phone.go_online(**BOXES)
    other = join("127.0.0.2")
    other.ask_code(OTHER_NUMBER, lang="en")
    other.enter_code()
    other.post("/consent", lang="en", **BOXES)

    with database.reading() as session:
        kept = {row.version: row for row in session.query(Wording)}
    consents = rows(Consent)
    assert len(consents) == len(kept) == 2 * len(Purpose)
    for consent in consents:
        wording = kept[consent.wording_version]
        assert version_of(wording.text) == consent.wording_version
        assert (wording.purpose, wording.language) == (consent.purpose, consent.language)


def test_the_words_are_those_of_the_page(phone, wordings):
    phone.verify()
    page = phone.get("/consent").text

    for purpose in (Purpose.MEMBERSHIP, Purpose.MARKETING, Purpose.VISIT_ANALYTICS):
        box, detail, *_ = wordings.text("zh", purpose).splitlines()
        assert box in page
        assert detail.replace("“", "“") in page
    assert "14 周岁" in wordings.text("zh", Purpose.MEMBERSHIP)


def test_the_notice_shows_the_version_that_is_agreed_to(phone, rows):
    phone.go_online()

    (terms,) = rows(Consent)
    assert f"版本：{terms.wording_version}" in phone.get("/privacy?lang=zh").text
    assert terms.wording_version not in phone.get("/privacy?lang=en").text


def test_a_wording_is_kept_once(phone, join, database):
    phone.go_online(membership="yes")
    join("127.0.0.2").go_online(OTHER_NUMBER, membership="yes")

    with database.reading() as session:
        assert session.query(Wording).count() == 2


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"minimum_age": 16}, id="age"),
        pytest.param({"store": StoreSettings(name="淮海路店")}, id="store"),
    ],
)
def test_what_is_filled_in_is_part_of_the_words(wordings, change):
    other = dataclasses.replace(wordings, **change)

    assert other.version("zh", Purpose.MEMBERSHIP) != wordings.version("zh", Purpose.MEMBERSHIP)


def test_a_changed_wording_is_another_version(texts, wordings):
    changed = {**texts.catalogues["en"], "consent.membership": "Join us!"}
    other = dataclasses.replace(wordings, texts=type(texts)({**texts.catalogues, "en": changed}))

    assert other.version("en", Purpose.MEMBERSHIP) != wordings.version("en", Purpose.MEMBERSHIP)
    assert other.version("en", Purpose.MARKETING) == wordings.version("en", Purpose.MARKETING)


def test_a_changed_notice_changes_every_version(texts, wordings):
    changed = {**texts.catalogues["en"], "notice.whom_text": "To nobody."}
    other = dataclasses.replace(wordings, texts=type(texts)({**texts.catalogues, "en": changed}))

    for purpose in Purpose:
        assert other.version("en", purpose) != wordings.version("en", purpose)


def test_a_wording_is_on_disk_also_after_a_transaction_that_came_to_nothing(
    wordings, any_database, now
):
    class FailedError(Exception):
        """What undoes a transaction."""

    with pytest.raises(FailedError), any_database.writing() as session:
        wordings.keep(session, "zh", Purpose.TERMS, now)
        raise FailedError

    for _ in range(3):
        with any_database.writing() as session:
            version = wordings.keep(session, "zh", Purpose.TERMS, now)
    with any_database.reading() as session:
        assert session.get(Wording, version).text == wordings.text("zh", Purpose.TERMS)
