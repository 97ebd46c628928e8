"""What somebody sees in WeChat: pages of authorisation, a chat, a mini-program.

A browser may open these: the links and buttons are those that a person would tap. Who the
person is, is in the cookie `wechat_user` (`/client/be/<name>`), else in `as`.
"""

import html
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from flask import Blueprint, current_app, make_response, redirect, request

from tests.fakes.wechat import callbacks

bp = Blueprint("pages", __name__)

_STATE = re.compile(r"[a-zA-Z0-9]{0,128}")


def state():
    return current_app.extensions["wechat"]


def me():
    return request.values.get("as") or request.cookies.get("wechat_user") or "alice"


def page(title, body, status=200):
    text = f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}"
    return make_response(text, status)


def button(action, name, label, **fields):
    hidden = "".join(
        f'<input type=hidden name="{key}" value="{html.escape(value)}">'
        for key, value in fields.items()
    )
    return (
        f'<form method=post action="{html.escape(action)}">{hidden}'
        f"<button id={name}>{label}</button></form>"
    )


@bp.get("/client/be/<name>")
def be(name):
    state().person(name)
    answer = page("WeChat", f"<p>{html.escape(name)}</p>")
    answer.set_cookie("wechat_user", name)
    return answer


@bp.get("/client/scan")
def scan():
    """Point the camera at a QR code that says `url`, or tap a link that opens WeChat."""
    url = urlsplit(request.args["url"])
    if url.scheme == "weixin":
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        return redirect(f"/client/mini-program?{urlencode(query)}")
    return redirect(f"{url.path}?{url.query}")


def checked(kind, scopes):
    """The app and the address to go back to, or a page that says why not."""
    asked = request.args
    app = state().apps.get(asked.get("appid"))
    if app is None or app.kind != kind:
        return None, page("appid 参数错误", "", 400)
    back = urlsplit(asked.get("redirect_uri", ""))
    if back.netloc != app.domain or not app.domain:
        return None, page("redirect_uri 参数错误", "<p>10003</p>", 400)
    if asked.get("response_type") != "code" or asked.get("scope") not in scopes:
        return None, page("scope 参数错误", "<p>10005</p>", 400)
    if not _STATE.fullmatch(asked.get("state", "")):
        return None, page("state 参数错误", "", 400)
    return app, asked["redirect_uri"]


@bp.get("/connect/oauth2/authorize")
def authorize():
    app, back = checked("official_account", {"snsapi_base", "snsapi_userinfo"})
    if app is None:
        return back
    if "MicroMessenger" not in request.headers.get("User-Agent", ""):
        return page("请在微信客户端打开链接", "", 400)
    # `snsapi_base` asks nothing.
    code = state().make_code("oauth", app.app_id, me())
    return redirect(f"{back}?{urlencode({'code': code, 'state': request.args['state']})}")


@bp.get("/connect/qrconnect")
def qrconnect():
    app, back = checked("website", {"snsapi_login"})
    if app is None:
        return back
    fields = {"back": back, "state": request.args.get("state", ""), "app": app.app_id}
    allow = button("/connect/qrconnect/allow", "allow", "允许", **fields)
    return page("微信登录", allow + button("/connect/qrconnect/refuse", "refuse", "拒绝", **fields))


@bp.post("/connect/qrconnect/allow")
def allow():
    code = state().make_code("website", request.form["app"], me())
    fields = {"code": code, "state": request.form["state"]}
    return redirect(f"{request.form['back']}?{urlencode(fields)}")


@bp.post("/connect/qrconnect/refuse")
def refuse():
    return redirect(f"{request.form['back']}?{urlencode({'state': request.form['state']})}")


@bp.get("/q/<name>")
def code_page(name):
    if name not in state().scenes or state().scenes[name][2] <= state().now():
        return page("二维码已失效", "", 404)
    return page("公众号", button(f"/q/{name}/follow", "follow", "关注公众号"))


@bp.post("/q/<name>/follow")
def follow(name):
    """Scan and follow; the account's reply is shown as the chat would, links included."""
    app_id, scene, ends, ticket = state().scenes[name]
    if ends <= state().now():
        return page("二维码已失效", "", 404)
    app, person = state().apps[app_id], state().person(me())
    new = app_id not in person.follows
    person.follows.add(app_id)
    fields = {
        "Event": "subscribe" if new else "SCAN",
        "EventKey": f"qrscene_{scene}" if new else scene,
        "Ticket": ticket,
    }
    done = tell(app, person, fields)
    if request.form.get("json"):
        return done
    # WeChat shows `<a href>` in texts as a link; whatever else is in them, as text.
    return page("公众号", f"<div id=chat>{done['reply'] or ''}</div>")


def tell(app, person, fields):
    openid = state().openid(app.app_id, person.name)
    now = state().now()
    return callbacks.deliver(app, callbacks.event(app, openid, now, **fields), now, state().retry_s)


@bp.get("/l/<name>")
def link(name):
    app_id, path, query = state().links[name]
    fields = {"appid": app_id, "path": path, "query": query}
    return redirect(f"/client/mini-program?{urlencode(fields)}")


@bp.get("/client/mini-program")
def mini_program():
    """The page of our mini-program: what its own source does, done on this side."""
    app = state().apps.get(request.args.get("appid"))
    if app is None or app.kind != "mini_program" or request.args.get("path") != app.path:
        return page("小程序不存在", "", 404)
    login = parse_qs(request.args.get("query", "")).get("login", [""])[0]
    greeting = _ask(app, "greet", {"login": login})
    if greeting.status_code != 200:
        return page("连接 Wi-Fi", f"<p id=result>{greeting.json()['error']}</p>")
    number = f"<p id=match>{greeting.json()['match_code']}</p>"
    tap = button("/client/mini-program", "phone", "允许", login=login, appid=app.app_id)
    return page("连接 Wi-Fi", number + tap)


@bp.post("/client/mini-program")
def tap_phone():
    app = state().apps[request.form["appid"]]
    sent = {
        "login": request.form["login"],
        "login_code": state().make_code("login", app.app_id, me()),
        "phone_code": state().make_code("phone", app.app_id, me()),
    }
    done = _ask(app, "prove", sent)
    result = "proved" if done.status_code == 200 else done.json()["error"]
    return page("连接 Wi-Fi", f"<p id=result>{result}</p>")


def _ask(app, question, sent):
    return httpx.post(
        f"{app.server}/wechat/mini-program/{question}",
        json=sent,
        timeout=20,
        trust_env=False,
        verify=callbacks.TLS,
    )
