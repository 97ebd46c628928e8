"""A real SMTP server on loopback, with TLS, that keeps what it takes."""

import asyncio
import contextlib
import ssl
from email import message_from_bytes, policy

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "doorman", "correct horse"
REFUSED = "nobody@example.com"
BUSY = "busy@example.com"


class Mailbox:
    def __init__(self):
        self.taken = []
        self.answer = "250 taken"
        """To a mail; None: none, for longer than anybody waits."""

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd's name
        if address == REFUSED:
            return "550 no such mailbox"
        if address == BUSY:
            return "450 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.answer is None:
            await asyncio.sleep(5)
        elif self.answer.startswith("250"):
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer or "451 too late"


def _authenticate(_server, _session, _envelope, _mechanism, data):
    right = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == right, handled=False)


class _Controller(Controller):
    """Takes a free port, and says which."""

    starttls = None

    def factory(self):
        return SMTP(
            self.handler,
            hostname="localhost",
            tls_context=self.starttls,
            require_starttls=self.starttls is not None,
            authenticator=_authenticate,
            auth_required=self.starttls is not None,
            auth_require_tls=self.starttls is not None,
        )

    def _trigger_server(self):
        # Of the socket that was given to us, not of the number that was asked for.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextlib.contextmanager
def serve(folder, *, starttls=True, name="localhost"):
    """Yields the mailbox, the port, and the file of the authority that certified the server."""
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    mailbox = Mailbox()
    controller = _Controller(
        mailbox, hostname="127.0.0.1", port=0, ssl_context=None if starttls else context
    )
    controller.starttls = context if starttls else None
    controller.start()
    try:
        yield mailbox, controller.port, ca_file
    finally:
        controller.stop()
