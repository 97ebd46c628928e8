"""An ACME authority (pebble) and a name server for its challenges, on loopback."""

import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

import trustme

from tests import free_ports

PROGRAMS = ("lego", "pebble", "pebble-challtestsrv")
_WITHIN_S = 30
# What lego calls to have a record written, as it would for a name server without an interface.
_WRITE_RECORD = """#!{python}
import json, sys, urllib.request
if sys.argv[1] == "present":
    words = json.dumps({{"host": sys.argv[2], "value": sys.argv[3]}}).encode()
    urllib.request.urlopen("http://127.0.0.1:{port}/set-txt", words, timeout=10)
"""


class Acme:
    """Up while the `with` block lasts."""

    def __init__(self, folder) -> None:
        self._folder = folder
        self._api, self._management, self._dns, self._records = free_ports.find(4)
        self._closing = contextlib.ExitStack()
        self.root = folder / "acme-root.pem"
        self._api_root = folder / "acme-api-root.pem"

    def __enter__(self):
        with self._closing as closing:
            self._start(closing)
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_):
        self._closing.close()

    def lego(self, name, *words, environment):
        """Run lego for a name; its hooks get the environment as well."""
        script = self._folder / "write-record"
        script.write_text(_WRITE_RECORD.format(python=sys.executable, port=self._records))
        script.chmod(0o755)
        command = [
            *("lego", "--accept-tos", "--email", "it@store.test", "--domains", name),
            *("--server", f"https://127.0.0.1:{self._api}/dir", "--path", self._folder / "lego"),
            *("--dns", "exec", "--dns.disable-cp", "--dns.resolvers", f"127.0.0.1:{self._dns}"),
        ]
        return subprocess.run(
            [*command, *words],
            env=os.environ
            | {"EXEC_PATH": str(script), "LEGO_CA_CERTIFICATES": str(self._api_root)}
            | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def _start(self, closing):
        # It never asks who the web server of a name is: no port of it has to be open.
        none = ("-http01", "", "-https01", "", "-tlsalpn01", "")
        records = f"127.0.0.1:{self._records}"
        dns = f"127.0.0.1:{self._dns}"
        self._run(closing, "pebble-challtestsrv", *none, "-dns01", dns, "-management", records)
        self._wait_for(self._records)

        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self._api_root))
        certificate = authority.issue_cert("127.0.0.1")
        chain, key = self._folder / "acme.pem", self._folder / "acme-key.pem"
        certificate.cert_chain_pems[0].write_to_path(str(chain))
        certificate.private_key_pem.write_to_path(str(key))
        configuration = {
            "listenAddress": f"127.0.0.1:{self._api}",
            "managementListenAddress": f"127.0.0.1:{self._management}",
            "certificate": str(chain),
            "privateKey": str(key),
        }
        file = self._folder / "pebble.json"
        file.write_text(json.dumps({"pebble": configuration}))
        self._run(closing, "pebble", "-config", file, "-dnsserver", dns)
        self._wait_for(self._api)
        self._wait_for(self._management)
        url = f"https://127.0.0.1:{self._management}/roots/0"
        context = ssl.create_default_context(cafile=str(self._api_root))
        with urllib.request.urlopen(url, timeout=10, context=context) as answer:
            self.root.write_bytes(answer.read())

    def _run(self, closing, *command):
        # As pebble's own tests do: it would wait at random, and refuse some requests.
        quick = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        process = subprocess.Popen(
            command,
            env=os.environ | quick,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        closing.callback(process.wait, 10)
        closing.callback(process.terminate)

    @staticmethod
    def _wait_for(port):
        deadline = time.monotonic() + _WITHIN_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, port
                time.sleep(0.05)
            else:
                return


def missing():
    return [name for name in PROGRAMS if not shutil.which(name)]
