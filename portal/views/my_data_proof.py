"""Proves an account again: for my data, or to take the place of a member's old number."""

import dataclasses

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from core.account import Account
from core.log import Log
from core.models.device import Device
from core.models.login import Login, LoginState, Serves
from portal import devices, forms, mutex, page
from portal.forms import Fault
from portal.my_data import corrections, dossier, fresh_proof
from portal.sms.shape import CarrierError, NumberBusyError, NumberRefusedError, SmsError
from portal.views import steps
from portal.visitor import Visitor, arrive, wired
from portal.ways import code_message
from portal.ways.limits import Refusal
from portal.ways.login import CodeToSend, LoginDesk, Try, Verdict, account_of

bp = Blueprint("my_data_proof", __name__)
_log = Log("portal")

_NO_SMS = "problem.no_sms"
PATHS = {Serves.MY_DATA: "/my-data", Serves.NEW_NUMBER: "/my-data/number"}


def ask_page(
    visitor: Visitor,
    serves: Serves = Serves.MY_DATA,
    *,
    fault: str = "",
    problem: str = "",
    status: int = 200,
) -> AnyResponse:
    """The page that asks for a number."""
    parts = wired()
    return page.render(
        "my_data_ask.html",
        visitor.language,
        status,
        here=f"{PATHS[serves]}?change=1",
        path=PATHS[serves],
        serves=serves,
        typed=request.form.get("phone", ""),
        fault=fault,
        problem=problem or ("" if parts.sms else parts.texts.text(visitor.language, _NO_SMS)),
        countries=parts.settings.store.countries,
    )


def code_page(
    visitor: Visitor, login: Login, *, fault: str = "", problem: str = "", status: int = 200
) -> AnyResponse:
    """The page that asks for the code of `login`."""
    return page.render(
        "my_data_code.html",
        visitor.language,
        status,
        here=PATHS[login.serves],
        path=PATHS[login.serves],
        account=account_of(wired().sealer, login).masked(),
        sent_again=request.args.get("sent") == "again",
        fault=fault,
        problem=problem,
    )


@bp.get("/my-data/number")
def show_number() -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is None:
        return page.go(PATHS[Serves.MY_DATA], visitor)
    with parts.database.reading() as session:
        if fresh_proof.of(session, device, visitor.now) is None:
            return page.go(PATHS[Serves.MY_DATA], visitor)
        waits = fresh_proof.awaited(session, device, Serves.NEW_NUMBER, visitor.now)
    if waits and "change" not in request.args:
        return code_page(visitor, waits)
    return ask_page(visitor, Serves.NEW_NUMBER)


@bp.get("/my-data/<any(proof, code, resend):_step>")
def go_back(_step: str) -> ResponseReturnValue:
    """A sheet that is reopened asks again for where its last form went."""
    return page.go(PATHS[Serves.MY_DATA], arrive())


@bp.get("/my-data/number/<any(proof, code, resend):_step>")
def go_back_to_number(_step: str) -> ResponseReturnValue:
    return page.go(PATHS[Serves.NEW_NUMBER], arrive())


@bp.post("/my-data/proof", defaults={"serves": Serves.MY_DATA})
@bp.post("/my-data/number/proof", defaults={"serves": Serves.NEW_NUMBER})
def start(serves: Serves) -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    form = forms.read_phone({**request.form, "terms": "yes"}, parts.settings.store.countries)
    if form.phone is None:
        fault = parts.texts.text(visitor.language, f"fault.{form.faults['phone']}")
        return ask_page(visitor, serves, fault=fault, status=422)
    if parts.sms is None:
        return ask_page(visitor, serves, status=503)
    with parts.database.writing() as session:
        device = devices.find_or_make(session, parts.sealer, visitor.mac, visitor.now)
        mutex.hold(session, device.lookup)
        is_proven = fresh_proof.of(session, device, visitor.now) is not None
        if serves is Serves.NEW_NUMBER and not is_proven:
            return page.go(PATHS[Serves.MY_DATA], visitor)
        if (
            serves is Serves.MY_DATA
            and fresh_proof.awaited(session, device, serves, visitor.now) is None
        ):
            # What is not fresh any more proves nothing, so it stands in the way of a new code.
            fresh_proof.end(session, device)
        account = Account.of_phone(form.phone)
        outcome = _desk(serves).start(session, device, account, visitor.language, visitor.now)
    if isinstance(outcome, Refusal):
        problem, status = steps.explain(visitor, outcome)
        return ask_page(visitor, serves, problem=problem, status=status)
    if isinstance(outcome, CodeToSend):
        return _deliver(visitor, device, serves, outcome)
    return page.go(PATHS[serves], visitor)


@bp.post("/my-data/resend", defaults={"serves": Serves.MY_DATA})
@bp.post("/my-data/number/resend", defaults={"serves": Serves.NEW_NUMBER})
def resend(serves: Serves) -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is None or parts.sms is None:
        return page.go(PATHS[serves], visitor)
    with parts.database.writing() as session:
        outcome = _desk(serves).resend(session, device, visitor.now)
        login = fresh_proof.awaited(session, device, serves, visitor.now)
    if isinstance(outcome, Refusal) and login is not None:
        problem, status = steps.explain(visitor, outcome)
        return code_page(visitor, login, problem=problem, status=status)
    if isinstance(outcome, CodeToSend):
        return _deliver(visitor, device, serves, outcome, again=True)
    return page.go(PATHS[serves], visitor)


@bp.post("/my-data/code", defaults={"serves": Serves.MY_DATA})
@bp.post("/my-data/number/code", defaults={"serves": Serves.NEW_NUMBER})
def check(serves: Serves) -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is None:
        return page.go(PATHS[serves], visitor)
    with parts.database.reading() as session:
        login = fresh_proof.awaited(session, device, serves, visitor.now)
    if login is None:
        return page.go(PATHS[serves], visitor)
    code = forms.read_code(request.form)
    if code is None:
        fault = parts.texts.text(visitor.language, f"fault.{Fault.CODE_MALFORMED}")
        return code_page(visitor, login, fault=fault, status=422)
    try:
        carrier_says = _ask_carrier(login, code)
    except SmsError as error:
        _log.error("the carrier did not check a code", reason=str(error))
        problem = parts.texts.text(visitor.language, "problem.check_down")
        return code_page(visitor, login, problem=problem, status=503)
    with parts.database.writing() as session:
        tried = _desk(serves).verify(session, device, code, visitor.now, carrier_says=carrier_says)
        is_right = tried is not None and tried.verdict is Verdict.RIGHT
        is_taken = (
            serves is Serves.NEW_NUMBER
            and is_right
            and not _change_number(session, visitor, device, login.id)
        )
    if is_taken:
        problem = parts.texts.text(visitor.language, "my_data.number_taken")
        return ask_page(visitor, serves, problem=problem, status=409)
    return _answer(visitor, login, tried)


def _change_number(session: Session, visitor: Visitor, device: Device, login_id: int) -> bool:
    """Whether the number that was just proven is the member's now."""
    parts = wired()
    proof = fresh_proof.of(session, device, visitor.now)
    login = session.get_one(Login, login_id)
    is_changed = proof is not None and corrections.change_number(
        session,
        parts.sealer,
        dossier.read(session, parts.sealer, proof, visitor.now),
        login,
        store_id=parts.settings.store.id,
        now=visitor.now,
    )
    if is_changed:
        _log.info("a member changed the number", login=login_id)
    else:
        # It was proven for nothing.
        login.state = LoginState.LOCKED
    return is_changed


def _desk(serves: Serves) -> LoginDesk:
    return dataclasses.replace(wired().login_desk, serves=serves)


def _ask_carrier(login: Login, code: str) -> bool | None:
    """What the carrier says of a code that it made itself; None if we made it. SmsError."""
    parts = wired()
    if login.code_carrier is None or parts.sms is None:
        return None
    return parts.sms.check(login.code_carrier, account_of(parts.sealer, login).phone, code)


def _answer(visitor: Visitor, login: Login, tried: Try | None) -> AnyResponse:
    if tried is None or tried.verdict is Verdict.RIGHT:
        return page.go(PATHS[Serves.MY_DATA], visitor)
    text = wired().texts.text(visitor.language, f"tried.{tried.verdict}", left=tried.left)
    if tried.verdict is Verdict.LOCKED:
        _log.warning("login locked after wrong codes", login=login.id)
        return ask_page(visitor, login.serves, problem=text, status=429)
    return code_page(visitor, login, fault=text, status=422)


def _deliver(
    visitor: Visitor, device: Device, serves: Serves, sending: CodeToSend, *, again: bool = False
) -> AnyResponse:
    parts = wired()
    message = code_message.write(parts.texts, parts.settings.store.name, visitor.language, sending)
    try:
        sent = parts.sms.send(message, visitor.now, sending.usual_carrier) if parts.sms else None
    except CarrierError as error:
        _log.error("no carrier took a code", login=sending.login_id, reason=str(error))
        return _undelivered(visitor, sending, "problem.sms_down", 503)
    except NumberBusyError as error:
        _log.warning("number busy at the carrier", login=sending.login_id, reason=str(error))
        return _undelivered(visitor, sending, "problem.sms_too_often", 429)
    except NumberRefusedError as error:
        _log.warning("number refused by the carrier", login=sending.login_id, reason=str(error))
        with parts.database.writing() as session:
            _desk(serves).abandon(session, device)
        problem = parts.texts.text(visitor.language, "problem.sms_refused")
        return ask_page(visitor, serves, problem=problem, status=422)
    if sent is not None:
        with parts.database.writing() as session:
            _desk(serves).record_sent(session, sending, sent)
        _log.info("code sent", login=sending.login_id, carrier=sent.carrier, again=again)
    return page.go(PATHS[serves] + ("?sent=again" if again else ""), visitor)


def _undelivered(visitor: Visitor, sending: CodeToSend, key: str, status: int) -> AnyResponse:
    parts = wired()
    with parts.database.reading() as session:
        login = session.get_one(Login, sending.login_id)
    problem = parts.texts.text(visitor.language, key)
    return code_page(visitor, login, problem=problem, status=status)
