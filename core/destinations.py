"""Where personal data goes by the settings, and what the law of the store says to that.

A country is known of few hosts (`destinations.toml`); of others it is whatever `law.*_country`
says, which nobody checks. Nothing here asks a network: where a host's disks are, no address tells.
"""

import dataclasses
import functools
import tomllib
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.law import Profile, cited
from core.setting_groups.backup import BackupSettings
from core.setting_groups.crm import CrmKind, CrmSettings
from core.setting_groups.headquarters import HeadquartersSettings
from core.setting_groups.law import LawSettings
from core.setting_groups.sms import Carrier, SmsSettings
from core.setting_groups.ways import MailSettings

_FILE = Path(__file__).with_name("destinations.toml")
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    setting: str
    """That names it."""
    host: str
    declared: str
    """Its country by the settings; "" if they do not say."""
    declared_by: str
    """The setting that would say so."""


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What we know of a host: where it is, or where it is not."""

    country: str
    not_in: frozenset[str]


def named(
    *,
    crm: CrmSettings,
    headquarters: HeadquartersSettings,
    backup: BackupSettings,
    sms: SmsSettings,
    mail: MailSettings,
    law: LawSettings,
) -> list[Place]:
    """Every host that is handed personal data. A folder for backups is none, nor a modem."""
    found = [
        *(_place(*each, law, "crm") for each in _of_crm(crm)),
        _place("headquarters.url", headquarters.url, law, "headquarters"),
        _place("backup.target", _of_backup(backup, backup.target), law, "backup"),
        _place("backup.keys_target", _of_backup(backup, backup.keys_target), law, "backup"),
        *(_place(*each, law, "sms") for each in _of_sms(sms)),
        _place("mail.host", f"//{mail.host}" if mail.host else "", law, "mail"),
    ]
    return [place for place in found if place.host and place.host not in _HERE]


def problems(profile: Profile, places: Sequence[Place], basis: str) -> Iterator[str]:
    """What goes out of the country though the law has it stay, and nobody says by what right."""
    if not profile.stays.is_needed or basis:
        return
    rule, home = cited(profile, profile.stays), ", ".join(sorted(profile.countries))
    for place in places:
        if _is_abroad(place, profile.countries):
            yield (
                f"{place.setting}: {place.host} is outside of {home}: {rule} has personal data"
                " stay. Choose another, or say in law.export_basis by what it may leave"
            )


def unsaid(profile: Profile, places: Sequence[Place]) -> list[Place]:
    """Of which nobody knows the country, where the law asks for it."""
    if not profile.stays.is_needed:
        return []
    return [each for each in places if not each.declared and known(each.host) is None]


def known(host: str) -> Known | None:
    """What is known of a host; None if nothing is."""
    for end, found in _hosts():
        if host == end or (end.startswith(".") and host.endswith(end)):
            return found
    return None


def _is_abroad(place: Place, home: frozenset[str]) -> bool:
    found = known(place.host)
    if found is None:
        return bool(place.declared) and place.declared not in home
    return found.country not in home if found.country else bool(found.not_in & home)


def table() -> list[dict[str, Any]]:
    """`destinations.toml`, as it is."""
    said: list[dict[str, Any]] = tomllib.loads(_FILE.read_text("utf-8"))["hosts"]
    return said


@functools.cache
def _hosts() -> Sequence[tuple[str, Known]]:
    return [
        (end, Known(each.get("country", ""), frozenset(each.get("not_in", ()))))
        for each in table()
        for end in each["ends"]
    ]


def _place(setting: str, url: str, law: LawSettings, what: str) -> Place:
    try:
        host = urllib.parse.urlsplit(url).hostname or ""
    except ValueError:
        # Another check's to complain of.
        host = ""
    name = f"{what}_country"
    return Place(setting, host, getattr(law, name), f"law.{name}")


def _of_crm(crm: CrmSettings) -> Iterator[tuple[str, str]]:
    if not crm.is_on or crm.kind is CrmKind.HEADQUARTERS:
        return
    if crm.kind is CrmKind.WEBHOOK:
        yield "crm.url", crm.url
        yield "crm.reconcile_url", crm.reconcile_url
        yield "crm.withdrawals_url", crm.withdrawals_url
    else:
        yield f"crm.{crm.kind}.url", getattr(crm, crm.kind).url


def _of_backup(backup: BackupSettings, target: str) -> str:
    if not target.startswith("s3:"):
        return target
    china = ".cn" if backup.s3_region.startswith("cn-") else ""
    return backup.s3_endpoint or f"https://s3.{backup.s3_region}.amazonaws.com{china}"


def _of_sms(sms: SmsSettings) -> Iterator[tuple[str, str]]:
    for carrier in sms.carriers:
        if carrier not in {Carrier.GAMMU, Carrier.HEADQUARTERS}:
            yield f"sms.{carrier}.url", getattr(sms, carrier).url
