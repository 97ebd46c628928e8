"""Sends a code once its transaction is through; asks the carrier about one that it made itself."""

import dataclasses

from werkzeug.wrappers import Response as AnyResponse

from core.account import AccountKind
from core.log import Log
from core.mail import MailboxRefusedError, MailError
from core.metrics import counted
from core.models.device import Device
from core.models.login import Login, LoginWay
from portal import page
from portal.sms.carriers import Sent
from portal.sms.shape import CarrierError, NumberBusyError, NumberRefusedError
from portal.views import entry, steps
from portal.visitor import Visitor, arrive, wired
from portal.ways import code_message
from portal.ways.login import CodeToSend, LoginDesk, account_of

_log = Log("portal")

# Stands where a text message has its carrier.
_BY_MAIL = "mail"


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """Why a code is not on its way."""

    problem: str
    """To be read by the shopper."""
    status: int
    is_final: bool = False
    """Nothing reaches this account, and its login is over."""


def send(
    visitor: Visitor, device: Device, desk: LoginDesk, sending: CodeToSend, *, again: bool
) -> Failure | None:
    """By mail or text message, as its account is; None if it is on its way."""
    is_mail = sending.account.kind is AccountKind.EMAIL
    sent = _by_mail(visitor, sending) if is_mail else _by_text_message(visitor, sending)
    outcome = "code_not_sent" if isinstance(sent, Failure) else "code_sent"
    counted.LOGINS.add(LoginWay.EMAIL if is_mail else LoginWay.SMS, outcome)
    if isinstance(sent, Failure):
        if sent.is_final:
            with wired().database.writing() as session:
                desk.abandon(session, device)
        return sent
    with wired().database.writing(durable=False) as session:
        desk.record_sent(session, sending, sent)
    _log.info("code sent", login=sending.login_id, carrier=sent.carrier, again=again)
    return None


def deliver(visitor: Visitor, device: Device, sending: CodeToSend, *, again: bool) -> AnyResponse:
    """Send the code of a login, and lead on."""
    failure = send(visitor, device, wired().login_desk, sending, again=again)
    if failure is None:
        return page.go("/code?sent=again" if again else "/code", visitor)
    problem, status = failure.problem, failure.status
    if not failure.is_final:
        return steps.code_page(arrive(), problem=problem, status=status)
    value = sending.account.value
    if sending.account.kind is AccountKind.EMAIL:
        typed = {"email": value, "terms": "yes"}
        return entry.show(visitor, "email", typed=typed, problem=problem, status=status)
    typed = {"phone": value, "terms": "yes"}
    return steps.phone_page(visitor, typed=typed, problem=problem, status=status)


def carrier_says(login: Login, code: str) -> bool | None:
    """Whether a code is right that a carrier made; None if we made it. SmsError."""
    parts = wired()
    if login.code_carrier is None or parts.sms is None:
        return None
    return parts.sms.check(login.code_carrier, account_of(parts.sealer, login).phone, code)


def _by_text_message(visitor: Visitor, sending: CodeToSend) -> Sent | Failure:
    parts = wired()
    if parts.sms is None:
        return _failure(visitor, "no_sms", 503)
    message = code_message.write(parts.texts, parts.settings.store.name, visitor.language, sending)
    try:
        return parts.sms.send(message, visitor.now, sending.usual_carrier)
    except CarrierError as error:
        _log.error("no carrier took a code", login=sending.login_id, reason=str(error))
        return _failure(visitor, "sms_down", 503)
    except NumberBusyError as error:
        _log.warning("number busy at the carrier", login=sending.login_id, reason=str(error))
        return _failure(visitor, "sms_too_often", 429)
    except NumberRefusedError as error:
        _log.warning("number refused by the carrier", login=sending.login_id, reason=str(error))
        return _failure(visitor, "sms_refused", 422, is_final=True)


def _by_mail(visitor: Visitor, sending: CodeToSend) -> Sent | Failure:
    parts = wired()
    if parts.mail is None:
        return _failure(visitor, "mail_down", 503)
    subject, text = code_message.write_mail(
        parts.texts, parts.settings.store.name, visitor.language, sending
    )
    try:
        parts.mail.send(sending.account.value, subject, text)
    except MailboxRefusedError as error:
        _log.warning("mailbox refused", login=sending.login_id, reason=str(error))
        return _failure(visitor, "mail_refused", 422, is_final=True)
    except MailError as error:
        _log.error("the mail server took no code", login=sending.login_id, reason=str(error))
        return _failure(visitor, "mail_down", 503)
    return Sent(_BY_MAIL, "", keeps_code=False)


def _failure(visitor: Visitor, name: str, status: int, *, is_final: bool = False) -> Failure:
    text = wired().texts.text(visitor.language, f"problem.{name}")
    return Failure(text, status, is_final)
