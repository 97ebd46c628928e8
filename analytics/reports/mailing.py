"""Mails reports that are due: each once to each recipient, and of each kind the newest alone.

A report is due from `reports.hour` on, once all days that it is about are closed. Whoever was
offline for a week finds one report of each kind, not seven. What a row says is on disk before
the mail server hears of it: after a crash nobody is sent the same report twice, though perhaps
somebody none.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

from analytics.figures import period_report
from analytics.reports import contents as gathering
from analytics.reports import letter as letters
from analytics.reports import period as periods
from analytics.reports import press, words
from analytics.reports.contents import Contents
from analytics.reports.document import Document
from analytics.reports.letter import Letter
from analytics.reports.period import Period
from core import clock
from core.database import Database
from core.log import Log
from core.mail import Mail, MailboxRefusedError, MailError, MailRefusedError, MailUnansweredError
from core.models.report import MailState, ReportMail
from core.sealing import Sealer
from core.setting_groups.reports import Recipient, ReportKind
from core.settings import Settings

_log = Log("reports")

_DAY = dt.timedelta(days=1)
# The last day has no figures at all: perhaps it is about to be closed, perhaps the sensor was
# off. After this long the report says so.
_PATIENCE = dt.timedelta(hours=2)
# Without any figures before the period, the store has only just been set up.
_LIFE_SIGN = 14 * _DAY
_FIRST_WAIT, _LONGEST_WAIT = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def send_due(
    database: Database,
    sealer: Sealer,
    settings: Settings,
    mail: Mail,
    now: dt.datetime,
    *,
    printed: Callable[[Document], bytes] = press.print_pdf,
    stands: str = "",
) -> int:
    """Send what is due; how many mails were taken.

    `stands`: where the access log stands. Who gets the report of each day keeps it, off the box.
    """
    return _Turn(database, sealer, settings, mail, now, printed, stands).run()


@dataclasses.dataclass(slots=True)
class _Turn:
    database: Database
    sealer: Sealer
    settings: Settings
    mail: Mail
    now: dt.datetime
    printed: Callable[[Document], bytes]
    stands: str

    def run(self) -> int:
        today = clock.store_day(self.now, self.settings.store.zone)
        taken = 0
        for kind in ReportKind:
            period = periods.newest_ended(kind, today)
            wanting = list(self._wanting(kind, period))
            if not wanting or self.now < self._due_at(period):
                continue
            found = gathering.find(self.database, self.settings, period, self.now)
            if self._is_ready(found):
                taken += self._send(kind, found, wanting)
        return taken

    def _due_at(self, period: Period) -> dt.datetime:
        after, hour = period.last + _DAY, dt.time(self.settings.reports.hour)
        return dt.datetime.combine(after, hour, self.settings.store.zone)

    def _is_ready(self, found: Contents) -> bool:
        traffic, portal = found.traffic, found.portal
        closed = [day.closed_at for day in traffic.days]
        closed += [day.closed_at for day in portal.days] if portal else []
        if None in closed:
            return False
        if traffic.last not in traffic.days_without_figures or found.settings.sensor.strict:
            return True
        first = found.period.first
        before = period_report.find(self.database, self.settings, first - _LIFE_SIGN, first - _DAY)
        lives = bool(traffic.days or before.days)
        return lives and self.now >= self._due_at(found.period) + _PATIENCE

    def _wanting(self, kind: ReportKind, period: Period) -> Iterator[tuple[int, Recipient]]:
        """Who is still to get it, with their place in the settings, by which the log names them."""
        with self.database.reading() as session:
            for number, recipient in enumerate(self.settings.reports.recipients, 1):
                row = session.get(ReportMail, self._key(kind, period, recipient))
                if kind in recipient.reports and (row is None or self._is_due_again(row)):
                    yield number, recipient

    def _is_due_again(self, row: ReportMail) -> bool:
        return row.state is MailState.WAITING and row.next_attempt_at <= self.now

    def _key(
        self, kind: ReportKind, period: Period, recipient: Recipient
    ) -> tuple[ReportKind, dt.date, bytes]:
        address = recipient.address.get_secret_value().encode()
        return kind, period.first, self.sealer.lookup("report_recipient", address)

    def _send(self, kind: ReportKind, found: Contents, wanting: list[tuple[int, Recipient]]) -> int:
        written: dict[str, Letter] = {}
        taken = 0
        for number, recipient in wanting:
            language = recipient.language
            if language not in written:
                say = words.load(self.settings, language)
                stands = self.stands if kind is ReportKind.DAY else ""
                written[language] = letters.write(found, say, self.printed, stands=stands)
            key = self._key(kind, found.period, recipient)
            with self.database.writing() as session:
                row = session.get(ReportMail, key)
                if row is None:
                    session.add(_row(key, self.now))
                else:
                    row.state = MailState.SENDING
            state = self._hand_over(kind, number, recipient, written[language])
            self._settle(key, state)
            taken += state is MailState.SENT
        return taken

    def _hand_over(
        self, kind: ReportKind, number: int, recipient: Recipient, letter: Letter
    ) -> MailState:
        message = self.mail.letter(recipient.address.get_secret_value(), letter.subject)
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        if letter.pdf is not None:
            message.add_attachment(
                letter.pdf, maintype="application", subtype="pdf", filename=letter.file_name
            )
        told = {"kind": kind.value, "recipient": number}
        try:
            self.mail.hand_over(message)
        except (MailboxRefusedError, MailRefusedError) as error:
            _log.error("report refused", **told, reason=str(error))
            return MailState.REFUSED
        except MailUnansweredError as error:
            _log.warning("report may not have arrived", **told, reason=str(error))
            return MailState.SENDING
        except MailError as error:
            _log.warning("report waits for another try", **told, reason=str(error))
            return MailState.WAITING
        _log.info("report sent", **told)
        return MailState.SENT

    def _settle(self, key: tuple[ReportKind, dt.date, bytes], state: MailState) -> None:
        with self.database.writing() as session:
            row = session.get_one(ReportMail, key)
            row.state = state
            if state is MailState.WAITING:
                row.next_attempt_at = self.now + min(
                    _FIRST_WAIT * 2 ** min(row.attempts, 10), _LONGEST_WAIT
                )
                row.attempts += 1


def _row(key: tuple[ReportKind, dt.date, bytes], now: dt.datetime) -> ReportMail:
    kind, first, recipient = key
    return ReportMail(
        kind=kind,
        first=first,
        recipient=recipient,
        state=MailState.SENDING,
        attempts=0,
        next_attempt_at=now,
    )
