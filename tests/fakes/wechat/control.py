"""What a test tells the fake: the time, faults, accounts and people."""

import dataclasses

from flask import Blueprint, current_app, request

from tests.fakes.wechat import callbacks
from tests.fakes.wechat.pages import tell

bp = Blueprint("control", __name__, url_prefix="/control")


def state():
    return current_app.extensions["wechat"]


@bp.post("/clock")
def clock():
    state().ahead_s += request.json["pass_s"]
    return {"ahead_s": state().ahead_s}


@bp.post("/fault")
def fault():
    """{path, count, and one of errcode, status, body; or slow_s}."""
    state().faults.append({"count": 1, **request.json})
    return {}


@bp.post("/calm")
def calm():
    state().faults.clear()
    return {}


@bp.post("/app/<app_id>")
def change_app(app_id):
    for name, value in request.json.items():
        assert name in {field.name for field in dataclasses.fields(state().apps[app_id])}
        setattr(state().apps[app_id], name, value)
    return {}


@bp.post("/person/<name>")
def change_person(name):
    person = state().person(name)
    for field, value in request.json.items():
        assert hasattr(person, field)
        setattr(person, field, value)
    return {}


@bp.post("/code")
def code():
    return {"code": state().make_code(**request.json)}


@bp.post("/foreign-token/<app_id>")
def foreign_token(app_id):
    """Another program fetches a token the old way: ours is good no more, and
    stable_token does not know it yet.
    """
    for token in state().tokens[app_id]:
        token["revoked"] = True
        token["hidden"] = request.json["noticed"]
    return {}


@bp.post("/unfollow/<app_id>/<name>")
def unfollow(app_id, name):
    person = state().person(name)
    person.follows.discard(app_id)
    return tell(state().apps[app_id], person, {"Event": "unsubscribe", "EventKey": ""})


@bp.post("/event/<app_id>/<name>")
def send(app_id, name):
    return tell(state().apps[app_id], state().person(name), request.json)


@bp.post("/confirm/<app_id>")
def confirm(app_id):
    return {"confirmed": callbacks.confirm(state().apps[app_id], state().now())}


@bp.get("/calls")
def calls():
    return {"calls": dict(state().calls), "at_once": dict(state().overlap)}


@bp.get("/openid/<app_id>/<name>")
def openid(app_id, name):
    return {"openid": state().openid(app_id, name), "unionid": state().unionid(name)}
