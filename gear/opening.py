"""The gate of the gateway that the settings name."""

import contextlib
from collections.abc import Iterator

from core.setting_groups.network import GateKind
from core.settings import Settings, SettingsError
from gate.shape import Gate


@contextlib.contextmanager
def open_driver(found: Settings) -> Iterator[Gate]:
    """Closed at the end. SettingsError: something is missing that only this program may know."""
    match found.gate.kind:
        case GateKind.UNIFI:
            from gear.unifi.driver import open_gate  # noqa: PLC0415 - one make a store

            with open_gate(found.unifi) as gate:
                yield gate
        case kind:
            raise SettingsError(f'gate.kind = "{kind}": no gateway of another make')
