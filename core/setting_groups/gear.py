"""What may not be set together if the store keeps a gateway of another make (docs/gear.md)."""

from collections.abc import Iterator

from core.setting_groups.clones import CloneSettings
from core.setting_groups.network import GateKind, GateSettings
from core.setting_groups.plans import PassSettings
from core.setting_groups.portal import NeighboursKind, PortalSettings
from core.setting_groups.radius import RadiusSettings
from core.setting_groups.unifi import UnifiSettings


def problems(
    gate: GateSettings,
    portal: PortalSettings,
    passes: PassSettings,
    clones: CloneSettings,
    *,
    unifi: UnifiSettings,
    radius: RadiusSettings,
) -> list[str]:
    """What is wrong with them together, each with its reason."""
    return [
        *_of_phones(gate.kind, portal),
        *(_of_other_gateways(gate, passes, clones) if gate.kind.is_foreign else ()),
        *(_of_unifi(unifi) if gate.kind is GateKind.UNIFI else ()),
        *(_of_radius(radius, portal) if gate.kind is GateKind.RADIUS else ()),
    ]


def _of_phones(kind: GateKind, portal: PortalSettings) -> Iterator[str]:
    redirect = portal.neighbours is NeighboursKind.REDIRECT
    if kind.is_foreign and not redirect:
        yield (
            f'gate.kind = "{kind}": phones are on the network of that gateway, so'
            ' portal.neighbours must be "redirect"'
        )
    if redirect and not kind.is_foreign:
        yield (
            'portal.neighbours = "redirect": only another gateway can confirm a redirect;'
            f' with gate.kind = "{kind}" it must be "kernel"'
        )
    if portal.behind_nat and not redirect:
        yield 'portal.behind_nat: only with portal.neighbours = "redirect"'


def _of_other_gateways(
    gate: GateSettings, passes: PassSettings, clones: CloneSettings
) -> Iterator[str]:
    given = f'with gate.kind = "{gate.kind}" it must be'
    if passes.per_day:
        yield (
            f"passes.per_day: {given} 0, since that gateway opens everything to a phone or"
            " nothing; name WeChat's hosts in its own list of what is open before login"
        )
    if clones.challenges:
        yield f"clones.challenges: {given} 0, since phones' answers are not seen behind it"
    if gate.garden_hosts:
        yield f"gate.garden_hosts: {given} empty; that gateway has a list of its own"


def _of_unifi(unifi: UnifiSettings) -> Iterator[str]:
    if not unifi.url:
        yield 'gate.kind = "unifi" needs unifi.url'


def _of_radius(radius: RadiusSettings, portal: PortalSettings) -> Iterator[str]:
    if not radius.nas:
        yield 'gate.kind = "radius" needs one [[radius.nas]] at least'
    if portal.behind_nat:
        yield (
            "portal.behind_nat: with RADIUS phones are known by their addresses; let the"
            " gateway pass them on as they are"
        )
