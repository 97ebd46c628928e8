"""api.weixin.qq.com, as far as a login needs it, with its documented errors."""

import json
import secrets
import time

from flask import Blueprint, abort, current_app, request

from tests.fakes.wechat.state import LOGINS_A_MINUTE, RefusedError

bp = Blueprint("api", __name__)

MOST_QR_S = 2_592_000


def state():
    return current_app.extensions["wechat"]


@bp.errorhandler(RefusedError)
def refuse(error):
    rid = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    # With status 200, and as text/plain: so WeChat answers.
    body = json.dumps({"errcode": error.number, "errmsg": f"{error.words}, rid: {rid}"})
    return body, 200, {"content-type": "text/plain"}


def answer(**fields):
    return json.dumps(fields, ensure_ascii=False), 200, {"content-type": "text/plain"}


@bp.before_request
def misbehave():
    fault = state().fault_of(request.path)
    if fault:
        time.sleep(fault.get("slow_s", 0))
        if fault.get("status"):
            abort(fault["status"])
        if fault.get("body") is not None:
            return fault["body"]
        if fault.get("errcode"):
            raise RefusedError(fault["errcode"], "as ordered")
    return None


def body():
    try:
        found = json.loads(request.get_data())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RefusedError(47001, "data format error")
    return found


@bp.post("/cgi-bin/stable_token")
def stable_token():
    sent = body()
    if sent.get("grant_type") != "client_credential":
        raise RefusedError(40002, "invalid grant_type")
    kinds = ("official_account", "mini_program")
    with state().inside(request.path):
        app = state().with_secret(sent.get("appid"), sent.get("secret"), *kinds)
        if app.addresses and request.remote_addr not in app.addresses:
            raise RefusedError(40164, f"invalid ip {request.remote_addr}, not in whitelist")
        time.sleep(0.05)
        with state().lock:
            token = state().stable_token(app, sent.get("force_refresh") is True)
            left = int(token["ends"] - state().now())
    return answer(access_token=token["text"], expires_in=left)


@bp.post("/cgi-bin/qrcode/create")
def create_qr():
    app = called("official_account")
    match body():
        case {
            "expire_seconds": int(seconds),
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": str(scene)}},
        } if 0 < seconds <= MOST_QR_S and 1 <= len(scene) <= 64:
            pass
        case _:
            raise RefusedError(40053, "invalid action info")
    ticket = secrets.token_urlsafe(48)
    state().scenes[ticket[:20]] = (app.app_id, scene, state().now() + seconds, ticket)
    return answer(ticket=ticket, expire_seconds=seconds, url=f"{request.host_url}q/{ticket[:20]}")


@bp.post("/wxa/generate_urllink")
def generate_urllink():
    app, sent = called("mini_program"), body()
    if sent.get("path") != app.path:
        raise RefusedError(40165, "invalid weapp pagepath")
    if not isinstance(sent.get("query"), str) or len(sent["query"]) > 1024:
        raise RefusedError(40212, "invalid query")
    if sent.get("expire_type") != 1 or not 1 <= sent.get("expire_interval", 0) <= 30:
        raise RefusedError(85401, "expire_time invalid")
    with state().lock:
        if len(state().links) >= app.links_a_day:
            raise RefusedError(44993, "reach max daily quota")
        name = secrets.token_urlsafe(8)
        state().links[name] = (app.app_id, sent["path"], sent["query"])
    return answer(errcode=0, errmsg="ok", url_link=f"{request.host_url}l/{name}")


@bp.post("/wxa/business/getuserphonenumber")
def phone_number():
    app = called("mini_program")
    with state().lock:
        person = state().use_code("phone", app.app_id, body().get("code"), used=40029)
    watermark = {"timestamp": int(state().now()), "appid": app.app_id}
    return answer(
        errcode=0,
        errmsg="ok",
        phone_info={
            "phoneNumber": person.phone,
            "purePhoneNumber": person.phone,
            "countryCode": person.country,
            "watermark": watermark,
        },
    )


@bp.get("/sns/jscode2session")
def session_of_code():
    app = granted("authorization_code", "mini_program")
    with state().lock:
        person = state().use_code("login", app.app_id, request.args.get("js_code"))
        if person.is_blocked:
            raise RefusedError(40226, "code blocked")
        lately = [at for at in state().logins[person.name] if state().now() - at < 60]
        if len(lately) >= LOGINS_A_MINUTE:
            raise RefusedError(45011, "api minute-quota reach limit")
        state().logins[person.name] = [*lately, state().now()]
    openid = state().openid(app.app_id, person.name)
    bound = {"unionid": state().unionid(person.name)} if person.is_bound else {}
    # Without errcode: so WeChat answers here.
    return answer(openid=openid, session_key=secrets.token_urlsafe(16), **bound)


@bp.get("/sns/oauth2/access_token")
def oauth_token():
    app = granted("authorization_code", "official_account", "website")
    kind = "oauth" if app.kind == "official_account" else "website"
    with state().lock:
        person = state().use_code(kind, app.app_id, request.args.get("code"))
    extra = {}
    name = person.name
    if person.is_snapshot:
        extra["is_snapshotuser"] = 1
        name = f"nobody-{secrets.token_hex(4)}"
    if kind == "website":
        extra["unionid"] = state().unionid(name)
    return answer(
        access_token=secrets.token_urlsafe(48),
        expires_in=7200,
        refresh_token=secrets.token_urlsafe(48),
        openid=state().openid(app.app_id, name),
        scope="snsapi_base" if kind == "oauth" else "snsapi_login",
        **extra,
    )


@bp.get("/cgi-bin/user/info")
def user_info():
    app = called("official_account")
    person = state().who(app.app_id, request.args.get("openid"))
    fields = {"subscribe": int(app.app_id in person.follows), "openid": request.args["openid"]}
    if fields["subscribe"] and person.is_bound:
        fields["unionid"] = state().unionid(person.name)
    return answer(**fields)


def called(kind):
    app = state().check_token(request.args.get("access_token"))
    state().calls[request.path] += 1
    if app.kind != kind:
        raise RefusedError(48001, "api unauthorized")
    return app


def granted(grant, *kinds):
    if request.args.get("grant_type") != grant:
        raise RefusedError(40002, "invalid grant_type")
    state().calls[request.path] += 1
    return state().with_secret(request.args.get("appid"), request.args.get("secret"), *kinds)
