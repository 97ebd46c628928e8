import datetime as dt

import pytest
import sqlalchemy as sa

from core.models.outbox_event import OutboxEvent
from hq.intake import parking
from hq.models.chain import ChainIdentity, ChainLink, ChainMember
from hq.models.erasure_order import ErasureOrder
from hq.models.inbox import InboxBatch, InboxState, ParkedEvent
from tests.hq.intake.chain import Chain
from tests.hq.intake.news import T0, about, click, member, member_id

PHONE = "+8613800138000"
WHEN = {hour: T0 + dt.timedelta(hours=hour) for hour in range(10)}


@pytest.fixture
def chain(hq_database, sealer, now, tmp_path):
    return Chain(hq_database, sealer, now, tmp_path)


def merged(number, version, *absorbed, **more):
    ids = [member_id(each) for each in absorbed]
    return about("doorman.member.merged", number, version, absorbed=ids, **more)


def erased(number, version, at=T0, **more):
    said = {"absorbed": [], "erased_at": at.isoformat()}
    return about("doorman.member.erased", number, version, at=at, **said, **more)


def consent(number, version, *, given, at=T0, **more):
    words = {"purpose": "marketing", "wording_version": "v1", "language": "zh"}
    times = {"given_at": T0.isoformat()} | ({} if given else {"withdrawn_at": at.isoformat()})
    kind = f"doorman.consent.{'given' if given else 'withdrawn'}"
    return about(kind, number, version, at=at, **words, **times, **more)


def attribution(number, version, since, name="Li", **more):
    source = {"kind": "guide", "code": "G1", "name": name}
    until = since + dt.timedelta(days=30)
    times = {"since": since.isoformat(), "until": until.isoformat()}
    return about("doorman.attribution.changed", number, version, source=source, **times, **more)


def test_a_member_of_two_stores_is_one_member_of_the_chain(chain):
    chain.told(member(1, phone=PHONE), member(2, phone=PHONE, store="store-8", at=WHEN[1]))

    [first] = chain.rows(ChainMember)
    assert {link.member_id for link in chain.rows(ChainLink)} == {first.id}
    assert chain.kinds() == ["member.enrolled", "member.updated"]
    [_, (_, subject, data)] = chain.news()
    assert subject == data["member"] == first.public_id
    assert (data["phone"], data["version"], data["store"]) == (PHONE, 2, "store-8")
    assert data["phone_verified_at"] == WHEN[1].isoformat()


def test_what_changes_nothing_is_not_told(chain):
    chain.told(member(1, phone=PHONE), member(1, 2, kind="updated", phone=PHONE))

    assert chain.kinds() == ["member.enrolled"]
    assert chain.is_folded()


def test_members_who_turn_out_to_be_one_are_merged_into_who_enrolled_first(chain):
    chain.told(
        member(1, phone=PHONE, at=WHEN[1]),
        member(2, unionid="u1", store="store-8", at=WHEN[0]),
        member(1, 2, kind="updated", phone=PHONE, unionid="u1", at=WHEN[2]),
    )

    assert chain.kinds() == ["member.enrolled"] * 2 + ["member.merged", "member.updated"]
    (_, young, _), (_, old, _), (_, subject, data), (_, updated, whole) = chain.news()
    assert (subject, data["absorbed"], updated) == (old, [young], old)
    assert (whole["phone"], whole["unionid"]) == (PHONE, "u1")
    assert len(chain.rows(ChainMember)) == 1


def test_a_store_that_merges_its_members_merges_the_chains(chain):
    chain.told(member(1, phone=PHONE), member(2, email="a@b.test"), merged(1, 2, 2))
    chain.told(member(1, 3, kind="updated", phone=PHONE, email="a@b.test"), click(2, 9))

    assert chain.kinds() == ["member.enrolled"] * 2 + [
        "member.merged",
        "member.updated",
        "campaign.click",
    ]
    assert len({subject for _, subject, _ in chain.news()[2:]}) == 1


def test_who_is_erased_in_one_store_is_erased_in_all(chain):
    chain.told(
        member(1, phone=PHONE),
        member(2, phone=PHONE, store="store-8"),
        erased(1, 2, at=WHEN[3]),
    )

    assert chain.kinds() == ["member.erased"]
    assert {row.sealed_value for row in chain.rows(ChainIdentity)} == {b""}
    assert chain.rows(ChainMember) == []
    [order] = chain.rows(ErasureOrder)
    assert (order.store_id, order.store_member) == ("store-8", member_id(2))


def test_nothing_that_is_told_of_the_erased_afterwards_changes_anything(chain):
    chain.told(
        member(1, phone=PHONE),
        member(2, phone=PHONE, store="store-8"),
        erased(1, 2, at=WHEN[3]),
    )
    chain.told(
        member(2, 2, kind="updated", phone=PHONE, store="store-8", at=WHEN[4]),
        click(2, 3, store="store-8", at=WHEN[5]),
        consent(2, 4, given=True, store="store-8", at=WHEN[5]),
        erased(2, 5, store="store-8", at=WHEN[6]),
    )

    assert chain.kinds() == ["member.erased"]
    assert chain.is_folded()
    assert {row.sealed_value for row in chain.rows(ChainIdentity)} == {b""}
    assert len(chain.rows(ErasureOrder)) == 1


def test_late_news_of_the_erased_brings_nobody_back_and_is_ordered_to_be_forgotten(chain):
    chain.told(
        member(1, phone=PHONE),
        erased(1, 2, at=WHEN[3]),
        member(2, phone=PHONE, store="store-8", at=WHEN[1]),
    )

    assert chain.kinds() == ["member.erased"]
    assert [order.store_member for order in chain.rows(ErasureOrder)] == [member_id(2)]


def test_who_comes_back_after_an_erasure_is_somebody_new(chain):
    chain.told(
        member(1, phone=PHONE),
        erased(1, 2, at=WHEN[3]),
        member(2, phone=PHONE, store="store-8", at=WHEN[4]),
    )

    assert chain.kinds() == ["member.erased", "member.enrolled"]
    assert len({subject for _, subject, _ in chain.news()}) == 2
    assert chain.rows(ErasureOrder) == []


def test_a_tombstone_of_somebody_unknown_keeps_them_unknown(chain):
    chain.told(erased(1, 2, at=WHEN[3]), member(1, phone=PHONE))

    assert chain.news() == []
    assert chain.is_folded()


def test_a_purpose_is_agreed_to_as_the_person_last_said_in_whatever_store(chain):
    chain.told(
        member(1, phone=PHONE, consents=["membership", "marketing"]),
        member(2, phone=PHONE, store="store-8", consents=["membership", "marketing"]),
        consent(2, 2, given=False, store="store-8", at=WHEN[3]),
        consent(1, 2, given=True, at=WHEN[0]),
    )

    [*_, last] = [data for kind, _, data in chain.news() if kind.startswith("member")]
    assert last["consents"] == ["membership"]
    assert [kind for kind in chain.kinds() if kind.startswith("consent")] == ["consent.withdrawn"]


def test_nothing_waits_that_the_person_no_longer_agrees_to_or_that_was_told_since(chain):
    new = "+8613900139000"
    chain.told(member(1, phone=PHONE, consents=["membership", "marketing"]))
    chain.told(consent(1, 2, given=True), click(1, 3))
    chain.told(consent(1, 4, given=False, at=WHEN[2]))
    for version, phone in enumerate([PHONE, "+8613700137000", new], start=5):
        said = {"phone": phone, "consents": ["membership"], "at": WHEN[3]}
        chain.told(member(1, version, kind="updated", **said))

    assert chain.kinds() == ["member.enrolled", "consent.withdrawn", "member.updated"]
    (*_, first), _, (*_, last) = chain.news()
    assert first["phone"] == last["phone"] == new
    assert first["consents"] == last["consents"] == ["membership"]


def test_the_newest_attribution_stands(chain):
    chain.told(
        member(1, phone=PHONE),
        attribution(1, 2, WHEN[3], "Wang"),
        member(2, phone=PHONE, store="store-8"),
        attribution(2, 2, WHEN[1], store="store-8"),
    )

    told = [data["source"]["name"] for kind, _, data in chain.news() if "attribution" in kind]
    assert told == ["Wang"]


def test_coupons_and_clicks_are_of_the_chains_member(chain):
    chain.take_in(click(1, 2), member(1, phone=PHONE))
    chain.folding.run()

    (_, subject, _), (kind, of, data) = chain.news()
    assert (kind, of, data["member"], data["version"]) == ("campaign.click", subject, subject, 2)
    assert data["campaign"] == {"id": 1, "name": "May"}


def test_news_of_somebody_unknown_waits_until_they_are_known(chain):
    chain.told(click(1, 2))
    assert chain.left() == {InboxState.PARKED: 1}
    assert [each.reason for each in chain.rows(ParkedEvent)] == [parking.UNKNOWN_MEMBER]
    chain.told(member(1, phone=PHONE))

    assert chain.is_folded()
    assert chain.kinds() == ["member.enrolled", "campaign.click"]


def test_a_number_that_was_given_up_is_nobodys(chain):
    chain.told(
        member(1, phone=PHONE),
        member(1, 2, kind="updated", phone="+8613900139000", at=WHEN[2]),
        member(2, phone=PHONE, store="store-8", at=WHEN[4]),
    )

    assert len(chain.rows(ChainMember)) == 2
    [row] = chain.rows(ChainIdentity, ChainIdentity.gone_at.is_not(None))
    assert row.sealed_value == b""


def test_what_is_older_than_what_is_known_changes_nothing(chain):
    chain.told(
        member(1, phone=PHONE),
        member(1, 3, kind="updated", phone="+8613900139000", at=WHEN[2]),
        member(1, 2, kind="updated", phone=PHONE, at=WHEN[1]),
    )

    [*_, (_, _, last)] = chain.news()
    assert last["phone"] == "+8613900139000"


def test_a_store_with_a_wrong_clock_holds_no_number_for_good(chain):
    future = (T0 + dt.timedelta(days=9999)).isoformat()
    chain.told(member(1, phone=PHONE, unionid="u1", phone_bound_at=future))

    [row] = chain.rows(ChainIdentity, ChainIdentity.bound_at.is_not(None))
    assert row.bound_at <= chain.now


def test_an_event_that_cannot_be_folded_stops_no_other(chain):
    chain.take_in(member(1, phone=PHONE), member(2), member(3))
    with chain.database.writing() as session:
        session.execute(sa.text("UPDATE inbox SET type = 'doorman.traffic.day' WHERE position = 1"))

    chain.folding.run()
    assert chain.left() == {InboxState.FOLDED: 2, InboxState.PARKED: 1}
    [parked] = chain.rows(ParkedEvent)
    assert (parked.reason, parked.store_id) == ("error_KeyError", "store-7")
    assert PHONE.encode() not in parked.sealed_data
    assert chain.rows(InboxBatch) == []

    with chain.database.writing() as session:
        session.execute(
            sa.text("UPDATE inbox SET type = 'doorman.member.enrolled' WHERE position = 1")
        )
        assert parking.put_back(session, chain.sealer, chain.now) == 1
    chain.folding.run()
    assert chain.is_folded()
    assert chain.rows(ParkedEvent) == []
    assert chain.kinds() == ["member.enrolled"] * 3


def test_what_was_folded_is_forgotten(chain):
    chain.take_in(member(1), member(2))
    assert len(chain.rows(InboxBatch)) == 1
    chain.folding.run()

    assert chain.rows(InboxBatch) == []
    assert chain.folding.run() == 0
    assert len(chain.rows(OutboxEvent)) == 2
