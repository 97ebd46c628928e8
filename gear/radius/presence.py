"""Which phone is where, by the word of a gateway that has spoken of it lately enough."""

import dataclasses
import urllib.parse
from collections.abc import Mapping

from gate import whereabouts
from gate.shape import Redirected
from gate.whereabouts import Whereabouts
from gear.radius import answers, words
from gear.radius.memory import Memory
from gear.radius.nas import Nas
from gear.radius.records import Place


@dataclasses.dataclass(frozen=True, slots=True)
class Presence:
    gateways: Mapping[str, Nas]
    memory: Memory
    report_every_s: int

    def vouch(self, redirected: Redirected) -> str | None:
        """The gateway's word for the address, and nothing in the redirect that contradicts it."""
        mac = self.phone_at(redirected.address)
        if mac is None:
            return None
        said = urllib.parse.parse_qs(redirected.query)
        here = self.memory.places_at(redirected.address)
        names = {self.gateways[place.phone.nas].dialect.mac for place in here}
        named = [value for name in names for value in said.get(name, [])]
        return mac if all(words.read_mac(value) == mac for value in named) else None

    def phone_at(self, address: str) -> str | None:
        places = self.memory.places_at(address) if address else []
        found = {place.phone.mac for place in places if self._is_sure(place)}
        # Somebody may have taken another's; two gateways may have networks of the same addresses.
        return found.pop() if len(found) == 1 else None

    def whereabouts(self) -> dict[str, Whereabouts]:
        """Of who may pass: all its addresses, and the access point where it came last."""
        found: dict[str, Whereabouts] = {}
        for place in self.memory.guests():
            if self._is_sure(place):
                mac, here = place.phone.mac, place.phone.whereabouts
                later = found.get(mac, whereabouts.NOWHERE)
                addresses = (*later.addresses, *here.addresses)
                found[mac] = whereabouts.read(addresses, later.access_point or here.access_point)
        return found

    def _is_sure(self, place: Place) -> bool:
        """Whether the gateway has spoken of it lately enough to believe where it is."""
        found = self.gateways.get(place.phone.nas)
        if found is None:
            return False
        lasts_s = answers.address_lasts_s(found, self.report_every_s, is_open=place.is_open)
        return self.memory.clock() - place.heard_at <= lasts_s
