"""Wording that headquarters has pushed: what is read is what is recorded, before and after."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from core.models.consent import Consent, Purpose
from core.models.wording import Wording
from core.pushed.folder import Folder
from core.texts import LANGUAGES
from portal.members import pushed_wording
from portal.wsgi import TEXTS
from tests.core.pushed.versions import signed
from tests.portal.conftest import NUMBER

NEW = "Send me news of the chain"


@pytest.fixture
def push(parts, join_with, clock):
    """Has headquarters' new words in force; a phone at the portal as it is served then."""

    def push():
        found = parts.settings
        folder = Folder(found.data_dir)
        texts = dict.fromkeys(LANGUAGES, NEW)
        terms = dict.fromkeys(LANGUAGES, "New terms.")
        wording = {"consent.marketing": texts, "notice.terms_text": terms}
        folder.keep(1, *signed(wording=wording))
        folder.go_by(1, clock())
        return join_with(
            texts=pushed_wording.texts(found, TEXTS),
            earlier_wording=pushed_wording.earlier(found, TEXTS, clock()),
        )

    return push


def prove(phone, carrier):
    phone.post("/login", phone=NUMBER, terms="yes")
    phone.post("/code", code=carrier.code)


def consents(rows):
    return {each.purpose: each.wording_version for each in rows(Consent)}


@pytest.fixture
def kept(database):
    """Each version of wording that is on disk, in its words."""

    def kept():
        with database.reading() as session:
            return {each.version: each.text for each in session.scalars(sa.select(Wording))}

    return kept


def test_what_is_read_is_what_is_recorded(push, carrier, rows, kept):
    phone = push()
    prove(phone, carrier)
    assert NEW in phone.get("/consent").text
    phone.post("/consent", membership="yes", marketing="yes")

    given, words = consents(rows), kept()
    assert NEW in words[given[Purpose.MARKETING]]
    assert "New terms." in words[given[Purpose.TERMS]]


def test_an_earlier_consent_keeps_its_words(phone, push, carrier, rows, kept):
    prove(phone, carrier)
    phone.post("/consent", membership="yes", marketing="yes")
    before, words = consents(rows), kept()
    push().get("/")

    assert consents(rows) == before
    assert NEW not in words[before[Purpose.MARKETING]]


def test_a_page_of_the_old_words_agrees_to_nothing_and_is_shown_anew(
    phone, push, carrier, rows, kept
):
    prove(phone, carrier)
    read = edition(phone.get("/consent").text)
    served = push()
    answer = served.post("/consent", membership="yes", marketing="yes", wording=read)

    assert answer.location == "/consent"
    assert rows(Consent) == []
    page = served.get("/consent").text
    assert NEW in page
    served.post("/consent", marketing="yes", membership="yes", wording=edition(page))
    assert NEW in kept()[consents(rows)[Purpose.MARKETING]]


def test_terms_that_were_accepted_before_are_recorded_as_they_stood_then(  # noqa: PLR0917 - fixtures are passed by name
    phone, push, carrier, clock, rows, kept
):
    phone.post("/login", phone=NUMBER, terms="yes")
    clock.pass_by(minutes=1)
    served = push()
    served.post("/code", code=carrier.code)
    served.post("/consent", membership="yes", marketing="yes")

    given, words = consents(rows), kept()
    assert "New terms." not in words[given[Purpose.TERMS]]
    assert NEW in words[given[Purpose.MARKETING]]


def test_what_was_before_matters_for_a_day(parts, push, clock):
    push()
    found = parts.settings

    assert pushed_wording.earlier(found, TEXTS, clock() + dt.timedelta(hours=23))
    assert pushed_wording.earlier(found, TEXTS, clock() + dt.timedelta(hours=25)) is None


def edition(page):
    return re.search(r'name="wording" value="([0-9a-f]{16})"', page)[1]
