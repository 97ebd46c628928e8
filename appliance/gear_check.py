"""What `doorman doctor` says where the store keeps a gateway of another make (docs/gear.md).

The secrets of that gateway are the gate's alone, so the gate is asked how it fares.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from appliance.finding import Finding, Grade
from core.setting_groups.network import GateKind
from core.settings import Settings
from gate.client import GateClient, GateError


def examine(found: Settings) -> Iterator[Finding]:
    if not found.gate.kind.is_foreign:
        return
    yield gateway(found)
    yield phones(found)
    if found.gate.kind is GateKind.RADIUS:
        from appliance import radius_check  # noqa: PLC0415 - only where it is asked

        yield from radius_check.examine(found)


def gateway(found: Settings) -> Finding:
    """Whether the gate runs that the settings name, and has heard of its gateway lately."""
    client, kind = GateClient(found.gate_socket), found.gate.kind
    try:
        running = client.kind()
        online = len(client.online())
    except GateError as error:
        mend = "start it: doorman gate; its log says what the gateway answers"
        return Finding(Grade.WRONG, f"the {kind} gateway is not known: {error}", _mend(kind, mend))
    if running != kind:
        text = f'gate.kind is "{kind}", and the gate that runs is "{running}"'
        return Finding(Grade.WRONG, text, "start it anew: doorman gate")
    return Finding(Grade.GOOD, f"the {kind} gateway answers; {online} phones are online")


def phones(found: Settings) -> Finding:
    """How phones are told apart, and whether they can find the portal."""
    host = urlsplit(found.portal.url).hostname or ""
    if host in {"localhost", "127.0.0.1", "::1"}:
        text = f"portal.url names this machine alone ({host}): no phone finds it"
        return Finding(Grade.WRONG, text, "set it to what the gateway redirects its guests to")
    if found.portal.behind_nat:
        text = "phones are told apart by a cookie, not by their addresses (portal.behind_nat)"
        mend = "better route guests to this box without NAT (docs/gear.md)"
        return Finding(Grade.NOTE, text, mend)
    return Finding(Grade.GOOD, "phones are known by the addresses that the gateway confirms")


def _mend(kind: GateKind, usual: str) -> str:
    pages = {GateKind.UNIFI: "docs/gear-unifi.md", GateKind.RADIUS: "docs/gear-radius.md"}
    return f"{usual} ({pages[kind]})"
