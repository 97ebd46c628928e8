"""An authority that gives certificates by ACME, and the provider of DNS that it looks names up at.

lego on a box has the provider write a record (httpreq), and pebble, the authority, asks for it.
"""

import contextlib
import http.server
import json
import os
import socket
import ssl
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any, Self

import trustme
from scapy.layers.dns import DNS, DNSRR, DNSRRSOA

from tests.lab.namespace import Namespace

ADDRESS = "203.0.113.50"
ZONE = "store.test"
PROGRAMS = ("lego", "pebble")
# For the resolver of the internet.
FORWARD = f"server=/{ZONE}/{ADDRESS}\n"
_API, _MANAGEMENT, _RECORDS = 14000, 15000, 8053
_READY_WITHIN_S = 30
_NAME_SERVER = f"ns.{ZONE}."
_SOA, _NS, _TXT, _A = 6, 2, 16, 1


class Authority:
    """In the internet, as long as the `with` block lasts. `trusted` is what a box has to trust."""

    directory = f"https://{ADDRESS}:{_API}/dir"

    def __init__(self, internet: Namespace, folder: Path) -> None:
        self._internet = internet
        self._folder = folder
        self._records: dict[str, str] = {}
        self._own = trustme.CA()
        self._closing = contextlib.ExitStack()
        self.credentials = {"HTTPREQ_ENDPOINT": f"http://{ADDRESS}:{_RECORDS}"}
        self.trusted = ""

    def __enter__(self) -> Self:
        self._internet.run("ip", "address", "add", f"{ADDRESS}/24", "dev", "eth0")
        with contextlib.ExitStack() as closing:
            asked = self._internet.call(self._listen)
            closing.callback(asked.close)
            threading.Thread(target=self._answer, args=(asked,), daemon=True).start()
            self._serve_records(closing)
            self._start_pebble()
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def _listen(self) -> socket.socket:
        asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        asked.bind((ADDRESS, 53))
        return asked

    def _answer(self, asked: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                packet, whence = asked.recvfrom(4096)
                asked.sendto(bytes(self._reply(DNS(packet))), whence)

    def _reply(self, question: DNS) -> DNS:
        [asked] = question.qd
        name = asked.qname.decode().lower()
        soa = DNSRRSOA(
            rrname=f"{ZONE}.", mname=_NAME_SERVER, rname=f"it.{ZONE}.", serial=1, ttl=0, minimum=0
        )
        found: Any = None
        if name == f"{ZONE}." and asked.qtype == _SOA:
            found = soa
        elif name == f"{ZONE}." and asked.qtype == _NS:
            found = DNSRR(rrname=name, type="NS", rdata=_NAME_SERVER, ttl=0)
        elif name == _NAME_SERVER and asked.qtype == _A:
            found = DNSRR(rrname=name, type="A", rdata=ADDRESS, ttl=0)
        elif name in self._records and asked.qtype == _TXT:
            found = DNSRR(rrname=name, type="TXT", rdata=self._records[name].encode(), ttl=0)
        return DNS(
            id=question.id,
            qr=1,
            aa=1,
            rd=question.rd,
            qd=question.qd,
            an=[found] if found else [],
            ns=[] if found else [soa],
        )

    def _serve_records(self, closing: contextlib.ExitStack) -> None:
        records = self._records

        class Provider(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/present":
                    records[said["fqdn"].lower()] = said["value"]
                else:
                    records.pop(said["fqdn"].lower(), None)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        server = self._internet.call(
            lambda: http.server.ThreadingHTTPServer((ADDRESS, _RECORDS), Provider)
        )
        closing.callback(server.server_close)
        closing.callback(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def _start_pebble(self) -> None:
        chain, key = self._folder / "acme.pem", self._folder / "acme-key.pem"
        certificate = self._own.issue_cert(ADDRESS)
        certificate.cert_chain_pems[0].write_to_path(str(chain))
        certificate.private_key_pem.write_to_path(str(key))
        configuration = {
            "listenAddress": f"{ADDRESS}:{_API}",
            "managementListenAddress": f"{ADDRESS}:{_MANAGEMENT}",
            "certificate": str(chain),
            "privateKey": str(key),
        }
        file = self._folder / "pebble.json"
        file.write_text(json.dumps({"pebble": configuration}))
        self._internet.start(
            ["pebble", "-config", file, "-dnsserver", f"{ADDRESS}:53"],
            self._folder / "pebble.log",
            # As pebble's own tests do: it would wait at random, and refuse some requests.
            os.environ | {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"},
        )
        self.trusted = self._own.cert_pem.bytes().decode() + self._root()

    def _root(self) -> str:
        """What pebble signs with, made anew at each start."""
        context = ssl.create_default_context(cadata=self._own.cert_pem.bytes().decode())

        def fetch() -> str:
            url = f"https://{ADDRESS}:{_MANAGEMENT}/roots/0"
            with urllib.request.urlopen(url, timeout=5, context=context) as answer:
                return bytes(answer.read()).decode()

        deadline = time.monotonic() + _READY_WITHIN_S
        while True:
            try:
                return self._internet.call(fetch)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
