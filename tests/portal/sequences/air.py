"""What lies between a phone and the web: our firewall, our portal, the makers' servers."""

import dataclasses
from urllib.parse import urlsplit

from portal.neighbours import LoopbackNeighbours
from portal.probes import PROBES, Answer
from tests.portal.sequences.verdict import PORTAL_URL

_OPEN_ANSWERS = {(probe.host, probe.path): probe.answer for probe in PROBES}
_PAGE_OF_THE_WEB = Answer(200, "<html>the web</html>")


@dataclasses.dataclass(frozen=True)
class Response:
    url: str
    status: int
    text: str
    location: str | None = None
    json: object = None


class Air:
    """Port 80 of who is not in the gate's set is led to the portal, whatever its name."""

    def __init__(self, app, gate, clock):
        self.app = app
        self._gate = gate
        self._clock = clock

    def new_jar(self):
        """A browser's own cookies, which it may forget."""
        return self.app.test_client()

    def fetch(self, jar, address, url, form=None, **headers):
        """GET, or POST if there is a form, as a browser sends it."""
        to = urlsplit(url)
        if f"{to.scheme}://{to.netloc}" != PORTAL_URL and self._lets_through(address):
            found = _OPEN_ANSWERS.get((to.netloc, to.path), _PAGE_OF_THE_WEB)
            return Response(url, found.status, found.body)
        answer = jar.open(
            f"{to.path or '/'}?{to.query}" if to.query else to.path or "/",
            method="POST" if form is not None else "GET",
            base_url=f"{to.scheme}://{to.netloc}",
            data=form,
            headers=headers | ({"Origin": PORTAL_URL} if form is not None else {}),
            environ_overrides={"REMOTE_ADDR": address},
            buffered=True,
        )
        said = answer.get_json() if answer.is_json else None
        return Response(url, answer.status_code, answer.text, answer.location, said)

    def pass_by(self, **span):
        """Time goes by, also in the firewall's sets."""
        before = self._clock.now
        self._clock.pass_by(**span)
        seconds = (self._clock.now - before).total_seconds()
        for members in (self._gate.inside, self._gate.passing):
            for mac, left in list(members.items()):
                if left <= seconds:
                    del members[mac]
                else:
                    members[mac] = left - seconds

    def opens_wechat(self, address):
        """Whether the app reaches its servers, of which none is on port 80."""
        mac = LoopbackNeighbours().mac_of(address).text()
        return mac in self._gate.inside or mac in self._gate.passing

    def _lets_through(self, address):
        return LoopbackNeighbours().mac_of(address).text() in self._gate.inside
