"""The pages of the way online, as the views show them: empty, or with what went wrong."""

from collections.abc import Mapping

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from core.account import AccountKind
from core.members import consents
from core.metrics import counted
from core.models.campaign import Spot
from core.models.consent import Purpose
from core.models.login import LoginWay
from portal import page
from portal.forms import Fault
from portal.members import membership
from portal.views import entry, extras, last_session, offer
from portal.visitor import Visitor, wired
from portal.ways import limits, standing
from portal.ways.limits import Refusal
from portal.ways.login import account_of, whose
from portal.ways.standing import Stage

PATHS = {
    Stage.PHONE: "/",
    Stage.WECHAT: "/wechat",
    Stage.CODE: "/code",
    Stage.WAITING: "/guest",
    Stage.CONSENT: "/consent",
    Stage.CONNECT: "/connect",
    Stage.CHALLENGE: "/challenge",
    Stage.ONLINE: "/online",
}

# A code can be sent to these.
CODE_KINDS = frozenset({AccountKind.PHONE, AccountKind.EMAIL})

# Offered after the code. The terms came with the number.
_BOXES = (Purpose.MEMBERSHIP, Purpose.MARKETING, Purpose.VISIT_ANALYTICS)


def go_on(visitor: Visitor) -> AnyResponse:
    """Lead to the page of the step that the phone is at."""
    return page.go(PATHS[visitor.standing.stage], visitor)


def phone_page(
    visitor: Visitor,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, Fault] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    """The first page.

    Args:
        visitor: who sees it.
        typed: what the form held, to be shown again.
        faults: by field.
        problem: a text that belongs to no field.
        status: of the answer.
    """
    parts, login = wired(), visitor.standing.login
    needs_number = login is not None and standing.needs_number(login, visitor.now)
    return page.render(
        "phone.html",
        visitor.language,
        status,
        here="/" if visitor.standing.stage is Stage.PHONE else "/?change=1",
        # Whoever comes back from WeChat without a number has ticked it a moment ago.
        typed=typed or ({"terms": "yes"} if needs_number else {}),
        faults=faults or {},
        problem=problem,
        farewell=last_session.farewell(visitor),
        spent=last_session.data_are_spent(visitor),
        countries=parts.settings.store.countries,
        sms_is_open=parts.settings.ways.sms,
        sms_works=parts.sms is not None,
        is_known=entry.is_known(visitor),
        other_ways=entry.ways(parts),
        wechat_works=bool(entry.wechat_ways()) and not needs_number,
        needs_number=needs_number,
        offer=offer.shown(visitor),
        campaign=extras.shown(visitor, Spot.FIRST),
    )


def code_page(
    visitor: Visitor,
    *,
    fault: str = "",
    problem: str = "",
    sent_again: bool = False,
    status: int = 200,
) -> AnyResponse:
    """The page that asks for the code; another one if no code is awaited after all."""
    login, is_challenged = visitor.standing.login, visitor.standing.grant is not None
    if login is None or visitor.standing.stage is not Stage.CODE:
        return go_on(visitor)
    is_mail = login.way is LoginWay.EMAIL
    change = "/email?" if is_mail else "/?change=1&"
    return page.render(
        "code.html",
        visitor.language,
        status,
        here=PATHS[Stage.CODE],
        path="",
        # A challenge is to this account and no other.
        change="" if is_challenged else change,
        account=account_of(wired().sealer, login).masked(),
        is_mail=is_mail,
        is_offline=True,
        fault=fault,
        problem=problem,
        sent_again=sent_again,
        challenged=is_challenged,
        offer=offer.shown(visitor) if offer.is_open_to(visitor) else None,
    )


def consent_page(visitor: Visitor, *, problem: str = "", status: int = 200) -> AnyResponse:
    login = visitor.standing.login
    if login is None:
        return go_on(visitor)
    parts = wired()
    proof = membership.proof_of(parts.sealer, login, visitor.now)
    with parts.database.reading() as session:
        member = membership.find(session, parts.sealer, proof)
        given = consents.purposes(consents.live(session, whose(login), member))
    return page.render(
        "consent.html",
        visitor.language,
        status,
        problem=problem,
        here=PATHS[Stage.CONSENT],
        way=login.way.value,
        # Who shows nobody in particular can become no member.
        offered=[box for box in _BOXES if box not in given and proof.keys],
        given=[box for box in _BOXES if box in given],
        age=parts.settings.minimum_age,
    )


def connect_page(visitor: Visitor, *, failed: bool) -> Response:
    status = 503 if failed else 200
    here = PATHS[Stage.CONNECT]
    return page.render("connect.html", visitor.language, status, here=here, failed=failed)


def challenge_page(visitor: Visitor, *, problem: str = "", status: int = 200) -> AnyResponse:
    """The page of a grant on hold; another one if there is none."""
    login = visitor.standing.login
    if login is None or visitor.standing.stage is not Stage.CHALLENGE:
        return go_on(visitor)
    account = account_of(wired().sealer, login)
    return page.render(
        "challenge.html",
        visitor.language,
        status,
        here=PATHS[Stage.CHALLENGE],
        account=account.masked() if account.kind in CODE_KINDS else "",
        is_mail=account.kind is AccountKind.EMAIL,
        problem=problem,
    )


def explain(visitor: Visitor, refusal: Refusal) -> tuple[str, int]:
    """The text of a refusal, and the status to answer with."""
    counted.REFUSALS.add(refusal.reason)
    text = wired().texts.text(visitor.language, f"refused.{refusal.reason}", wait=refusal.wait_s)
    return text, 503 if refusal.reason is limits.Reason.STORE_DAY else 429
