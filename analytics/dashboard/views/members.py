"""The member list."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from analytics.dashboard import members
from analytics.dashboard.parts import wired

pages = Blueprint("members", __name__)


@pages.get("/members")
def page() -> ResponseReturnValue:
    parts = wired()
    number = request.args.get("page", 1, type=int)
    return render_template("members.html", found=members.page(parts.database, parts.sealer, number))
