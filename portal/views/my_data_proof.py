"""Proves an account again: for my data, or to take the place of a member's old one."""

import dataclasses

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from core.account import Account, AccountKind
from core.log import Log
from core.models.device import Device
from core.models.login import Login, LoginState, Serves
from portal import devices, forms, mutex, page
from portal.forms import Fault
from portal.my_data import corrections, fresh_proof
from portal.sms.shape import SmsError
from portal.views import delivery, entry, steps
from portal.visitor import Visitor, arrive, wired
from portal.ways.limits import Refusal
from portal.ways.login import CodeToSend, LoginDesk, Try, Verdict, account_of
from portal.ways.standing import Stage

bp = Blueprint("my_data_proof", __name__)
_log = Log("portal")

PATHS = {
    Serves.MY_DATA: "/my-data",
    Serves.NEW_NUMBER: "/my-data/number",
    Serves.NEW_EMAIL: "/my-data/email",
}
_NEW = {Serves.NEW_NUMBER: AccountKind.PHONE, Serves.NEW_EMAIL: AccountKind.EMAIL}


def can_reach() -> list[AccountKind]:
    """Whom codes can be sent to, whichever ways in are open: a member by mail stays one."""
    there = {AccountKind.PHONE: wired().sms, AccountKind.EMAIL: wired().mail}
    return [kind for kind, carrier in there.items() if carrier is not None]


def ask_page(
    visitor: Visitor,
    serves: Serves = Serves.MY_DATA,
    *,
    kind: AccountKind | None = None,
    fault: str = "",
    problem: str = "",
    status: int = 200,
) -> AnyResponse:
    """The page that asks for an account, by what the store has to prove it.

    Args:
        visitor: who sees it.
        serves: what for.
        kind: what was asked for last, if the address and the form do not tell.
        fault: of the field.
        problem: a text that belongs to no field.
        status: of the answer.
    """
    parts = wired()
    field = kind or _field(serves)
    is_for_my_data = serves is Serves.MY_DATA
    by_wechat = is_for_my_data and bool(entry.wechat_ways())
    if field is None and not by_wechat:
        problem = problem or parts.texts.text(visitor.language, "my_data.no_way")
    return page.render(
        "my_data_ask.html",
        visitor.language,
        status,
        here=f"{PATHS[serves]}?change=1" + (f"&by={field}" if field and is_for_my_data else ""),
        path=PATHS[serves],
        serves=serves,
        field=field,
        others=[kind for kind in can_reach() if kind is not field and is_for_my_data],
        by_wechat=by_wechat,
        typed=request.form,
        fault=fault,
        problem=problem,
        countries=parts.settings.store.countries,
    )


def code_page(
    visitor: Visitor, login: Login, *, fault: str = "", problem: str = "", status: int = 200
) -> AnyResponse:
    """The page that asks for the code of `login`."""
    account, path = account_of(wired().sealer, login), PATHS[login.serves]
    return page.render(
        "code.html",
        visitor.language,
        status,
        here=path,
        path=path,
        change=f"{path}?change=1&by={account.kind}&",
        account=account.masked(),
        is_mail=account.kind is AccountKind.EMAIL,
        is_offline=visitor.standing.stage is not Stage.ONLINE,
        sent_again=request.args.get("sent") == "again",
        fault=fault,
        problem=problem,
    )


@bp.get("/my-data/number", defaults={"serves": Serves.NEW_NUMBER})
@bp.get("/my-data/email", defaults={"serves": Serves.NEW_EMAIL})
def show_new(serves: Serves) -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is None:
        return page.go(PATHS[Serves.MY_DATA], visitor)
    with parts.database.reading() as session:
        if fresh_proof.of(session, device, visitor.now) is None:
            return page.go(PATHS[Serves.MY_DATA], visitor)
        waits = fresh_proof.awaited(session, device, serves, visitor.now)
    if waits and "change" not in request.args:
        return code_page(visitor, waits)
    return ask_page(visitor, serves)


@bp.get("/my-data/<any(proof, code, resend):_step>", defaults={"serves": Serves.MY_DATA})
@bp.get("/my-data/number/<any(proof, code, resend):_step>", defaults={"serves": Serves.NEW_NUMBER})
@bp.get("/my-data/email/<any(proof, code, resend):_step>", defaults={"serves": Serves.NEW_EMAIL})
def go_back(serves: Serves, _step: str) -> ResponseReturnValue:
    """A sheet that is reopened asks again for where its last form went."""
    return page.go(PATHS[serves], arrive())


@bp.post("/my-data/proof", defaults={"serves": Serves.MY_DATA})
@bp.post("/my-data/number/proof", defaults={"serves": Serves.NEW_NUMBER})
@bp.post("/my-data/email/proof", defaults={"serves": Serves.NEW_EMAIL})
def start(serves: Serves) -> ResponseReturnValue:
    visitor, parts, field = arrive(), wired(), _field(serves)
    if field is None:
        return ask_page(visitor, serves, status=503)
    account = _typed(field)
    if isinstance(account, Fault):
        fault = parts.texts.text(visitor.language, f"fault.{account}")
        return ask_page(visitor, serves, fault=fault, status=422)
    with parts.database.writing() as session:
        device = devices.find_or_make(session, parts.sealer, visitor.mac, visitor.now)
        mutex.hold(session, device.lookup)
        is_proven = fresh_proof.of(session, device, visitor.now) is not None
        if serves is not Serves.MY_DATA and not is_proven:
            return page.go(PATHS[Serves.MY_DATA], visitor)
        if (
            serves is Serves.MY_DATA
            and fresh_proof.awaited(session, device, serves, visitor.now) is None
        ):
            # What is not fresh any more proves nothing, so it stands in the way of a new code.
            fresh_proof.end(session, device)
        outcome = _desk(serves).start(session, device, account, visitor.language, visitor.now)
    if isinstance(outcome, Refusal):
        problem, status = steps.explain(visitor, outcome)
        return ask_page(visitor, serves, problem=problem, status=status)
    if isinstance(outcome, CodeToSend):
        return _deliver(visitor, device, serves, outcome)
    return page.go(PATHS[serves], visitor)


@bp.post("/my-data/resend", defaults={"serves": Serves.MY_DATA})
@bp.post("/my-data/number/resend", defaults={"serves": Serves.NEW_NUMBER})
@bp.post("/my-data/email/resend", defaults={"serves": Serves.NEW_EMAIL})
def resend(serves: Serves) -> ResponseReturnValue:
    visitor, parts = arrive(), wired()
    device = visitor.standing.device
    if device is None:
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
@bp.post("/my-data/email/code", defaults={"serves": Serves.NEW_EMAIL})
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
        carrier_says = delivery.carrier_says(login, code)
    except SmsError as error:
        _log.error("the carrier did not check a code", reason=str(error))
        problem = parts.texts.text(visitor.language, "problem.check_down")
        return code_page(visitor, login, problem=problem, status=503)
    with parts.database.writing() as session:
        tried = _desk(serves).verify(session, device, code, visitor.now, carrier_says=carrier_says)
        is_right = tried is not None and tried.verdict is Verdict.RIGHT
        is_taken = (
            serves is not Serves.MY_DATA
            and is_right
            and not _change_account(session, visitor, device, login.id)
        )
    if is_taken:
        problem = parts.texts.text(visitor.language, f"my_data.{serves}_taken")
        return ask_page(visitor, serves, problem=problem, status=409)
    return _answer(visitor, login, tried)


def _field(serves: Serves) -> AccountKind | None:
    """Which account the page asks for; None if no code can be sent."""
    able = can_reach()
    if serves in _NEW:
        return _NEW[serves] if _NEW[serves] in able else None
    asked = request.args.get("by") or next((kind for kind in able if kind in request.form), "")
    return next((kind for kind in able if kind == asked), able[0] if able else None)


def _typed(kind: AccountKind) -> Account | Fault:
    # No terms are asked for here.
    form = {**request.form, "terms": "yes"}
    if kind is AccountKind.EMAIL:
        address, faults = forms.read_email(form)
        return Account(kind, address.text()) if address else faults["email"]
    found = forms.read_phone(form, wired().settings.store.countries)
    return Account.of_phone(found.phone) if found.phone else found.faults["phone"]


def _change_account(session: Session, visitor: Visitor, device: Device, login_id: int) -> bool:
    """Whether the number or address that was just proven is the member's now."""
    parts = wired()
    proof = fresh_proof.of(session, device, visitor.now)
    login = session.get_one(Login, login_id)
    is_changed = proof is not None and corrections.change_account(
        session,
        parts.sealer,
        fresh_proof.dossier_by(session, parts.sealer, proof, visitor.now),
        login,
        store_id=parts.settings.store.id,
        now=visitor.now,
    )
    if is_changed:
        _log.info("a member changed an account", login=login_id, way=login.way)
    else:
        # It was proven for nothing.
        login.state = LoginState.LOCKED
    return is_changed


def _desk(serves: Serves) -> LoginDesk:
    return dataclasses.replace(wired().login_desk, serves=serves)


def _answer(visitor: Visitor, login: Login, tried: Try | None) -> AnyResponse:
    if tried is None or tried.verdict is Verdict.RIGHT:
        return page.go(PATHS[Serves.MY_DATA], visitor)
    text = wired().texts.text(visitor.language, f"tried.{tried.verdict}", left=tried.left)
    if tried.verdict is Verdict.LOCKED:
        _log.warning("login locked after wrong codes", login=login.id)
        kind = account_of(wired().sealer, login).kind
        return ask_page(visitor, login.serves, kind=kind, problem=text, status=429)
    return code_page(visitor, login, fault=text, status=422)


def _deliver(
    visitor: Visitor, device: Device, serves: Serves, sending: CodeToSend, *, again: bool = False
) -> AnyResponse:
    failure = delivery.send(visitor, device, _desk(serves), sending, again=again)
    if failure is None:
        return page.go(PATHS[serves] + ("?sent=again" if again else ""), visitor)
    if failure.is_final:
        kind = sending.account.kind
        return ask_page(visitor, serves, kind=kind, problem=failure.problem, status=failure.status)
    with wired().database.reading() as session:
        login = session.get_one(Login, sending.login_id)
    return code_page(visitor, login, problem=failure.problem, status=failure.status)
