"""Both ends of two QUIC connections (RFC 9000), a program: one only sends, one only receives.

    python quic.py serve ADDRESS CERTIFICATE.pem
    python quic.py load ADDRESS

The server prints a line for each piece that comes up, the client for each that comes down,
one every 50 ms, without end.
"""

import asyncio
import contextlib
import ssl
import sys

from aioquic.asyncio import QuicConnectionProtocol, connect, serve
from aioquic.quic.configuration import QuicConfiguration

PORT = 4433
_BEAT_S = 0.05


def print_line(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    wish = await reader.readline()
    if wish == b"down\n":
        await send(writer)
    while await reader.readline():
        print_line("up")


async def send(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            writer.write(b"a piece\n")
            await asyncio.sleep(_BEAT_S)


async def serve_without_end(address: str, certificate: str) -> None:
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["beat"])
    configuration.load_cert_chain(certificate, certificate)
    running = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.add(asyncio.ensure_future(attend(reader, writer)))

    await serve(address, PORT, configuration=configuration, stream_handler=begin)
    print_line("ready")
    await asyncio.Event().wait()


async def load(address: str) -> None:
    configuration = QuicConfiguration(alpn_protocols=["beat"], verify_mode=ssl.CERT_NONE)
    async with (
        connect(address, PORT, configuration=configuration) as up,
        connect(address, PORT, configuration=configuration) as down,
    ):
        await asyncio.gather(upload(up), download(down))


async def upload(connection: QuicConnectionProtocol) -> None:
    _, writer = await connection.create_stream()
    writer.write(b"up\n")
    await send(writer)


async def download(connection: QuicConnectionProtocol) -> None:
    reader, writer = await connection.create_stream()
    writer.write(b"down\n")
    while await reader.readline():
        print_line("down")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", address, certificate]:
            asyncio.run(serve_without_end(address, certificate))
        case ["load", address]:
            asyncio.run(load(address))
