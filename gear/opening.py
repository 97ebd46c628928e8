"""The gate of the gateway that the settings name."""

from contextlib import AbstractContextManager

from core.setting_groups.network import GateKind
from core.settings import Settings, SettingsError
from gate.shape import Gate


def open_driver(found: Settings) -> AbstractContextManager[Gate]:
    """SettingsError, here or when it is entered: something is missing that only we may know."""
    match found.gate.kind:
        case GateKind.UNIFI:
            from gear.unifi import driver  # noqa: PLC0415 - one make a store

            return driver.open_gate(found)
        case GateKind.RADIUS:
            from gear.radius import driver as radius  # noqa: PLC0415 - as above

            return radius.open_gate(found)
        case kind:
            raise SettingsError(f'gate.kind = "{kind}": no gateway of another make')


def check(found: Settings) -> None:
    """SettingsError, as `open_driver` would raise it; nothing is opened, and nobody asked."""
    match found.gate.kind:
        case GateKind.UNIFI:
            from gear.unifi import driver  # noqa: PLC0415 - one make a store

            driver.check(found)
        case GateKind.RADIUS:
            from gear.radius import driver as radius  # noqa: PLC0415 - as above

            radius.check(found)
        case kind:
            raise SettingsError(f'gate.kind = "{kind}": no gateway of another make')
