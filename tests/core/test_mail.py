"""Against a real SMTP server with real TLS."""

import pytest
from pydantic import SecretStr

from core import mail
from core.mail import (
    Mail,
    MailboxRefusedError,
    MailError,
    MailRefusedError,
    MailServerError,
    MailUnansweredError,
)
from core.setting_groups.ways import MailSecurity, MailSettings
from tests import free_ports
from tests.fakes import mailbox as fake


def settings(port, ca_file, **values):
    usual = {
        "host": "localhost",
        "port": port,
        "sender": "wifi@example.com",
        "user": fake.USER,
        "password": SecretStr(fake.PASSWORD),
        "ca_file": str(ca_file),
    }
    return MailSettings(**(usual | values))


@pytest.fixture(params=[MailSecurity.STARTTLS, MailSecurity.TLS])
def server(request, tmp_path):
    with fake.serve(tmp_path, starttls=request.param is MailSecurity.STARTTLS) as served:
        yield *served, request.param


def test_a_mail_arrives_encrypted_and_logged_in(server):
    taken, port, ca_file, tls = server
    Mail(settings(port, ca_file, tls=tls)).send(
        "alice@example.com", "123456 是验证码", "五分钟内有效"
    )

    [message] = taken.taken
    assert (message["To"], message["From"]) == ("alice@example.com", "wifi@example.com")
    assert message["Subject"] == "123456 是验证码"
    assert message.get_content().strip() == "五分钟内有效"
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_server_without_a_known_certificate_gets_nothing(server, tmp_path):
    taken, port, _, tls = server
    with pytest.raises(MailServerError, match="SSLCertVerificationError"):
        Mail(settings(port, "", tls=tls)).send("alice@example.com", "x", "y")

    assert taken.taken == []


def test_a_server_of_another_name_gets_nothing(tmp_path):
    with fake.serve(tmp_path, name="elsewhere.example") as (taken, port, ca_file):
        with pytest.raises(MailServerError, match="SSLCertVerificationError"):
            Mail(settings(port, ca_file)).send("alice@example.com", "x", "y")

        assert taken.taken == []


@pytest.mark.parametrize(
    ("address", "values", "error"),
    [
        pytest.param(fake.REFUSED, {}, MailboxRefusedError, id="no such mailbox"),
        pytest.param(fake.BUSY, {}, MailServerError, id="mailbox busy"),
        pytest.param("a@example.com", {"password": SecretStr("x")}, MailServerError, id="password"),
        pytest.param("a@example.com", {"user": ""}, MailServerError, id="not logged in"),
        pytest.param("a@example.com", {"tls": MailSecurity.NONE}, MailServerError, id="no TLS"),
    ],
)
def test_what_goes_wrong_is_told_without_the_address(tmp_path, address, values, error):
    with fake.serve(tmp_path) as (_, port, ca_file), pytest.raises(error) as caught:
        Mail(settings(port, ca_file, **values)).send(address, "x", "y")

    assert address not in str(caught.value)


def test_a_server_that_is_not_there_is_at_fault():
    [port] = free_ports.find(1)
    with pytest.raises(MailServerError, match="ConnectionRefusedError"):
        Mail(settings(port, "")).send("alice@example.com", "x", "y")


@pytest.mark.parametrize("values", [{}, {"host": "localhost"}, {"sender": "wifi@example.com"}])
def test_without_server_or_sender_there_is_no_mail(values):
    assert mail.open_mail(MailSettings(**values)) is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param("552 too large", MailRefusedError, id="for good"),
        pytest.param("451 try later", MailServerError, id="for now"),
        pytest.param(None, MailUnansweredError, id="silent"),
    ],
)
def test_what_becomes_of_a_mail_that_was_sent_whole_is_told_apart(tmp_path, answer, error):
    with fake.serve(tmp_path) as (mailbox, port, ca_file):
        mailbox.answer = answer
        with pytest.raises(MailError) as caught:
            Mail(settings(port, ca_file, timeout_s=1)).send("alice@example.com", "x", "y")

    assert type(caught.value) is error
