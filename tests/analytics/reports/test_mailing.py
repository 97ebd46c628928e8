"""Against a real SMTP server with real TLS."""

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from analytics.reports import fonts, mailing, press
from core.mail import Mail
from core.models.report import MailState, ReportMail
from core.setting_groups.reports import Recipient, ReportKind, ReportsSettings
from core.setting_groups.ways import MailSettings
from tests.analytics.reports.conftest import count_day, count_logins
from tests.fakes import mailbox as fake

ALICE, BOB = "alice@example.com", "bob@example.com"
FRIDAY = dt.date(2026, 5, 15)
DAY = dt.timedelta(days=1)
# 8:30 on Saturday in Shanghai.
MORNING = dt.datetime(2026, 5, 16, 0, 30, tzinfo=dt.UTC)


@dataclasses.dataclass
class Office:
    database: object
    sealer: object
    settings: object
    mailbox: object
    mail: Mail

    def turn(self, now=MORNING, printed=lambda _: b"%PDF-made up", stands=""):
        parts = (self.database, self.sealer, self.settings, self.mail, now)
        return mailing.send_due(*parts, printed=printed, stands=stands)

    def came(self):
        """Who got what, and forget it."""
        taken = [(each["To"], each["Subject"].partition(" · ")[0]) for each in self.mailbox.taken]
        self.mailbox.taken.clear()
        return taken

    def close(self, *days, is_closed=True):
        with self.database.writing() as session:
            for day in days:
                count_day(session, day, is_closed=is_closed)
                count_logins(session, day, is_closed=is_closed)

    def states(self):
        with self.database.reading() as session:
            return list(session.scalars(sa.select(ReportMail.state)))


@pytest.fixture
def told(caplog):
    """What we log. The mail server of these tests is chatty, and none of ours."""

    def ours():
        return str([vars(each) for each in caplog.records if each.name != "mail.log"])

    return ours


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with fake.serve(tmp_path_factory.mktemp("server")) as served:
        yield served


@pytest.fixture
def office(database, sealer, settings, server):
    """Makes one for these recipients: address, language, kinds of reports."""
    mailbox, port, ca_file = server
    mailbox.taken.clear()
    mailbox.answer = "250 taken"

    def open_for(*recipients, hour=8):
        found = tuple(
            Recipient(address=SecretStr(address), language=language, reports=kinds)
            for address, language, kinds in recipients or [(ALICE, "en", ("day",))]
        )
        mail = MailSettings(
            host="localhost",
            port=port,
            sender="wifi@example.com",
            user=fake.USER,
            password=SecretStr(fake.PASSWORD),
            ca_file=str(ca_file),
            timeout_s=0.5,
        )
        groups = {"reports": ReportsSettings(recipients=found, hour=hour)}
        of_store = settings.model_copy(update=groups)
        return Office(database, sealer, of_store, mailbox, Mail(mail))

    return open_for


def test_a_report_arrives_as_text_page_and_paper(office):
    shop = office((ALICE, "zh", ("day",)), (BOB, "en", ("day",)))
    shop.close(FRIDAY)

    assert shop.turn(printed=press.print_pdf) == 2

    for message, language, says in zip(
        shop.mailbox.taken, ("zh-CN", "en"), ("客流日报", "Traffic of the day"), strict=True
    ):
        assert message["Subject"].startswith(says)
        assert message.get_content_type() == "multipart/mixed"
        plain = message.get_body(("plain",)).get_content()
        page = message.get_body(("html",)).get_content()
        [paper] = message.iter_attachments()
        assert says in plain
        assert f'<html lang="{language}">' in page
        assert paper.get_content_type() == "application/pdf"
        assert paper.get_filename() == "traffic-store-1-2026-05-15.pdf"
        assert paper.get_content().startswith(b"%PDF-")


def test_where_the_law_s_log_stands_is_in_the_report_of_each_day_alone(office):
    shop = office((ALICE, "zh", ("day", "week")), (BOB, "en", ("day",)))
    shop.close(*(FRIDAY - number * DAY for number in range(15)))

    assert shop.turn(stands="7:abcd") == 3

    for message in shop.mailbox.taken:
        is_daily = message["Subject"].startswith(("客流日报", "Traffic of the day"))
        for sort in ("plain", "html"):
            said = message.get_body((sort,)).get_content()
            assert ("7:abcd" in said) == is_daily
            assert ("--anchor" in said) == is_daily


def test_each_report_goes_to_each_recipient_once(office):
    shop = office((ALICE, "en", ("day", "week")), (BOB, "en", ("week",)))
    shop.close(*(FRIDAY - number * DAY for number in range(15)))

    assert shop.turn() == 3
    assert sorted(shop.came()) == [
        (ALICE, "Traffic of the day: Fri, 15 May 2026"),
        (ALICE, "Traffic of the week: Mon, 4 May 2026 – Sun, 10 May 2026"),
        (BOB, "Traffic of the week: Mon, 4 May 2026 – Sun, 10 May 2026"),
    ]
    for hours in range(6):
        assert shop.turn(MORNING + dt.timedelta(hours=hours)) == 0
    assert shop.came() == []


def test_nothing_goes_before_the_hour(office):
    shop = office(hour=12)
    shop.close(FRIDAY)

    assert shop.turn(MORNING + dt.timedelta(hours=3, minutes=29)) == 0
    assert shop.turn(MORNING + dt.timedelta(hours=3, minutes=30)) == 1


@pytest.mark.parametrize("open_table", ["traffic", "logins"])
def test_a_day_that_closes_late_goes_out_late(office, open_table):
    shop = office()
    with shop.database.writing() as session:
        count_day(session, FRIDAY, is_closed=open_table != "traffic")
        count_logins(session, FRIDAY, is_closed=open_table != "logins")
    assert shop.turn(MORNING + dt.timedelta(hours=10)) == 0

    with shop.database.writing() as session:
        for table in ("traffic_days", "portal_days"):
            session.execute(sa.text(f"UPDATE {table} SET closed_at = updated_at"))  # noqa: S608 - ours
    assert shop.turn(MORNING + dt.timedelta(hours=11)) == 1


def test_after_days_offline_the_newest_goes_alone(office):
    shop = office((ALICE, "en", ("day", "month")))
    shop.close(*(FRIDAY - number * DAY for number in range(60)))

    assert shop.turn() == 2
    assert shop.came() == [
        (ALICE, "Traffic of the day: Fri, 15 May 2026"),
        (ALICE, "Traffic of the month: Apr 2026"),
    ]


def test_what_the_server_does_not_take_now_it_gets_again(office, told):
    shop = office()
    shop.close(FRIDAY)
    shop.mailbox.answer = "451 try later"

    assert shop.turn() == 0
    assert shop.turn() == 0, "not at once"
    assert shop.states() == [MailState.WAITING]

    shop.mailbox.answer = "250 taken"
    assert shop.turn(MORNING + dt.timedelta(minutes=1)) == 1
    assert shop.states() == [MailState.SENT]
    assert "alice" not in told()


def test_it_is_tried_more_and_more_rarely(office):
    shop = office()
    shop.close(FRIDAY)
    shop.mailbox.answer = "451 try later"
    now, waits = MORNING, []
    for _ in range(7):
        shop.turn(now)
        with shop.database.reading() as session:
            [row] = session.scalars(sa.select(ReportMail))
        waits.append((row.next_attempt_at - now) // dt.timedelta(minutes=1))
        now = row.next_attempt_at

    assert waits == [1, 2, 4, 8, 16, 32, 60]


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        pytest.param(fake.REFUSED, "250 taken", id="mailbox"),
        pytest.param(ALICE, "552 too large", id="mail"),
    ],
)
def test_what_is_refused_for_good_is_not_tried_again(office, told, address, answer):
    shop = office((address, "en", ("day",)), (BOB, "en", ("day",)))
    shop.close(FRIDAY)
    shop.mailbox.answer = answer

    shop.turn()
    assert shop.turn(MORNING + dt.timedelta(hours=3)) == 0

    assert MailState.REFUSED in shop.states()
    assert address not in told()
    assert "report refused" in told()


def test_what_may_have_arrived_is_not_sent_again(office):
    shop = office()
    shop.close(FRIDAY)
    shop.mailbox.answer = None

    assert shop.turn() == 0
    shop.mailbox.answer = "250 taken"
    assert shop.turn(MORNING + dt.timedelta(hours=3)) == 0


def test_after_a_crash_while_sending_nothing_goes_twice(office):
    shop = office()
    shop.close(FRIDAY)
    key = shop.sealer.lookup("report_recipient", ALICE.encode())
    with shop.database.writing() as session:
        row = {"kind": ReportKind.DAY, "first": FRIDAY, "recipient": key}
        session.add(ReportMail(**row, state=MailState.SENDING, next_attempt_at=MORNING))

    assert shop.turn() == 0


def test_a_silent_sensor_is_reported_in_the_end(office):
    shop = office()
    shop.close(FRIDAY - DAY)

    assert shop.turn() == 0, "the day may be about to be closed"
    assert shop.turn(MORNING + dt.timedelta(hours=2)) == 1
    [message] = shop.mailbox.taken
    assert "no figures for this time" in message.get_body(("plain",)).get_content()


def test_a_store_that_has_just_been_set_up_reports_nothing(office):
    shop = office((ALICE, "en", ("day", "week", "month")))

    assert shop.turn(MORNING + dt.timedelta(hours=12)) == 0


@pytest.mark.parametrize(
    ("error", "says"),
    [
        pytest.param(fonts.NoFontError("x"), f"apt-get install {fonts.PACKAGE}", id="no font"),
        pytest.param(press.PressError("x"), "printing failed", id="press"),
    ],
)
def test_what_cannot_be_printed_is_mailed_all_the_same(office, error, says):
    def printed(_document):
        raise error

    shop = office()
    shop.close(FRIDAY)

    assert shop.turn(printed=printed) == 1
    [message] = shop.mailbox.taken
    assert list(message.iter_attachments()) == []
    assert says in message.get_body(("plain",)).get_content()
    assert says in message.get_body(("html",)).get_content()
