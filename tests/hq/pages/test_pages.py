import csv
import datetime as dt
import io
import re
import subprocess
import sys
import zipfile

import pytest

from analytics.dashboard.site import PARTS
from core.models.user import Role
from hq.pages import wsgi
from tests.hq.pages.shops import day, health, put, store

STORES = re.compile(r'href="/stores/(store-\d+)')


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


def test_signs_in_by_password_and_leads_to_the_stores(app, alice, chain):
    chain(3)
    client = app.test_client()
    form = {"name": "alice", "password": "correct horse battery"}

    answer = client.post("/sign-in", data=form, headers={"Origin": "http://localhost"})

    assert (answer.status_code, answer.location) == (303, "/")
    assert "Traffic by store" in client.get("/").text
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("doorman_fleet=")
    assert client.post("/sign-out", headers={"Origin": "http://elsewhere"}).status_code == 403


def test_a_chain_without_stores_says_what_to_do(alice):
    for address in ("/", "/regions", "/map", "/health"):
        page = alice.get(address)

        assert page.status_code == 200
        assert "No store" in page.text
        assert ">0<" not in page.text


@pytest.mark.parametrize("stores", [1, 3, 40])
def test_every_page_is_there_however_many_stores(alice, chain, stores):
    chain(stores, days=20)

    for address in ("/", "/regions", "/map", "/map?show=health", "/health"):
        answer = alice.get(address)

        assert answer.status_code == 200, address
        assert "Shanghai 1" in answer.text or address == "/regions"


@pytest.mark.parametrize("odd", [-5.0, 1e300, float("inf")])
def test_figures_that_cannot_be_shut_nobody_out(alice, hq_sqlite, odd):
    wrong = day("store-1", 2, odd, odd, odd)
    wrong.entry_rate = odd
    put(hq_sqlite, store("store-1"), store("store-2"), wrong, day("store-2", 2, 40.0))

    for address in ("/", "/?sort=change", "/regions", "/map", "/stores/store-1"):
        assert alice.get(address).status_code == 200, address


@pytest.mark.parametrize("address", ["/?name=%00", "/?region=%00", "/stores/%00", "/?sort=%1b"])
def test_control_characters_are_asked_of_no_database(alice, address):
    assert alice.get(address).status_code == 400


def test_withheld_figures_are_named_and_not_shown(alice, hq_sqlite):
    put(
        hq_sqlite,
        store("store-1"),
        store("store-2"),
        store("store-3"),
        *(day("store-1", ago, 100.0) for ago in range(1, 8)),
        *(day("store-2", ago, None) for ago in range(1, 8)),
    )

    page = alice.get("/").text

    assert "1 of 3 stores have no figures in this time" in page
    assert "1 of 3 stores have too few visitors to show" in page
    assert "7 of 14 store days have too few visitors to show" in page
    line = rows_of(alice.get("/fleet.csv"))[1]
    assert (line["store"], line["visitors"], line["days_withheld"]) == ("store-2", "", "7")


def test_who_is_of_one_region_sees_no_other(hired, chain):
    chain(15)
    client = hired(Role.IT, "East")
    east = {"store-1", "store-6", "store-11"}

    for address in ("/", "/?region=South", "/map?region=South", "/health?region=-"):
        assert set(STORES.findall(client.get(address).text)) == east, address
    assert ">South<" not in client.get("/regions?region=South").text
    assert client.get("/stores/store-1").status_code == 200
    assert client.get("/stores/store-2").status_code == 404
    assert client.get("/stores/store-2.csv").status_code == 404
    for address in ("/fleet.csv?region=South", "/health.csv?name=Guang"):
        assert {line["store"] for line in rows_of(client.get(address))} <= east


def test_what_is_wrong_with_the_days_asked_for_is_said(alice, chain):
    chain(3)

    answer = alice.get("/?first=2026-05-10&last=2026-05-01")

    assert answer.status_code == 422
    assert "The last day is before the first" in answer.text


def test_a_store_page_has_its_days_its_health_and_its_keys_ages(alice, chain, hq_sqlite):
    chain(3)

    page = alice.get("/stores/store-2").text

    assert "Guangzhou 1" in page
    assert page.count('<figure class="chart"') == 4
    assert "57 days ago" in page
    assert "sealed" not in page
    assert len(rows_of(alice.get("/stores/store-2.csv"))) == 7


def test_a_name_that_would_be_markup_or_a_formula_is_neither(alice, hq_sqlite):
    put(hq_sqlite, store("store-1", "=1+1", "<script>alert(1)</script>"), health("store-1"))

    for address in ("/", "/regions", "/health", "/stores/store-1"):
        assert "<script>alert" not in alice.get(address).text
    assert rows_of(alice.get("/fleet.csv"))[0]["region"] == "'=1+1"


@pytest.mark.parametrize(
    ("form", "begins"), [("csv", b"region,"), ("csv_excel", b"\xef\xbb\xbfregion"), ("xlsx", b"PK")]
)
def test_regions_are_a_report_to_keep(alice, chain, form, begins):
    chain(15)

    answer = alice.get(f"/regions/file?form={form}")

    assert answer.data.startswith(begins)
    assert "regions-2026-05-09-2026-05-15" in answer.headers["Content-Disposition"]
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            assert b"Shanghai 1" in book.read("xl/sharedStrings.xml")


def test_regions_are_a_report_to_print(alice, chain):
    chain(15)

    answer = alice.get("/regions/file?form=pdf&region=East")

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF")


def test_a_silent_store_is_told_from_one_that_never_spoke(alice, app, hq_sqlite):
    put(hq_sqlite, store("store-1"), store("store-2"))
    now = app.extensions[PARTS].clock()
    put(hq_sqlite, health("store-2", heard_at=now - dt.timedelta(hours=2)))

    page = alice.get("/health").text

    assert page.index("Silent") < page.index("Never heard")
    assert "2 h 0 min ago" in page
    assert STORES.findall(alice.get("/health?state=never").text) == ["store-1"]


def test_its_process_holds_nothing_that_reckons_with_sightings():
    heavy = {"pandas", "numpy", "scipy", "dask", "pyarrow", "duckdb", "reportlab", "xlsxwriter"}
    code = f"import sys, hq.pages.wsgi; print(*({heavy} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert not found.stdout.split()


def test_serves_from_settings_in_the_environment(tmp_path, monkeypatch):

    monkeypatch.setenv("DOORMAN_DATA_DIR", str(tmp_path / "new"))

    page = wsgi.create().test_client().get("/sign-in", headers={"Accept-Language": "en"})

    assert "Doorman" in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
