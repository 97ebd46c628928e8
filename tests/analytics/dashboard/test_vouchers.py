"""The page of vouchers. What they do at the portal is in tests/portal."""

import re

import pytest
import sqlalchemy as sa

from analytics.dashboard import vouchers
from core.models.voucher import Voucher, VoucherBatch

OURS = {"Origin": "http://localhost"}
FORM = {
    "name": "会议室 5 月",
    "number": "3",
    "uses": "2",
    "minutes": "90",
    "days": "7",
    "speed": "2000",
}


@pytest.fixture
def make(alice):
    return lambda **values: alice.post("/vouchers", data=FORM | values, headers=OURS)


def test_a_batch_is_made_listed_and_printed(alice, make):
    assert make().status_code == 303
    page = alice.get("/vouchers?lang=en").text
    assert "会议室 5 月" in page
    assert "0 / 6" in page

    sheet = alice.get("/vouchers/1/print?lang=en").text
    codes = re.findall(r'class="digits">([0-9A-Z]{4}-[0-9A-Z]{4})<', sheet)
    assert len(set(codes)) == 3
    assert sheet.count("<svg") == 3
    assert "90 min" in sheet
    assert "<script" not in sheet
    assert ' style="' not in sheet


def test_the_qr_code_leads_to_the_portal():
    assert vouchers.address("http://wifi.example/", "70ABC1D2") == (
        "http://wifi.example/voucher?code=70ABC1D2"
    )


def test_codes_are_sealed_on_disk(alice, make, database):
    make()
    sheet = alice.get("/vouchers/1/print").text
    [code, *_] = re.findall(r"([0-9A-Z]{4}-[0-9A-Z]{4})<", sheet)
    with database.reading() as session:
        stored = b"".join(session.scalars(sa.select(Voucher.sealed_code)))

    assert code.replace("-", "").encode() not in stored


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "x" * 81),
        ("number", "0"),
        ("number", "201"),
        ("number", "²"),
        ("uses", ""),
        ("minutes", "4"),
        ("minutes", "1e3"),
        ("days", "-1"),
        ("speed", "99999999"),
    ],
)
def test_what_is_out_of_bounds_is_said_beside_its_field(make, database, field, value):
    answer = make(**{field: value})

    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    with database.reading() as session:
        assert session.query(VoucherBatch).count() == 0


def test_a_revoked_batch_is_not_printed_again(alice, make):
    make()
    assert alice.post("/vouchers/1/revoke", headers=OURS).status_code == 303

    assert alice.get("/vouchers/1/print").status_code == 404
    assert "revoked" in alice.get("/vouchers?lang=en").text


@pytest.mark.parametrize("path", ["/vouchers", "/vouchers/1/print", "/guests"])
def test_strangers_see_nothing(charlie, path):
    assert charlie.get(path).location == "/sign-in"


def test_the_page_says_that_a_voucher_is_no_real_name_login(alice):
    assert "不算实名登录" in alice.get("/vouchers?lang=zh").text


def test_a_store_without_them_has_no_link_and_is_told(alice):
    assert 'href="/vouchers"' not in alice.get("/online").text
    assert "ways.voucher" in alice.get("/vouchers").text
