"""What each figure means, in short; docs/figures/ has it in full."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from analytics.dashboard.parts import wired

pages = Blueprint("figures", __name__)


@pages.get("/figures")
def page() -> ResponseReturnValue:
    return render_template("figures.html", rules=wired().settings.traffic)
