"""`doorman health`: whether every program that this box should run answers.

Quick, and by itself no load: it is asked after each deployment, and by whoever watches the box.
What is wrong beyond that, and how to mend it, is `doorman doctor`'s.
"""

import json
import sys
import time
from collections.abc import Collection

import click

from appliance import health_signs
from appliance.health_signs import Health
from core import settings
from core.settings import Settings

_AGAIN_AFTER_S = 0.5


@click.command()
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Ask again for as long, until all is well.",
)
@click.option(
    "--known",
    multiple=True,
    metavar="PROGRAM",
    help="It is known not to be well: told, and neither waited for nor counted.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def health(*, wait_s: float, known: tuple[str, ...], as_json: bool) -> None:
    """Say which programs of this box answer. Ends with status 1 if one does not.

    Which should run follows from the settings. To be called as root, or as the user that the
    portal runs as.
    """
    found = settings.load()
    answers = _ask_for(found, wait_s, known)
    if as_json:
        click.echo(_document(answers))
    else:
        for each in answers:
            click.echo(f"{'ok  ' if each.is_well else 'BAD '} {each.program}: {each.text}")
    sys.exit(0 if _will_do(answers, known) else 1)


def _ask_for(found: Settings, wait_s: float, known: Collection[str]) -> list[Health]:
    deadline = time.monotonic() + wait_s
    while True:
        answers = health_signs.ask(found)
        if _will_do(answers, known) or time.monotonic() >= deadline:
            return answers
        time.sleep(_AGAIN_AFTER_S)


def _will_do(answers: list[Health], known: Collection[str]) -> bool:
    return all(each.is_well or each.program in known for each in answers)


def _document(answers: list[Health]) -> str:
    programs = [{"program": e.program, "ok": e.is_well, "text": e.text} for e in answers]
    return json.dumps({"ok": all(each.is_well for each in answers), "programs": programs})
