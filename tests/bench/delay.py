"""A proxy that is a round trip away: what goes in comes out later, as much at once as went in.

python -m tests.bench.delay <port> <to port> <seconds, there and back>
"""

import asyncio
import sys


async def _carry(reader, writer, delay_s):
    loop = asyncio.get_running_loop()
    held = asyncio.Queue()

    async def release():
        while True:
            due, part = await held.get()
            await asyncio.sleep(max(due - loop.time(), 0))
            if not part:
                writer.close()
                return
            writer.write(part)
            await writer.drain()

    releasing = asyncio.create_task(release())
    part = b"-"
    while part:
        try:
            part = await reader.read(1 << 16)
        except ConnectionError:
            part = b""
        held.put_nowait((loop.time() + delay_s, part))
    await releasing


async def _serve(port, to_port, round_trip_s):
    async def meet(reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", to_port)
        one_way = round_trip_s / 2
        await asyncio.gather(
            _carry(reader, back, one_way), _carry(there, writer, one_way), return_exceptions=True
        )

    server = await asyncio.start_server(meet, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
