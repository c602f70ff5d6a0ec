"""Post: a mail server that takes every letter, remembers who handed it over, and is in no hurry to say so."""

from __future__ import annotations

import quopri
import re
import socketserver
import sys
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import UUID

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_LETTER_ID = re.compile(rb"^Message-ID: <([0-9a-f-]{36})@", re.MULTILINE)
_LINK = re.compile(r"/auth/(?:confirm|reset)/[\w.-]+")
_ANSWERS = {
    b"EHLO": "250 post",
    b"MAIL": "250 2.1.0 OK",
    b"RCPT": "250 2.1.5 OK",
    b"DATA": "354 Go on",
    b"QUIT": "221 2.0.0 Bye",
}


@attrs.frozen
class Copy:
    """A letter as it arrived, each time that it did; ``door`` counts the doors in the order in which they opened."""

    id: UUID
    recipient: str
    link: str | None = None
    door: int = 0


class Post:
    """
    What has arrived, through any number of doors; each worker is given one of its own, so that its copies are known.

    *pause* is called with ``before`` when a letter is to come, with ``taken`` when it has come and nobody knows, and
    with ``told`` when its worker does.
    """

    def __init__(self, pause: Callable[[str], object] = lambda _moment: None) -> None:
        self.pause = pause
        self.copies: list[Copy] = []
        self.defects: list[BaseException | None] = []
        self._to: dict[str, list[Copy]] = {}
        self._doors: dict[int, _Door] = {}
        self._count = 0
        self._closed: set[int] = set()
        self._lock = threading.Lock()

    def open_door(self) -> int:
        """Take letters at a port of its own from now on."""
        self._count += 1
        door = _Door(("127.0.0.1", 0), _Talk)
        door.post, door.number = self, self._count
        threading.Thread(target=door.serve_forever, args=(0.05,), daemon=True).start()
        port: int = door.server_address[1]
        self._doors[port] = door
        return port

    def close_door(self, port: int) -> None:
        """Listen there no more: the worker whose door it was has been killed."""
        door = self._doors.pop(port)
        door.shutdown()
        door.server_close()
        self._closed.add(door.number)

    def take(self, content: bytes, recipient: str, door: int) -> None:
        """Keep a letter."""
        found = _LETTER_ID.search(content)
        assert found is not None
        # Not all of it is quoted-printable, but the link is.
        link = _LINK.search(quopri.decodestring(content).decode(errors="replace"))
        copy = Copy(UUID(found[1].decode()), recipient, link[0] if link else None, door)
        with self._lock:
            self.copies.append(copy)
            self._to.setdefault(recipient, []).append(copy)

    def links_to(self, address: str) -> Sequence[str]:
        """Return the links that the mailbox of *address* holds, oldest first."""
        with self._lock:
            copies = list(self._to.get(address, ()))
        return [copy.link for copy in copies if copy.link]

    def found(self) -> tuple[Sequence[Copy], Counter[UUID]]:
        """
        Return what has arrived, and which copies may be one too many.

        That is the last one of each worker that was killed: it works on one letter at a time, and marks each.
        """
        with self._lock:
            copies = list(self.copies)
        last = {copy.door: copy.id for copy in copies if copy.door in self._closed}
        return copies, Counter(last.values())

    def close(self) -> None:
        """Close every door."""
        for port in list(self._doors):
            self.close_door(port)


class _Door(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 50
    post: Post
    number: int

    def handle_error(self, _request: object, _client: object) -> None:
        self.post.defects.append(sys.exception())


class _Talk(socketserver.StreamRequestHandler):
    """One connection, as far as SMTP is needed (RFC 5321) to be handed one letter."""

    server: _Door

    def handle(self) -> None:
        # Whoever is killed leaves in the middle of a sentence.
        with suppress(ConnectionError):
            self._talk()

    def _talk(self) -> None:
        post, recipient = self.server.post, ""
        self._say("220 post")
        while line := self.rfile.readline():
            command = line[:4].upper()
            if command == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            if command == b"DATA":
                post.pause("before")
            self._say(_ANSWERS.get(command, "500 What?"))
            if command == b"DATA":
                content = self._content()
                if content is None:
                    return
                post.take(content, recipient, self.server.number)
                post.pause("taken")
                self._say("250 2.0.0 Taken")
                post.pause("told")

    def _content(self) -> bytes | None:
        """Return everything up to the final dot; None where it never came."""
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return None
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


@contextmanager
def delivered_to(pause: Callable[[str], object] = lambda _moment: None) -> Iterator[Post]:
    """Lend a post while the block lasts."""
    post = Post(pause)
    try:
        yield post
    finally:
        post.close()
