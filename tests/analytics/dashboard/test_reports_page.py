import dataclasses
import datetime as dt
import io

import openpyxl
import pypdfium2
import pytest

from analytics.dashboard.site import PARTS
from core.models.report import MailState, ReportMail
from core.models.user import Role
from core.setting_groups.reports import Recipient, ReportKind, ReportsSettings
from tests.analytics import portal_shop

DAY = dt.date(2026, 5, 15)
ADDRESS = "owner@example.com"


@pytest.fixture
def figures(traffic, database, now):
    traffic(DAY, closed_at=now)
    with database.writing() as session:
        session.add(portal_shop.row(DAY, (90, 60, 40, 30, 20, 8)))


def get(client, **arguments):
    days = {"first": DAY.isoformat(), "last": DAY.isoformat()}
    return client.get("/reports/file", query_string=days | arguments)


def sheets(answer):
    return openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames


def test_the_page_offers_the_newest_day_week_and_month(alice, figures):
    page = alice.get("/reports?lang=en").text

    for period in ("Fri, 15 May 2026", "Mon, 4 May 2026 – Sun, 10 May 2026", "Apr 2026"):
        assert period in page
    assert "first=2026-05-15&amp;last=2026-05-15&amp;form=pdf" in page


@pytest.mark.parametrize(
    ("form", "sort", "name"),
    [
        pytest.param(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "traffic-store-1-2026-05-15.xlsx",
            id="xlsx",
        ),
        pytest.param("csv", "text/csv", "traffic-store-1-2026-05-15.csv", id="csv"),
    ],
)
def test_each_form_is_a_file_to_keep(alice, figures, form, sort, name):
    answer = get(alice, form=form)

    assert answer.status_code == 200
    assert answer.mimetype == sort
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_report_to_print_is_in_the_language_of_the_page(alice, figures):
    answer = get(alice, form="pdf", lang="zh")
    document = pypdfium2.PdfDocument(io.BytesIO(answer.data))
    text = document[0].get_textpage().get_text_bounded()
    document.close()

    assert answer.mimetype == "application/pdf"
    assert "traffic-store-1-2026-05-15.pdf" in answer.headers["Content-Disposition"]
    assert "客流日报" in text


def test_csv_for_excel_begins_with_its_mark(alice, figures):
    marked, plain = (get(alice, form=form).data for form in ("csv_excel", "csv"))

    assert marked == b"\xef\xbb\xbf" + plain


def test_csv_is_of_the_table_that_was_asked_for(alice, figures):
    assert get(alice, form="csv", table="hours").text.startswith("day,start,visitors,")


def test_who_may_not_see_the_funnel_finds_none_in_a_file(hired, figures):
    client = hired(Role.IT)

    assert sheets(get(client, form="xlsx", lang="en")) == ["Summary", "Days", "Hours"]
    assert get(client, form="csv", table="funnel").text.startswith("day,visitors,")
    assert 'value="funnel"' not in client.get("/reports").text
    document = pypdfium2.PdfDocument(io.BytesIO(get(client, form="pdf", lang="en").data))
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    assert "Time inside" in text
    assert "logins" not in text


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        pytest.param("2026-05-15", "2026-05-14", "cannot be before", id="backwards"),
        pytest.param("2010-01-01", "2026-05-15", "At most", id="too long"),
    ],
)
def test_days_that_cannot_be_are_said_beside_the_form(alice, first, last, says):
    answer = get(alice, first=first, last=last, lang="en")

    assert answer.status_code == 422
    assert says in answer.text
    assert 'aria-describedby="range-fault"' in answer.text


def test_of_many_days_a_page_says_that_it_takes_a_moment(alice, figures):
    answer = get(alice, first="2025-05-16", form="xlsx", lang="en")

    assert "being made" in answer.text
    assert 'http-equiv="refresh" content="0; url=/reports/file?' in answer.text
    assert get(alice, first="2025-05-16", form="xlsx", now="1").mimetype.endswith("sheet")


def test_whether_mails_went_out_is_told_without_addresses(app, alice, database, now):
    recipients = (Recipient(address=ADDRESS), Recipient(address="b@example.com", reports=("day",)))
    with database.writing() as session:
        row = {"kind": ReportKind.DAY, "first": DAY, "next_attempt_at": now}
        session.add(ReportMail(**row, recipient=bytes(16), state=MailState.SENT))
        session.add(ReportMail(**row, recipient=bytes([1]) * 16, state=MailState.WAITING))
    groups = {"reports": ReportsSettings(recipients=recipients, hour=7)}
    parts = app.extensions[PARTS]
    of_store = parts.settings.model_copy(update=groups)
    app.extensions[PARTS] = dataclasses.replace(parts, settings=of_store)
    page = alice.get("/reports?lang=en").text

    assert "Sent from 07:00 on" in page
    assert "sent: 1" in page
    assert "to be tried again: 1" in page
    assert "not sent yet" in page
    assert "No mail server is set" in page
    assert ADDRESS not in page


def test_who_gets_none_is_told_how(alice):
    assert "reports.recipients" in alice.get("/reports").text
