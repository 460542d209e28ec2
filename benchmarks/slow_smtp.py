"""`python -m benchmarks.slow_smtp PORT MILLISECONDS FILE`: a mail server that takes its time.

Each command is answered after so many milliseconds, as a relay over a network does. Every accepted
message is a line of FILE: seconds since 1970, and its Message-ID. Lean, so that the measure is of
the portal.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from pathlib import Path
from typing import TextIO

_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


async def serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float, log: TextIO
) -> None:
    async def say(words: bytes) -> None:
        if seconds:
            await asyncio.sleep(seconds)
        writer.write(words + b"\r\n")
        await writer.drain()

    try:
        await say(b"220 bench")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                await say(b"354 go on")
                content = await reader.readuntil(b"\r\n.\r\n")
                if seconds:
                    await asyncio.sleep(seconds)
                found = _ID.search(content)
                log.write(f"{time.time()} {found[1].decode() if found else '-'}\n")
                log.flush()
                writer.write(b"250 accepted\r\n")
                await writer.drain()
            elif verb == b"QUIT":
                await say(b"221 bye")
                break
            else:
                await say(b"250 ok")
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # a sender that was killed
    finally:
        writer.close()


async def main(port: int, milliseconds: int, file: Path) -> None:
    with file.open("a", encoding="ascii") as log:
        server = await asyncio.start_server(
            lambda reader, writer: serve(reader, writer, milliseconds / 1000, log),
            "127.0.0.1",
            port,
            limit=2**22,
        )
        async with server:
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
