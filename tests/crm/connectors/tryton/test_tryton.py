"""What is Tryton's alone; against a real one."""

import httpx
import pytest

from core.log import _JsonLines
from core.setting_groups.connectors import FieldRule
from core.settings import SettingsError
from crm.connectors.tryton import connector
from crm.shape import Outcome, TemporaryCrmError
from tests.crm.connectors import news_of
from tests.crm.connectors.contract import insist, sent
from tests.crm.connectors.tryton import tryton_server
from tests.fakes.crm.server import BREAK_AFTER, Reply


@pytest.fixture
def staff(tryton):
    """Somebody at Tryton's client: `(method, path, body)`."""

    def ask(method, path, body=None):
        reply = httpx.request(
            method,
            f"{tryton.url}/{tryton_server.DATABASE}/rest/model/{path}",
            json=body,
            headers={"authorization": f"Bearer {tryton_server.KEY}"},
            trust_env=False,
            timeout=60,
        )
        reply.raise_for_status()
        return reply.json() if reply.content else None

    return ask


def party(tryton, member):
    [row] = tryton.rows("SELECT * FROM party_party WHERE code = ?", member)
    return row


def mechanisms(tryton, member):
    rows = tryton.rows(
        "SELECT m.* FROM party_contact_mechanism m JOIN party_party p ON p.id = m.party"
        " WHERE p.code = ?",
        member,
    )
    return {(row["type"], row["name"]): row["value_compact"] for row in rows}


def enrolled(rig, **changes):
    member = news_of.new_id()
    crm = rig.connect()
    assert sent(crm, news_of.enrolled(member, **changes)) == [Outcome.ACCEPTED]
    return crm, member


def test_where_each_field_goes_is_documented():
    page = (tryton_server.ROOT / "docs/crm.md").read_text("utf-8")

    assert [
        at for at in connector.DEFAULTS.items() if "| `{}` | `{}` |".format(*at) not in page
    ] == []


def test_a_member_is_a_party_with_what_is_mapped(rig, tryton):
    _, member = enrolled(rig, email="a@example.com", unionid="oUnion", consents=["marketing"])

    assert party(tryton, member)["active"]
    assert mechanisms(tryton, member) == {
        ("mobile", "Doorman"): "+8613800138000",
        ("email", "Doorman"): "a@example.com",
        ("other", "Doorman WeChat"): "oUnion",
        ("other", "Doorman version"): "1",
    }
    languages = "SELECT code FROM party_party_lang l JOIN ir_lang i ON i.id = l.lang"
    assert [row["code"] for row in tryton.rows(languages)] == ["zh_CN"]
    assert [row["name"] for row in tryton.rows("SELECT name FROM party_category")] == ["Marketing"]


def test_a_language_that_tryton_does_not_have_is_none(rig, tryton):
    enrolled(rig, language="ko")

    assert tryton.rows("SELECT 1 FROM party_party_lang WHERE lang IS NOT NULL") == []


def test_what_staff_write_down_stays(rig, tryton, staff):
    crm, member = enrolled(rig, consents=["marketing"])
    number = party(tryton, member)["id"]
    [vip] = staff("POST", "party.category/create", {"vlist": [{"name": "VIP"}]})
    fax = {"type": "fax", "value": "+862161234567", "name": "Office"}
    staff(
        "PUT",
        f"party.party/{number}",
        {
            "name": "Wei Li",
            "categories": [["add", [vip]]],
            "contact_mechanisms": [["create", [fax]]],
        },
    )

    sent(crm, news_of.updated(member, 2, phone=None, consents=[]))

    assert party(tryton, member)["name"] == "Wei Li"
    assert mechanisms(tryton, member) == {
        ("fax", "Office"): "+862161234567",
        ("other", "Doorman version"): "2",
    }
    kept = 'SELECT category FROM "party_party-party_category"'
    assert [row["category"] for row in tryton.rows(kept)] == [vip]


def test_a_party_that_staff_made_inactive_is_kept_up_to_date_and_stays_so(rig, tryton, staff):
    crm, member = enrolled(rig)
    staff("PUT", f"party.party/{party(tryton, member)['id']}", {"active": False})

    assert sent(crm, news_of.updated(member, 2, phone=None)) == [Outcome.ACCEPTED]
    assert mechanisms(tryton, member) == {("other", "Doorman version"): "2"}
    assert not party(tryton, member)["active"]

    assert sent(crm, news_of.erased(member)) == [Outcome.ACCEPTED]
    assert mechanisms(tryton, member) == {("other", "Doorman version"): "erased"}


def test_a_party_that_staff_made_inactive_stays_so_whatever_breaks(rig, tryton, staff):
    crm, member = enrolled(rig)
    staff("PUT", f"party.party/{party(tryton, member)['id']}", {"active": False})
    # Found, its mechanisms read, made active: and no more of it is heard.
    rig.server.order(None, None, BREAK_AFTER)
    news = news_of.updated(member, 2, phone=None)
    with pytest.raises(TemporaryCrmError):
        crm.send([news])
    assert party(tryton, member)["active"]

    assert sent(crm, news) == [Outcome.ACCEPTED]
    assert mechanisms(tryton, member) == {("other", "Doorman version"): "2"}
    assert not party(tryton, member)["active"]


def test_who_is_erased_takes_along_what_staff_wrote_down(rig, tryton, staff):
    crm, member = enrolled(rig)
    number = party(tryton, member)["id"]
    address = {"party": number, "street_unstructured": "CANARY Road 1"}
    staff("PUT", f"party.party/{number}", {"name": "CANARY"})
    staff("POST", "party.address/create", {"vlist": [address]})
    identifier = {"party": number, "code": "CANARY-7"}
    staff("POST", "party.identifier/create", {"vlist": [identifier]})
    for model in ("ir.note", "ir.attachment"):
        paper = {"resource": f"party.party,{number}"}
        paper |= {"message": "CANARY"} if model == "ir.note" else {"name": "CANARY"}
        staff("POST", f"{model}/create", {"vlist": [paper]})

    sent(crm, news_of.erased(member))

    assert "CANARY" not in tryton.text()
    assert not party(tryton, member)["active"]


@pytest.mark.parametrize("late", [4, 5], ids=["older", "the-same"])
def test_tryton_itself_knows_how_new_a_party_is(rig, late):
    member, number = news_of.new_id(), news_of.phone()
    sent(rig.connect(), news_of.updated(member, 5, phone=number))

    forgetful = rig.connect(forgetful=True)
    assert sent(forgetful, news_of.updated(member, late)) == [Outcome.DUPLICATE]
    assert rig.members()[member]["phone"] == number


def test_tryton_itself_knows_who_is_gone(rig):
    erased, stays, absorbed = (news_of.new_id() for _ in range(3))
    sent(rig.connect(), news_of.erased(erased), news_of.merged(stays, 2, absorbed))

    for member in (erased, absorbed):
        forgetful = rig.connect(forgetful=True)
        assert sent(forgetful, news_of.updated(member, 20)) == [Outcome.DUPLICATE]
    assert list(rig.members()) == [stays]


def test_notes_go_where_the_member_went(rig):
    crm, absorbed = enrolled(rig)
    _, stays = enrolled(rig)
    sent(crm, news_of.coupon_issued(absorbed, 2))

    sent(crm, news_of.merged(stays, 2, absorbed))
    sent(crm, news_of.coupon_used(absorbed, 3))

    assert (rig.said(stays), rig.said(absorbed)) == (2, 0)


def test_whom_an_erased_member_absorbed_is_erased_however_late_that_is_told(rig, tryton):
    crm, absorbed = enrolled(rig)
    stays = news_of.new_id()
    sent(crm, news_of.erased(stays))

    sent(crm, news_of.merged(stays, 2, absorbed))
    assert mechanisms(tryton, absorbed) == {("other", "Doorman version"): "erased"}


def test_the_same_news_under_another_id_is_noted_once(rig):
    crm, member = enrolled(rig)

    outcomes = [sent(crm, news_of.coupon_issued(member, version)) for version in (2, 7)]
    assert outcomes == [[Outcome.ACCEPTED], [Outcome.DUPLICATE]]
    assert rig.said(member) == 1


def test_a_field_of_ones_own_can_be_filled_and_an_unknown_one_is_named(rig, tryton, caplog):
    member, lost = news_of.new_id(), news_of.new_id()
    named = rig.connect(fields=(FieldRule(value="Wi-Fi member", to="name"),))
    sent(named, news_of.enrolled(member))
    assert party(tryton, member)["name"] == "Wi-Fi member"

    wrong = rig.connect(fields=(FieldRule(field="store", to="shop"),))
    with pytest.raises(TemporaryCrmError, match="bad_mapping"):
        wrong.send([news_of.enrolled(lost)])
    [line] = [_JsonLines().format(record) for record in caplog.records]
    assert "a party of this Tryton has no shop" in line
    assert list(rig.members()) == [member]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"fields": ({"field": "phone", "to": "code"},)}, "filled in", id="reserved"),
        pytest.param(
            {"fields": ({"field": "phone", "to": "category:X"},)}, "only a consent", id="category"
        ),
        pytest.param({"url": "http://erp.example"}, "crm.tryton.url must be https", id="address"),
    ],
)
def test_a_wrong_setting_stops_the_start(rig, changes, says):
    with pytest.raises(SettingsError, match=says):
        rig.connect(**changes)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        pytest.param({"key": "wrong"}, "crm.tryton.key", id="key"),
        pytest.param({"database": "nowhere"}, "crm.tryton.database", id="database"),
    ],
)
def test_what_keeps_tryton_shut_is_named(rig, changes, names, caplog):
    with pytest.raises(TemporaryCrmError):
        rig.connect(**changes).send([news_of.enrolled(news_of.new_id())])

    assert names in "".join(_JsonLines().format(record) for record in caplog.records)


def test_a_request_that_was_given_up_and_heard_after_all_doubles_nobody(rig):
    member = news_of.new_id()
    crm = rig.connect()
    insist(rig, news_of.enrolled(member))
    # As if the party had not been there yet when it was looked for.
    rig.server.order(Reply(200, []))

    assert sent(rig.connect(forgetful=True), news_of.updated(member, 2)) == [Outcome.ACCEPTED]
    assert list(rig.members()) == [member]
    crm.close()


def test_a_preview_goes_by_what_is_remembered(rig, tryton):
    crm, member = enrolled(rig)

    shown = crm.preview([news_of.updated(member, 2)])
    assert shown[-1].method == "PUT"
    assert shown[-1].address.endswith(f"party.party/{party(tryton, member)['id']}")
