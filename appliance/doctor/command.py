"""`doorman doctor`: what is wrong with this machine and its settings, and how to mend it."""

import json
import os
import sys

import click

from appliance.doctor import examination
from appliance.finding import Finding, Grade

_MARKS = {Grade.GOOD: "ok  ", Grade.NOTE: "note", Grade.WRONG: "BAD "}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def doctor(*, as_json: bool) -> None:
    """Check this machine and the settings. Ends with status 1 if something is wrong.

    Changes nothing. As root it sees the most.
    """
    findings = list(examination.examine())
    click.echo(_document(findings) if as_json else _page(findings))
    sys.stdout.flush()
    # Not sys.exit: a check that hangs would be waited for.
    os._exit(1 if _wrong(findings) else 0)


def _wrong(findings: list[Finding]) -> int:
    return sum(finding.grade is Grade.WRONG for finding in findings)


def _page(findings: list[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.grade]} {finding.text}")
        if finding.mend:
            lines.append(f"     -> {finding.mend}")
    lines.append(f"\n{_wrong(findings)} of {len(findings)} checks found something wrong")
    return "\n".join(lines)


def _document(findings: list[Finding]) -> str:
    told = [{"grade": each.grade, "text": each.text, "mend": each.mend} for each in findings]
    return json.dumps({"wrong": _wrong(findings), "findings": told}, ensure_ascii=False)
