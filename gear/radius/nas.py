"""A gateway as the settings name it, with its secret and its make."""

import dataclasses
import hashlib
from collections.abc import Mapping

from core.setting_groups.radius import RadiusSettings
from core.settings import SettingsError
from gear.radius.dialects import Dialect, all_dialects

# RFC 2865 says 16 at least; whoever sees one packet may try shorter ones at leisure.
_LEAST_SECRET = 16
_MOST_SECRET = 128


@dataclasses.dataclass(frozen=True, slots=True)
class Nas:
    name: str
    address: str
    order_port: int
    secret: bytes = dataclasses.field(repr=False)
    role: str
    dialect: Dialect


def read(settings: RadiusSettings) -> Mapping[str, Nas]:
    """All gateways by name; SettingsError says what is missing of which."""
    found = {}
    for each in settings.nas:
        dialect = all_dialects().get(each.dialect)
        if dialect is None:
            known = ", ".join(all_dialects())
            raise SettingsError(f"radius.nas {each.name}: dialect must be one of {known}")
        if dialect.needs_role() and not each.role:
            raise SettingsError(
                f"radius.nas {each.name}: role must name what shows a phone the portal alone"
            )
        port = each.order_port or dialect.order_port
        secret = _secret(settings, each.name)
        found[each.name] = Nas(each.name, each.address, port, secret, each.role, dialect)
    return found


def service_password(gateways: Mapping[str, Nas]) -> str:
    """What FreeRADIUS shows at our door, made of what both know already."""
    digest = hashlib.blake2b(digest_size=24, person=b"doorman-radius")
    for name in sorted(gateways):
        digest.update(hashlib.blake2b(gateways[name].secret).digest())
    return digest.hexdigest()


def _secret(settings: RadiusSettings, name: str) -> bytes:
    held = settings.secrets.get(name)
    value = held.get_secret_value() if held else ""
    is_plain = value.isascii() and value.isprintable() and not set(value) & set(" \"'\\$%`")
    if not _LEAST_SECRET <= len(value) <= _MOST_SECRET or not is_plain:
        raise SettingsError(
            f"radius.secrets.{name} must have {_LEAST_SECRET} to {_MOST_SECRET} characters,"
            " letters, digits and signs other than space, quotes, \\, $, % and `"
        )
    return value.encode("ascii")
