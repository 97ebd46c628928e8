"""Phones that behave as docs/phones.md says of their makers."""

from portal.probes import PROBES
from tests.portal.conftest import NUMBER
from tests.portal.sequences.verdict import PORTAL_URL, Verdict, judge
from tests.portal.sequences.window import Window

API = f"{PORTAL_URL}/captive-portal/api"
_PROBES = {probe.host: probe for probe in PROBES}


class Handset:
    """A phone, and the shopper who holds it."""

    probe_host = ""
    probe_agent = ""
    agent = ""

    def __init__(self, air, address):
        self.air = air
        self.address = address
        self.window = None

    def ask_maker(self, jar=None):
        """What the phone concludes, and what it was answered."""
        probe = _PROBES[self.probe_host]
        url = f"http://{probe.host}{probe.path}"
        agent = {"User-Agent": self.probe_agent}
        answer = self.air.fetch(jar or self.air.new_jar(), self.address, url, **agent)
        return judge(probe, answer.status, answer.text, answer.location), url

    def ask_api(self):
        """What the phone is told if the network has announced the API (RFC 8910)."""
        accept = {"Accept": "application/captive+json"}
        return self.air.fetch(self.air.new_jar(), self.address, API, **accept).json

    def browse(self, jar=None):
        """Another window: a second tab, or the phone's own browser."""
        return Window(self._fetcher(jar or self.air.new_jar()))

    def take_address(self, address):
        """Join with another hardware address, as a phone does that has rotated it."""
        self.window = None
        self.address = address
        return self.join()

    def _fetcher(self, jar):
        agent = {"User-Agent": self.agent}
        return lambda url, form: self.air.fetch(jar, self.address, url, form, **agent)

    def give_number(self, number=NUMBER):
        self.window.press("next", phone=number, terms="yes")


class Iphone(Handset):
    """Opens a sheet by itself, asks again after each full page, and forgets."""

    probe_host = "captive.apple.com"
    probe_agent = "CaptiveNetworkSupport-481.120.1 wispr"
    agent = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
        " (KHTML, like Gecko) Mobile/15E148"
    )

    def __init__(self, air, address):
        super().__init__(air, address)
        self.button = None
        """In the corner of the sheet: "Cancel" leaves the network, "Done" stays."""

    def join(self):
        verdict, url = self.ask_maker()
        if verdict is Verdict.PORTAL:
            self.window = Window(self._fetcher(self.air.new_jar()), finishes=self._look_again)
            self.window.open(url)
        return verdict

    def put_aside(self):
        """Look at a text message: the sheet goes, and the phone leaves the network."""
        self.window = self.button = None

    def press_done(self):
        """Close the sheet and stay: other apps may be looked at."""
        assert self.button == "Done"
        self.window = self.button = None

    def _look_again(self):
        verdict, _ = self.ask_maker()
        self.button = "Done" if verdict is Verdict.OPEN else "Cancel"
        return True


class Android(Handset):
    """Shows a notification; behind it a page that closes as soon as the way is open."""

    probe_host = "connectivitycheck.gstatic.com"
    probe_agent = "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8)"
    agent = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 Mobile Safari/537.36"

    def __init__(self, air, address):
        super().__init__(air, address)
        self._jar = air.new_jar()

    def join(self):
        verdict, url = self.ask_maker()
        if verdict is Verdict.PORTAL:
            self.window = Window(
                self._fetcher(self._jar),
                starts=self._is_captive,
                finishes=self._is_captive,
            )
            self.window.open(url)
        return verdict

    def put_aside(self):
        """Look at a text message: the page stays where it is."""

    def join_by_api(self):
        """As with option 114: the API says where the page is, and in what to show it."""
        told = self.ask_api()
        if told["captive"] and str(told.get("x-android-use-custom-tabs")) == "361335020":
            self.window = self.browse(self._jar)
            self.window.open(told["user-portal-url"])
        elif told["captive"]:
            self.join()
        return told["captive"]

    def _is_captive(self):
        return self.ask_maker()[0] is not Verdict.OPEN
