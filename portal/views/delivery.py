"""Sends a code once its transaction is through, and answers the shopper."""

from werkzeug.wrappers import Response as AnyResponse

from core.account import AccountKind
from core.log import Log
from core.models.device import Device
from portal import page
from portal.sms.carriers import Sent
from portal.sms.shape import CarrierError, NumberBusyError, NumberRefusedError
from portal.views import entry, steps
from portal.visitor import Visitor, arrive, wired
from portal.ways import code_message, mail
from portal.ways.login import CodeToSend
from portal.ways.mail import MailboxRefusedError, MailError

_log = Log("portal")


def deliver(visitor: Visitor, device: Device, sending: CodeToSend, *, again: bool) -> AnyResponse:
    """By mail or text message, as its account is."""
    if sending.account.kind is AccountKind.EMAIL:
        return _mail(visitor, device, sending, again=again)
    parts = wired()
    if parts.sms is None:
        return _try_again(visitor, "problem.no_sms", 503)
    message = code_message.write(parts.texts, parts.settings.store.name, visitor.language, sending)
    try:
        sent = parts.sms.send(message, visitor.now, sending.usual_carrier)
    except CarrierError as error:
        _log.error("no carrier took a code", login=sending.login_id, reason=str(error))
        return _try_again(visitor, "problem.sms_down", 503)
    except NumberBusyError as error:
        _log.warning("number busy at the carrier", login=sending.login_id, reason=str(error))
        return _try_again(visitor, "problem.sms_too_often", 429)
    except NumberRefusedError as error:
        _log.warning("number refused by the carrier", login=sending.login_id, reason=str(error))
        problem = _give_up(visitor, device, "problem.sms_refused")
        typed = {"phone": sending.account.phone.e164(), "terms": "yes"}
        return steps.phone_page(visitor, typed=typed, problem=problem, status=422)
    return _sent(visitor, sending, sent, again=again)


def _mail(visitor: Visitor, device: Device, sending: CodeToSend, *, again: bool) -> AnyResponse:
    parts = wired()
    if parts.mail is None:
        return _try_again(visitor, "problem.mail_down", 503)
    subject, text = code_message.write_mail(
        parts.texts, parts.settings.store.name, visitor.language, sending
    )
    try:
        parts.mail.send(sending.account.value, subject, text)
    except MailboxRefusedError as error:
        _log.warning("mailbox refused", login=sending.login_id, reason=str(error))
        problem = _give_up(visitor, device, "problem.mail_refused")
        typed = {"email": sending.account.value, "terms": "yes"}
        return entry.show(visitor, "email", typed=typed, problem=problem, status=422)
    except MailError as error:
        _log.error("the mail server took no code", login=sending.login_id, reason=str(error))
        return _try_again(visitor, "problem.mail_down", 503)
    return _sent(visitor, sending, Sent(mail.NAME, "", keeps_code=False), again=again)


def _sent(visitor: Visitor, sending: CodeToSend, sent: Sent, *, again: bool) -> AnyResponse:
    parts = wired()
    with parts.database.writing() as session:
        parts.login_desk.record_sent(session, sending, sent)
    _log.info("code sent", login=sending.login_id, carrier=sent.carrier, again=again)
    return page.go("/code?sent=again" if again else "/code", visitor)


def _try_again(visitor: Visitor, key: str, status: int) -> AnyResponse:
    problem = wired().texts.text(visitor.language, key)
    return steps.code_page(arrive(), problem=problem, status=status)


def _give_up(visitor: Visitor, device: Device, key: str) -> str:
    """Close the login, since no code can reach its owner; what to say."""
    parts = wired()
    with parts.database.writing() as session:
        parts.login_desk.abandon(session, device)
    return parts.texts.text(visitor.language, key)
