"""Mail: one SMTP server, asked for each message anew."""

import contextlib
import dataclasses
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from core.setting_groups.ways import MailSecurity, MailSettings


class MailError(Exception):
    """A mail was not taken, as far as is known. The message never repeats an address."""


class MailServerError(MailError):
    """The server, or the way to it, is at fault: another try may do."""


class MailUnansweredError(MailServerError):
    """The whole mail was on its way when the server fell silent: it may have been taken."""


class MailboxRefusedError(MailError):
    """The server does not take mail for this address."""


class MailRefusedError(MailError):
    """The server does not take this mail, and will not at another try: too large, or spam to it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Mail:
    settings: MailSettings

    def send(self, address: str, subject: str, text: str) -> None:
        """Hand one plain mail to the server, or raise MailError."""
        message = self.letter(address, subject)
        message.set_content(text)
        self.hand_over(message)

    def letter(self, address: str, subject: str) -> EmailMessage:
        """A mail that has no content yet."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.settings.sender, address, subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self.settings.sender.rpartition("@")[2])
        # Nobody's out-of-office note is wanted (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        return message

    def hand_over(self, message: EmailMessage) -> None:
        """Hand one mail to the server, or raise MailError."""
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
            is_final = all(_is_for_good(code) for code in statuses)
            raise (MailboxRefusedError if is_final else MailServerError)(reason) from error
        except smtplib.SMTPDataError as error:
            is_final = _is_for_good(error.smtp_code)
            reason = f"the mail server answered {error.smtp_code} to the mail"
            raise (MailRefusedError if is_final else MailServerError)(reason) from error
        except smtplib.SMTPResponseException as error:
            raise MailServerError(f"the mail server answered {error.smtp_code}") from error
        except _UnansweredError as error:
            raise MailUnansweredError("the mail server fell silent after the mail") from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerError(f"the mail server: {type(error).__name__}") from error

    def _connect(self) -> smtplib.SMTP:
        host, port, timeout = self.settings.host, self.settings.port, self.settings.timeout_s
        if self.settings.tls is MailSecurity.TLS:
            return _TlsServer(host, port, timeout=timeout, context=self._context())
        server = _Server(host, port, timeout=timeout)
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


def _is_for_good(code: int) -> bool:
    return code >= 500  # noqa: PLR2004 - RFC 5321: permanent


class _UnansweredError(Exception):
    """The connection broke between the mail's first byte and the answer to it."""


class _Server(smtplib.SMTP):
    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise _UnansweredError from error


class _TlsServer(_Server, smtplib.SMTP_SSL):
    pass
