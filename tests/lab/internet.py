"""The lab's internet, a program: one web page under every name, and data without end.

    python internet.py CERTIFICATE.pem

HTTP on port 80 and HTTPS on 443: `/endless` sends a line every 50 ms, all else is a page.
UDP on port 5555: whoever sends one datagram gets one every 50 ms from then on.
"""

import contextlib
import http.server
import itertools
import socket
import ssl
import sys
import threading
import time

BEAT_S = 0.05
UDP_PORT = 5555


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if self.path == "/endless":
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"still here\n")
                    time.sleep(BEAT_S)
        scheme = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
        page = f"<title>Internet</title><p id=internet>{scheme} {self.headers['Host']}</p>"
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    # Both families, IPv4 by mapped addresses.
    address_family = socket.AF_INET6
    daemon_threads = True


def send_without_end(family: socket.AddressFamily, address: str) -> None:
    """Serve one family: a socket for both would answer IPv4 from a wrong address."""
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.bind((address, UDP_PORT))
        while True:
            _, caller = server.recvfrom(100)
            threading.Thread(target=_send, args=(server, caller), daemon=True).start()


def _send(server: socket.socket, caller: object) -> None:
    for number in itertools.count():
        with contextlib.suppress(OSError):
            server.sendto(str(number).encode(), caller)
        time.sleep(BEAT_S)


def main() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    secure = Server(("::", 443), Pages)
    # The handshake in the caller's own thread: a half-open caller holds up nobody.
    secure.socket = context.wrap_socket(
        secure.socket, server_side=True, do_handshake_on_connect=False
    )
    for target, arguments in (
        (secure.serve_forever, ()),
        (send_without_end, (socket.AF_INET, "203.0.113.10")),
        (send_without_end, (socket.AF_INET6, "2001:db8::10")),
    ):
        threading.Thread(target=target, args=arguments, daemon=True).start()
    Server(("::", 80), Pages).serve_forever()


if __name__ == "__main__":
    main()
