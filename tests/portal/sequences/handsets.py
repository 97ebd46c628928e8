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

    def __init__(self, air, address):
        self.air = air
        self.address = address
        self.window = None

    def ask_maker(self, jar=None):
        """What the phone concludes, and what it was answered."""
        probe = _PROBES[self.probe_host]
        url = f"http://{probe.host}{probe.path}"
        answer = self.air.fetch(jar or self.air.new_jar(), self.address, url)
        return judge(probe, answer.status, answer.text, answer.location), url

    def ask_api(self):
        """What the phone is told if the network has announced the API (RFC 8910)."""
        accept = {"Accept": "application/captive+json"}
        return self.air.fetch(self.air.new_jar(), self.address, API, **accept).json

    def browse(self, jar=None):
        """Another window: a second tab, or the phone's own browser."""
        jar = jar or self.air.new_jar()
        return Window(lambda url, form: self.air.fetch(jar, self.address, url, form))

    def take_address(self, address):
        """Join with another hardware address, as a phone does that has rotated it."""
        self.window = None
        self.address = address
        return self.join()

    def give_number(self, number=NUMBER):
        self.window.press("next", phone=number, terms="yes")


class Iphone(Handset):
    """Opens a sheet by itself, asks again after each full page, and forgets."""

    probe_host = "captive.apple.com"

    def __init__(self, air, address):
        super().__init__(air, address)
        self.button = None
        """In the corner of the sheet: "Cancel" leaves the network, "Done" stays."""

    def join(self):
        verdict, url = self.ask_maker()
        if verdict is Verdict.PORTAL:
            jar = self.air.new_jar()
            self.window = Window(
                lambda url, form: self.air.fetch(jar, self.address, url, form),
                finishes=self._look_again,
            )
            self.window.open(url)
        return verdict

    def put_aside(self):
        """Look at a text message: the sheet goes, and the phone leaves the network."""
        self.window = self.button = None

    def _look_again(self):
        verdict, _ = self.ask_maker()
        self.button = "Done" if verdict is Verdict.OPEN else "Cancel"
        return True


class Android(Handset):
    """Shows a notification; behind it a page that closes as soon as the way is open."""

    probe_host = "connectivitycheck.gstatic.com"

    def __init__(self, air, address):
        super().__init__(air, address)
        self._jar = air.new_jar()

    def join(self):
        verdict, url = self.ask_maker()
        if verdict is Verdict.PORTAL:
            self.window = Window(
                lambda url, form: self.air.fetch(self._jar, self.address, url, form),
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
