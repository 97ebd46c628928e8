"""Sends a code once its transaction is through, and answers the shopper."""

from werkzeug.wrappers import Response as AnyResponse

from core.log import Log
from core.models.device import Device
from portal import code_message, page
from portal.login import CodeToSend
from portal.sms.shape import PermanentSmsError, SmsProvider, TemporarySmsError
from portal.views import steps
from portal.visitor import Visitor, arrive, wired

_log = Log("portal")


def deliver(
    visitor: Visitor, device: Device, sms: SmsProvider, sending: CodeToSend, *, again: bool
) -> AnyResponse:
    parts = wired()
    message = code_message.write(parts.texts, parts.settings.store.name, visitor.language, sending)
    try:
        sms.send(message, visitor.now)
    except TemporarySmsError as error:
        _log.warning("code not sent", login=sending.login_id, reason=str(error))
        problem = parts.texts.text(visitor.language, "problem.sms_down")
        return steps.code_page(arrive(), problem=problem, status=503)
    except PermanentSmsError as error:
        _log.error("code refused by the carrier", login=sending.login_id, reason=str(error))
        with parts.database.writing() as session:
            parts.login_desk.abandon(session, device)
        problem = parts.texts.text(visitor.language, "problem.sms_refused")
        typed = {"phone": sending.phone.e164(), "terms": "yes"}
        return steps.phone_page(visitor, typed=typed, problem=problem, status=422)
    _log.info("code sent", login=sending.login_id, again=again)
    return page.go("/code?sent=again" if again else "/code", visitor)
