"""Makes docs/law.md from core/law.toml: `python -m appliance.law_page`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core import destinations, law
from core.law import Keeping, Profile, Rule, Sure
from core.settings import Settings

_HEAD = """# Whose law

<!-- Made from core/law.toml by `make docs`; a test holds it to that. -->

What a store has to keep, and for how long, depends on where it is. `law.profile` says by whose
law it goes; left empty, the first of `store.countries` does. Settings that go against it stop the
start, and name the rule and what to set. No setting makes the product fall short of a profile's
boxes and fields: tests hold it to the strictest.

**It is no legal advice.** *second-hand*: read in somebody's summary, not in the law's own words.
*unverified*: from memory, read nowhere. *ours*: no rule that we know of; a measure of our own.
Nothing here was read by a lawyer, and where no rule is known, none is made up.
"""
_PLACES = """## Where personal data goes

Where the profile has personal data stay in the country, a CRM, headquarters, a place for backups, a
carrier of text messages or a mail server that is known to be elsewhere stops the start, unless
`law.export_basis` says by what it may leave. Known are the hosts below. Of others
`law.crm_country`, `law.headquarters_country`, `law.backup_country`, `law.sms_country` and
`law.mail_country` say it. Where those are empty `doorman doctor` says so, and nothing is stopped:
of most hosts nobody can know.

What is said there is believed and not checked. Where a host's disks are no address tells, nor to
whom its owner hands the data on. A folder for backups counts as the store's own. Who looks at the
dashboard from abroad, and where `doorman hq` keeps its database, is not looked at.

| hosts | | whence we know | how sure |
|---|---|---|---|"""
_TITLES = {
    "cn": "China (`cn`)",
    "eu": "European Union and EEA (`eu`)",
    "other": "Elsewhere (`other`)",
}
_RECORDS = {
    "access_log": ("access log", "`access_log.days`"),
    "flows": ("connections", "`flows.days`"),
    "sessions": ("grants, temporary passes, their logins and devices", "`GRANT`"),
    "audit_log": ("audit log", "`AUDIT_ENTRY`"),
    "consents": ("consents, after their end", "`CONSENT`"),
    "told_to_crm": ("what the CRM was told of consents and erasures", "`CRM_PROOF`"),
}


def page() -> str:
    """The whole page, as Markdown."""
    found = Settings.model_construct()
    kept = law.kept(access_log=found.access_log.days, flows=found.flows.days)
    days = {name: each.days for name, each in kept.items()}
    parts = [_HEAD]
    for name, profile in law.profiles().items():
        parts += [f"## {_TITLES[name]}\n", *_about(profile), _records(profile, days)]
    hosts = [_host(each) for each in destinations.table()]
    return "\n".join([*parts, _PLACES, *hosts]) + "\n"


def _host(row: Mapping[str, Any]) -> str:
    names = ", ".join(f"`{each}`" for each in row["ends"])
    where = row.get("country") or f"not in {', '.join(row['not_in'])}"
    return f"| {names} | {where} | {row['by']} | {Sure(row['sure'])} |"


def _about(profile: Profile) -> Iterator[str]:
    if profile.countries:
        yield f"Of stores whose home is one of: {', '.join(sorted(profile.countries))}.\n"
    age, strict = profile.age, profile.strict_sensor
    lines = ["| | | rule | how sure |", "|---|---|---|---|"]
    lines.append(f"| age for membership | {age.usual}; never below {age.lowest} | {_cited(age)} |")
    stays, said = profile.stays, "not asked for"
    if stays.is_needed:
        said = "yes, unless `law.export_basis` says by what it may leave"
    lines.append(f"| personal data stays in the country | {said} | {_cited(stays)} |")
    real, known = profile.real_name, "not asked for"
    if real.is_needed:
        known = "asked for: of a way in that proves none `doorman doctor` and the jobs' log tell"
    lines.append(f"| who is online, by a real name | {known} | {_cited(real)} |")
    needed = "has to be on" if strict.is_needed else "not asked for"
    lines.append(f"| `sensor.strict` | {needed} | {_cited(strict)} |")
    for title, names in (
        ("boxes of their own, none ticked", profile.boxes),
        ("fields of the access log", profile.log_fields),
    ):
        listed = ", ".join(f"`{each}`" for each in names.names) or "none named"
        lines.append(f"| {title} | {listed} | {_cited(names)} |")
    yield "\n".join(lines) + "\n"


def _records(profile: Profile, days: dict[str, int]) -> str:
    lines = [
        "| what is kept | days at least | at most | Doorman keeps | rule | how sure |",
        "|---|---|---|---|---|---|",
    ]
    for name, rule in profile.records.items():
        title, source = _RECORDS[name]
        lines.append(f"| {title} | {_span(rule)} | {days[name]} ({source}) | {_cited(rule)} |")
    return "\n".join(lines) + "\n"


def _span(rule: Keeping) -> str:
    return " | ".join(
        "none" if each is None else str(each) for each in (rule.at_least, rule.at_most)
    )


def _cited(rule: Rule) -> str:
    return f"{rule.by} | {rule.sure}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
