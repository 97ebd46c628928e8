"""Codes by e-mail: one SMTP server, asked for each mail anew."""

import contextlib
import dataclasses
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from core.setting_groups.ways import MailSecurity, MailSettings

NAME = "mail"


class MailError(Exception):
    """A mail was not taken. The message never repeats an address."""


class MailServerError(MailError):
    """The server, or the way to it, is at fault: another try may do."""


class MailboxRefusedError(MailError):
    """The server does not take mail for this address."""


@dataclasses.dataclass(frozen=True, slots=True)
class Mail:
    settings: MailSettings

    def send(self, address: str, subject: str, text: str) -> None:
        """Hand one mail to the server, or raise MailError."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.settings.sender, address, subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self.settings.sender.rpartition("@")[2])
        # Nobody's out-of-office note is wanted (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            with contextlib.closing(self._connect()) as server:
                if self.settings.user:
                    password = self.settings.password.get_secret_value()
                    server.login(self.settings.user, password)
                server.send_message(message)
                # The mail is taken: how the server says good-bye changes nothing.
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    server.quit()
        except smtplib.SMTPRecipientsRefused as error:
            statuses = sorted({code for code, _ in error.recipients.values()})
            reason = f"the mail server refused a recipient with {statuses}"
            is_for_good = all(code >= 500 for code in statuses)  # noqa: PLR2004 - RFC 5321: permanent
            raise (MailboxRefusedError if is_for_good else MailServerError)(reason) from error
        except smtplib.SMTPResponseException as error:
            raise MailServerError(f"the mail server answered {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerError(f"the mail server: {type(error).__name__}") from error

    def _connect(self) -> smtplib.SMTP:
        host, port, timeout = self.settings.host, self.settings.port, self.settings.timeout_s
        if self.settings.tls is MailSecurity.TLS:
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=self._context())
        server = smtplib.SMTP(host, port, timeout=timeout)
        if self.settings.tls is MailSecurity.STARTTLS:
            try:
                server.starttls(context=self._context())
            except BaseException:
                server.close()
                raise
        return server

    def _context(self) -> ssl.SSLContext:
        """Checks the server's certificate and name."""
        return ssl.create_default_context(cafile=self.settings.ca_file or None)


def open_mail(settings: MailSettings) -> Mail | None:
    """None: this store has no mail server."""
    return Mail(settings) if settings.host and settings.sender else None
