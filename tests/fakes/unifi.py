"""A UniFi console of our own, as strict as the real one: login, cookies, forged requests, keys.

What it does was put together from what open clients of the real one send and expect; no word of
it was heard from a console in a store. Its clock is its own, and its guests' time runs out.
"""

import dataclasses
import http.cookies
import re
import secrets
import ssl
import time
import urllib.parse

from tests.fakes.crm.server import FakeCrm, RefusedError, Reply

USER, PASSWORD, KEY = "doorman", "guests-only", "unifi-key-1"
ACCESS_POINT = "f0:9f:c2:00:00:01"
_MB = 1_000_000
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
# Then the address is shut out for a while.
_MOST_FAILURES = 3


@dataclasses.dataclass
class Client:
    ip: str
    is_guest: bool
    ipv6: tuple = ()
    access_point: object = ACCESS_POINT
    up: int = 0
    down: int = 0


@dataclasses.dataclass
class Authorisation:
    mac: str
    start: int
    end: int
    up: int
    down: int
    megabytes: int
    used: int = 0
    expired: bool = False


class FakeConsole(FakeCrm):
    def __init__(self, authority, *, address="127.0.0.1", site="default", standalone=False):
        super().__init__(address)

        class WithItsClock(self.RequestHandlerClass):
            def date_time_string(self, _timestamp=None):
                return super().date_time_string(time.time() + self.server.clock_off_s)

        self.RequestHandlerClass = WithItsClock
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(address).configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"https://{address}:{self.server_port}"
        self.site, self.standalone = site, standalone
        self.takes_keys = True
        self.clients, self.authorisations = {}, []
        self.sessions, self.failures, self.logins = {}, 0, 0
        self.clock_off_s = 0.0

    # What happens in the store.

    def connect(self, mac, ip, *, is_guest=True, ipv6=(), access_point=ACCESS_POINT):
        with self.lock:
            self.clients[mac] = Client(ip, is_guest, ipv6, access_point)

    def leave(self, mac):
        with self.lock:
            return self.clients.pop(mac)

    def carry(self, mac, up, down):
        """Bytes that the phone sends and gets; what is beyond its quota ends it."""
        with self.lock:
            self.clients[mac].up += up
            self.clients[mac].down += down
            found = self._open(mac)
            if found:
                found.used += up + down
                if found.megabytes and found.used >= found.megabytes * _MB:
                    found.expired = True

    def is_open(self, mac):
        with self.lock:
            return self._open(mac) is not None

    def redirect(self, mac, wanted="http://captive.apple.com/hotspot-detect.html"):
        """Path and query of where an access point sends a guest's browser."""
        said = {
            "ap": ACCESS_POINT,
            "id": mac,
            "t": str(int(time.time())),
            "url": wanted,
            "ssid": "安福路店 Wi-Fi",
        }
        return f"/guest/s/{self.site}/?{urllib.parse.urlencode(said)}"

    def restart(self):
        """Who was let in is on its disk, who was logged in is not."""
        with self.lock:
            self.sessions.clear()

    # What it answers.

    def answer(self, request):
        login = "/api/login" if self.standalone else "/api/auth/login"
        if request.path == login:
            return self._log_in(request)
        application = "" if self.standalone else "/proxy/network"
        prefix = f"{application}/api/s/"
        if not request.path.startswith(prefix):
            return Reply(404, {"error": {"code": 404, "message": "Not Found"}})
        self._check_session(request)
        site, _, what = request.path.removeprefix(prefix).partition("/")
        if site != self.site:
            return _no("api.err.NoSiteContext")
        return self._of_site(request.method, what, request)

    def _of_site(self, method, what, request):
        match (method, what):
            case ("GET", "stat/sta"):
                return _yes([self._client_row(*each) for each in self.clients.items()])
            case ("POST", "stat/guest"):
                return _yes(self._guest_rows(request.json))
            case ("POST", "cmd/stamgr"):
                return self._order(request.json)
        return _no("api.err.NotFound", 404)

    def _log_in(self, request):
        if self.failures >= _MOST_FAILURES:
            return Reply(429, {"code": "AUTHENTICATION_FAILED_LIMIT_REACHED"})
        said = request.json
        if (said.get("username"), said.get("password")) != (USER, PASSWORD):
            self.failures += 1
            if self.standalone:
                return _no("api.err.Invalid")
            return Reply(403, {"code": "AUTHENTICATION_FAILED_INVALID_CREDENTIALS"})
        self.logins += 1
        session, token = secrets.token_hex(8), secrets.token_hex(8)
        self.sessions[session] = token
        if not self.standalone:
            headers = {
                "Set-Cookie": f"TOKEN={session}; Path=/; Secure; HttpOnly",
                "X-CSRF-Token": token,
            }
            return Reply(200, {"username": USER}, headers)
        headers = {
            "Set-Cookie": f"unifises={session}; Path=/; Secure; HttpOnly",
            "X-CSRF-Token": token,
        }
        return Reply(200, _yes([]).body, headers)

    def _check_session(self, request):
        key = request.headers.get("x-api-key")
        if key is not None:
            if key != KEY or self.standalone or not self.takes_keys:
                raise RefusedError(Reply(401, {"error": {"code": 401, "message": "Unauthorized"}}))
            return
        cookies = http.cookies.SimpleCookie(request.headers.get("cookie", ""))
        name = "unifises" if self.standalone else "TOKEN"
        session = cookies[name].value if name in cookies else None
        if session not in self.sessions:
            raise RefusedError(_no("api.err.LoginRequired", 401))
        is_change = request.method != "GET"
        if is_change and request.headers.get("x-csrf-token") != self.sessions[session]:
            raise RefusedError(Reply(403, {"message": "Invalid CSRF Token"}))

    def _order(self, order):
        mac = order.pop("mac", "")
        if not _MAC.fullmatch(mac):
            return _no("api.err.InvalidMac")
        match order.pop("cmd", None):
            case "authorize-guest":
                return self._authorise(mac, order)
            case "unauthorize-guest" if not order:
                self._expire(mac)
                return _yes([])
        return _no("api.err.Invalid")

    def _authorise(self, mac, order):
        minutes = order.pop("minutes", None)
        limits = [order.pop(name, 0) for name in ("up", "down", "bytes")]
        whole = all(type(each) is int for each in (minutes, *limits))
        if not whole or order or not 1 <= minutes <= 1_000_000:
            return _no("api.err.Invalid")
        up, down, megabytes = limits
        rates_fit = all(each == 0 or 2 <= each <= 100_000 for each in (up, down))
        if not rates_fit or not 0 <= megabytes <= 1_048_576:
            return _no("api.err.Invalid")
        self._expire(mac)
        now = self._now()
        self.authorisations.append(Authorisation(mac, now, now + minutes * 60, *limits))
        # A new session of its own: what was counted begins again.
        if mac in self.clients:
            self.clients[mac].up = self.clients[mac].down = 0
        return _yes([{"authorized_by": "api", "mac": mac, "minutes": minutes}])

    def _expire(self, mac):
        found = self._open(mac)
        if found:
            found.expired, found.end = True, self._now()

    def _open(self, mac):
        now = self._now()
        mine = [each for each in self.authorisations if each.mac == mac]
        return next((each for each in mine if not each.expired and each.end > now), None)

    def _client_row(self, mac, client):
        return {
            "mac": mac,
            "ip": client.ip,
            "is_guest": client.is_guest,
            "_is_guest_by_uap": client.is_guest,
            "authorized": not client.is_guest or self._open(mac) is not None,
            "ap_mac": client.access_point,
            **({"ipv6_address": list(client.ipv6)} if client.ipv6 else {}),
            "essid": "安福路店 Wi-Fi",
            "rx_bytes": client.up,
            "tx_bytes": float(client.down),
        }

    def _guest_rows(self, said):
        if said.keys() != {"within"} or type(said["within"]) is not int:
            raise RefusedError(_no("api.err.Invalid"))
        since, now = self._now() - said["within"] * 3600, self._now()
        return [
            {"mac": e.mac, "start": e.start, "end": e.end, "expired": e.expired or e.end <= now}
            for e in self.authorisations
            if e.start > since
        ]

    def _now(self):
        return int(time.time() + self.clock_off_s)


def _yes(data):
    return Reply(200, {"meta": {"rc": "ok"}, "data": data})


def _no(code, status=400):
    return Reply(status, {"meta": {"rc": "error", "msg": code}, "data": []})
