"""The portal behind a real nginx, on the loopback address: both started as in a store."""

import contextlib
import dataclasses
import http.client
import os
import pwd
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import trustme

from appliance.web_server import arguments
from core import webhook_signature
from core.database import Database
from core.models.every import metadata
from core.setting_groups.portal import PortalSettings
from core.settings import Settings
from tests import free_ports

NAME = "wifi.example"
# Not the server's own: a port nobody listens on yet could be connected to itself.
PHONE = "127.0.0.2"
_READY_WITHIN_S = 30


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    status: int
    reason: str
    headers: dict[str, str]
    body: str


class Fronted:
    """Up while the `with` block lasts. Phones are told apart by their 127.0.0.0/8 address."""

    def __init__(
        self, folder: Path, *, secure: bool = False, portal: bool = True, threads: int = 8
    ) -> None:
        """`portal`: whether there is one behind it; `threads`: of each of its two workers."""
        self.folder = folder
        self._settings = PortalSettings(workers=2, threads=threads)
        self._has_portal = portal
        self.http_port, self.https_port, carrier_port = free_ports.find(3)
        self.carrier = ("127.0.0.1", carrier_port)
        scheme, port = ("https", self.https_port) if secure else ("http", self.http_port)
        self.url = f"{scheme}://{NAME}:{port}"
        self.authority = folder / "authority.pem"
        self.environment = self._environment(secure=secure)
        self._closing = contextlib.ExitStack()

    def __enter__(self):
        database = Database(Settings(data_dir=self.folder / "data").database_url)
        metadata.create_all(database.engine)
        database.dispose()
        with self._closing as closing:
            if self._has_portal:
                socket_path = self.folder / "data" / "portal.sock"
                command = arguments("portal.wsgi:create()", self._settings, socket_path)
                closing.enter_context(self._running("portal", command))
            command = [sys.executable, "-m", "appliance", "front"]
            self._nginx = closing.enter_context(self._running("nginx", command))
            self._wait()
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_):
        self._closing.close()

    def words(self, name):
        """What one of the programs has written."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def connect(self, phone=PHONE):
        return socket.create_connection(
            ("127.0.0.1", self.http_port), timeout=10, source_address=(phone, 0)
        )

    def connect_securely(self, phone=PHONE, name=NAME, context=None):
        context = context or ssl.create_default_context(cafile=self.authority)
        plain = socket.create_connection(
            ("127.0.0.1", self.https_port), timeout=10, source_address=(phone, 0)
        )
        try:
            return context.wrap_socket(plain, server_hostname=name)
        except OSError:
            plain.close()
            raise

    def exchange(self, request, phone=PHONE):
        """All that comes back for these octets, until the server closes."""
        with self.connect(phone) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65_536), b""))

    def ask(self, path="/", *, host=None, method="GET", body=None, phone=PHONE, **headers):
        """One request on a connection of its own, by the way that the portal's address says."""
        secure = self.url.startswith("https") and host is None
        connection = self.connect_securely(phone) if secure else self.connect(phone)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Host"] = self.url.partition("//")[2] if host is None else host
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        with connection:
            asking = http.client.HTTPConnection("unused")
            asking.sock = connection
            asking.request(method, path, body, sent)
            answer = asking.getresponse()
            headers = dict(answer.getheaders())
            return Reply(answer.status, answer.reason, headers, answer.read().decode())

    def _environment(self, *, secure):
        ours = {
            "DATA_DIR": self.folder / "data",
            "PORTAL__URL": self.url,
            "PORTAL__NEIGHBOURS": "loopback",
            "GATE__KIND": "recording",
            "FRONT__SERVER": "nginx",
            "FRONT__ADDRESSES": '["127.0.0.1"]',
            "FRONT__HTTP_PORT": self.http_port,
            "FRONT__HTTPS_PORT": self.https_port,
            "FRONT__USER": pwd.getpwuid(os.geteuid()).pw_name,
            "FRONT__FOLDER": self.folder / "front",
            "SMS__CARRIERS": '["webhook"]',
            "SMS__WEBHOOK__URL": f"http://{self.carrier[0]}:{self.carrier[1]}/sms",
            "SMS__WEBHOOK__SIGNING_KEY": webhook_signature.write_key(bytes(32)),
        }
        if secure:
            ours |= self._certificate()
        outside = {name: value for name, value in os.environ.items() if "DOORMAN_" not in name}
        return outside | {f"DOORMAN_{name}": str(value) for name, value in ours.items()}

    def _certificate(self):
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.authority))
        issued = authority.issue_cert(NAME)
        chain, key = self.folder / "chain.pem", self.folder / "key.pem"
        chain.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(key))
        return {"CERTIFICATE__CHAIN": chain, "CERTIFICATE__KEY": key}

    @contextlib.contextmanager
    def _running(self, name, command):
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)

    def _wait(self):
        deadline = time.monotonic() + _READY_WITHIN_S
        while True:
            try:
                if self.ask("/robots.txt").status == (200 if self._has_portal else 503):
                    return
            except OSError:
                pass
            if time.monotonic() > deadline or self._nginx.poll() is not None:
                raise TimeoutError(self.words("nginx") + self.words("portal"))
            time.sleep(0.05)
