"""Crowd: clients that log in as browsers do, with names that exist and that do not, and never wait; see `flood`."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    import multiprocessing
    from collections.abc import Iterable

HOST = "auth.example.org"
MEMBERS = [f"member{letter}" for letter in "abcdefgh"]
ONE_NETWORK = "198.51.100.7"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def head(method: str, path: str, network: str, **others: object) -> str:
    """Return a request up to its body."""
    lines = {"Host": HOST, "X-Forwarded-For": network, "Sec-Fetch-Site": "same-origin", **others}
    return (
        f"{method} {path} HTTP/1.1\r\n" + "".join(f"{n.replace('_', '-')}: {v}\r\n" for n, v in lines.items()) + "\r\n"
    )


async def answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Return the head and the body of the next answer."""
    told = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = re.search(r"(?i)^content-length: (\d+)", told, re.MULTILINE)
    return told, await reader.readexactly(int(length.group(1)) if length else 0)


async def besiege(port: int, network: str, number: int, statuses: Counter[int], answered: asyncio.Event) -> None:
    """Log in as somebody, again and again."""
    cookie = token = None
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while token is None:
                writer.write(head("GET", "/auth/login", network).encode())
                told, page = await answer(reader)
                cookie = re.findall(r"(?i)^set-cookie: ([^;]+)", told, re.MULTILINE)[-1]
                token = TOKEN.search(page.decode()).group(1)
            while True:
                who = (
                    MEMBERS[number // 2 % len(MEMBERS)] if number % 2 else f"stranger{secrets.token_hex(8)}@example.org"
                )
                form = urlencode({"csrf_token": token, "identifier": who, "password": "not the one that was chosen"})
                kind = "application/x-www-form-urlencoded"
                asked = head(
                    "POST",
                    "/auth/login",
                    network,
                    Origin=f"https://{HOST}",
                    Cookie=cookie,
                    Content_Type=kind,
                    Content_Length=len(form),
                )
                writer.write((asked + form).encode())
                told, _ = await answer(reader)
                statuses[int(told.split()[1])] += 1
                answered.set()
        except (OSError, EOFError):
            statuses[0] += 1
            await asyncio.sleep(0.1)


def flood(port: int, clients: int, networks: int, seconds: float, news: multiprocessing.SimpleQueue[Any]) -> None:
    """Be the crowd; the *news* are that it begins, that each has had an answer, and how many there were by status."""
    os.nice(19)
    statuses = Counter[int]()
    addresses = [f"100.64.{n >> 8}.{n & 255}" for n in range(networks)] if networks > 1 else [ONE_NETWORK]

    async def crowd() -> None:
        answered = [asyncio.Event() for _ in range(clients)]
        work = [besiege(port, addresses[n % networks], n, statuses, event) for n, event in enumerate(answered)]
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(watch(answered), *work), seconds)

    async def watch(answered: Iterable[asyncio.Event]) -> None:
        news.put("all are here")
        for event in answered:
            await event.wait()
        news.put("all have been answered")

    asyncio.run(crowd())
    news.put(dict(statuses))
