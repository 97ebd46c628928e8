"""What the fake WeChat knows: accounts, people, codes, tokens. In memory, for one process."""

import collections
import contextlib
import dataclasses
import hashlib
import secrets
import threading
import time

CODE_LASTS_S = 300
TOKEN_LASTS_S = 7200
BOTH_VALID_S = 300
FORCED_APART_S = 30
FORCED_A_DAY = 20
LOGINS_A_MINUTE = 100


class RefusedError(Exception):
    """An answer of WeChat's that says no."""

    def __init__(self, number, words):
        super().__init__(number)
        self.number, self.words = number, words


@dataclasses.dataclass
class App:
    app_id: str
    secret: str
    kind: str
    # Of the official account: where callbacks go, and how they are signed.
    callback_url: str = ""
    callback_token: str = ""
    encoding_key: str = ""
    # 网页授权域名 or 授权回调域: a full host, without a scheme.
    domain: str = ""
    # IP白名单; empty: everybody.
    addresses: tuple = ()
    # 服务器域名 of the mini-program, and its page.
    server: str = ""
    path: str = "pages/connect/connect"
    links_a_day: int = 500_000


@dataclasses.dataclass
class Person:
    name: str
    phone: str = "13800138000"
    country: str = "86"
    is_snapshot: bool = False
    is_bound: bool = True
    follows: set = dataclasses.field(default_factory=set)
    is_blocked: bool = False


@dataclasses.dataclass
class Code:
    kind: str
    app_id: str
    person: str
    made_at: float
    used: bool = False


class State:
    def __init__(self, apps, retry_s=5.0):
        self.lock = threading.RLock()
        self.apps = {app.app_id: app for app in apps}
        self.people = {}
        self.codes = {}
        self.tokens = collections.defaultdict(list)
        self.forced = collections.defaultdict(list)
        self.logins = collections.defaultdict(list)
        self.scenes = {}
        self.links = {}
        self.faults = []
        self.calls = collections.Counter()
        self.overlap = collections.Counter()
        self.ahead_s = 0.0
        self.retry_s = retry_s

    def now(self):
        return time.time() + self.ahead_s

    def app(self, app_id, kind=None):
        app = self.apps.get(app_id)
        if app is None or (kind and app.kind != kind):
            raise RefusedError(40013, "invalid appid")
        return app

    def with_secret(self, app_id, secret, *kinds):
        app = self.app(app_id)
        if app.kind not in kinds:
            raise RefusedError(40013, "invalid appid")
        if app.secret != secret:
            raise RefusedError(40125, "invalid appsecret")
        return app

    def person(self, name):
        return self.people.setdefault(name, Person(name))

    def openid(self, app_id, name):
        return "o" + hashlib.sha256(f"{app_id}/{name}".encode()).hexdigest()[:27]

    def unionid(self, name):
        return "u" + hashlib.sha256(name.encode()).hexdigest()[:27]

    def who(self, app_id, openid):
        for person in self.people.values():
            if self.openid(app_id, person.name) == openid:
                return person
        raise RefusedError(40003, "invalid openid")

    def make_code(self, kind, app_id, name):
        self.person(name)
        code = secrets.token_hex(16)
        self.codes[code] = Code(kind, app_id, name, self.now())
        return code

    def use_code(self, kind, app_id, text, used=40163):
        if not text:
            raise RefusedError(41008, "missing code")
        code = self.codes.get(text)
        if code is None or code.kind != kind or code.app_id != app_id:
            raise RefusedError(40029, "invalid code")
        if code.used:
            raise RefusedError(used, "code been used" if used == 40163 else "invalid code")
        if self.now() - code.made_at > CODE_LASTS_S:
            raise RefusedError(40029, "invalid code")
        code.used = True
        return self.person(code.person)

    def stable_token(self, app, force):
        now = self.now()
        tokens = self.tokens[app.app_id]
        current = tokens[-1] if tokens else None
        if force:
            forced = self.forced[app.app_id]
            if forced and now - forced[-1] < FORCED_APART_S:
                raise RefusedError(45011, "api minute-quota reach limit")
            if len([at for at in forced if now - at < 86_400]) >= FORCED_A_DAY:
                raise RefusedError(45009, "reach max api daily quota limit")
            forced.append(now)
            for token in tokens:
                token["ends"] = min(token["ends"], now)
                token["revoked"] = True
        elif current and not current["hidden"] and current["ends"] - now > BOTH_VALID_S:
            return current
        elif current:
            # Both are good for five minutes.
            current["ends"] = min(current["ends"], now + BOTH_VALID_S)
        made = {
            "text": f"{len(tokens)}_{secrets.token_urlsafe(60)}",
            "ends": now + TOKEN_LASTS_S,
            "revoked": False,
            "hidden": False,
        }
        tokens.append(made)
        return made

    def check_token(self, text):
        """The app whose token it is."""
        if not text:
            raise RefusedError(41001, "access_token missing")
        for app_id, tokens in self.tokens.items():
            for token in tokens:
                if token["text"] == text:
                    if token["revoked"]:
                        break
                    if token["ends"] <= self.now():
                        raise RefusedError(42001, "access_token expired")
                    return self.apps[app_id]
        raise RefusedError(40001, "invalid credential, access_token is invalid or not latest")

    def fault_of(self, path):
        with self.lock:
            for fault in self.faults:
                if fault["path"] == path and fault["count"] > 0:
                    fault["count"] -= 1
                    return fault
        return None

    @contextlib.contextmanager
    def inside(self, path):
        """Counts calls, and how many of a path were under way at once."""
        with self.lock:
            self.calls[path] += 1
            self.calls[f"{path} now"] += 1
            most = self.calls[f"{path} now"]
            self.overlap[path] = max(self.overlap[path], most)
        try:
            yield
        finally:
            with self.lock:
                self.calls[f"{path} now"] -= 1
