"""Sends a code once its transaction is through, and answers the shopper."""

from werkzeug.wrappers import Response as AnyResponse

from core.log import Log
from core.models.device import Device
from portal import code_message, page
from portal.login import CodeToSend
from portal.sms.carriers import Carriers
from portal.sms.shape import CarrierError, NumberBusyError, NumberRefusedError
from portal.views import steps
from portal.visitor import Visitor, arrive, wired

_log = Log("portal")


def deliver(
    visitor: Visitor, device: Device, sms: Carriers, sending: CodeToSend, *, again: bool
) -> AnyResponse:
    parts = wired()
    message = code_message.write(parts.texts, parts.settings.store.name, visitor.language, sending)
    try:
        sent = sms.send(message, visitor.now, sending.usual_carrier)
    except CarrierError as error:
        _log.error("no carrier took a code", login=sending.login_id, reason=str(error))
        problem = parts.texts.text(visitor.language, "problem.sms_down")
        return steps.code_page(arrive(), problem=problem, status=503)
    except NumberBusyError as error:
        _log.warning("number busy at the carrier", login=sending.login_id, reason=str(error))
        problem = parts.texts.text(visitor.language, "problem.sms_too_often")
        return steps.code_page(arrive(), problem=problem, status=429)
    except NumberRefusedError as error:
        _log.warning("number refused by the carrier", login=sending.login_id, reason=str(error))
        with parts.database.writing() as session:
            parts.login_desk.abandon(session, device)
        problem = parts.texts.text(visitor.language, "problem.sms_refused")
        typed = {"phone": sending.phone.e164(), "terms": "yes"}
        return steps.phone_page(visitor, typed=typed, problem=problem, status=422)
    with parts.database.writing() as session:
        parts.login_desk.record_sent(session, sending, sent)
    _log.info("code sent", login=sending.login_id, carrier=sent.carrier, again=again)
    return page.go("/code?sent=again" if again else "/code", visitor)
