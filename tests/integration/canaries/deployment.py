"""Deployment: everything that a production site consists of, as loud as it can be made, and what it leaves behind."""

from __future__ import annotations

import queue
import re
import signal
import sqlite3
import threading
from contextlib import closing, contextmanager, suppress
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import sqlalchemy as sa

from tests.integration.cli.server import Server
from tests.integration.cli.terminal import Terminal
from tests.integration.mail.smtp_server import HOST, Behaviour
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiosmtpd.smtp import SMTP, Envelope, Session

    from tests.integration.canaries.cage import Cage

_LINK = re.compile(r"http\S+/auth/(confirm|reset|change-email|undo-email)/([\w.-]+)")
_PATIENCE = 60  # seconds, for a machine that is busy
# Python loads a module of this name at every start. What hosts have logged, they format in their own way.
_LOUD = """
import logging, os, smtplib
smtplib.SMTP.debuglevel = 2
logging.getLogger().setLevel(logging.DEBUG)
hosts = logging.FileHandler(os.environ["CANARY_LOG"])
hosts.setFormatter(logging.Formatter("%(name)s %(message)s %(exc_text)s"))
for name in ("sqlalchemy.engine", "sqlalchemy.pool"):
    logging.getLogger(name).setLevel(logging.DEBUG)
for name in ("offbrand", "sqlalchemy", "waitress", "werkzeug", "flask", "alembic"):
    logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger(name).addHandler(hosts)
"""


@attrs.define
class Post(Behaviour):
    """A mail server whose letters can be waited for."""

    letters: queue.Queue[tuple[str, str]] = attrs.Factory(queue.Queue)
    texts: list[bytes] = attrs.Factory(list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        self.texts += [str(message.items()).encode(), *(part.encode() for part in parts)]
        self.letters.put((str(message["To"]), parts[0]))
        return await super().handle_DATA(server, session, envelope)

    def link(self, email: str, purpose: str, cage: Cage) -> str:
        """Wait for a letter with a link for *purpose*, and return that; its token is a secret."""
        while True:
            to, text = self.letters.get(timeout=_PATIENCE)
            link = _LINK.search(text)
            if to == email and link is not None and link[1] == purpose:
                cage.keep(f"link: {purpose}", link[2])
                return link[0]


class Watch:
    """Looks all the time at what every process on this machine was started with."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._over.wait(0.05):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    self.seen.add(path.read_bytes())

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()


@attrs.frozen
class Site:
    """A deployment in a folder of its own."""

    url: str
    terminal: Terminal
    database: str

    @classmethod
    def of(cls, folder: Path, database: str, cage: Cage, post: tuple[int, Path]) -> Site:
        """Describe a site over *database*, with *post* being a mail server's port and who signs its certificate."""
        (folder / "loud").mkdir()
        (folder / "loud" / "sitecustomize.py").write_text(_LOUD, encoding="utf-8")
        url = f"http://127.0.0.1:{free_port()}"
        terminal = Terminal.at(folder)
        environ = {
            "PYTHONPATH": f"{folder / 'loud'}:{terminal.program_environ()['PYTHONPATH']}",
            "CANARY_LOG": str(folder / "hosts.log"),
            "SSL_CERT_FILE": str(post[1]),
            "OFFBRAND_ENV": "production",
            "OFFBRAND_BASE_URL": url,
            "OFFBRAND_DATABASE_URL": database,
            "OFFBRAND_SECRET_KEYS": f"{cage.key('old')},{cage.key('new')}",
            "OFFBRAND_SMTP_URL": f"smtp://offbrand:{cage.key('smtp')}@{HOST}:{post[0]}",
            "OFFBRAND_MAIL_SENDER": "accounts@example.org",
            "OFFBRAND_HASH_MEMORY_KIB": "12288",
            "OFFBRAND_HASH_PASSES": "3",
            "OFFBRAND_LOG_FORMAT": "json",
        }
        return cls(url, terminal.but(**environ), database)

    @contextmanager
    def serving(self) -> Iterator[list[str]]:
        """Serve while the block lasts, and lend the lines that the program writes."""
        with Server(self.terminal, "-v", "serve", "--port", self.url.rpartition(":")[2]) as server:
            lines = [server.remarks()]
            while "Serving " not in lines[-1]:
                lines.append(server.remarks())
            assert server.process.stderr is not None
            # Read at once, because a program whose words nobody reads stops in the middle of one.
            reader = threading.Thread(target=lines.extend, args=(server.process.stderr,))
            reader.start()
            yield lines
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(_PATIENCE) == 0
            reader.join()

    @contextmanager
    def broken(self, table: str) -> Iterator[None]:
        """Take a table away while the block lasts, so that whatever needs it is a defect."""
        self._execute(f"ALTER TABLE {table} RENAME TO elsewhere")
        try:
            yield
        finally:
            self._execute(f"ALTER TABLE elsewhere RENAME TO {table}")

    def stored(self) -> Iterator[bytes]:
        """Return every row of every table as text, and the bytes of the files."""
        engine = sa.create_engine(self.database)
        metadata = sa.MetaData()
        metadata.reflect(engine)
        with engine.connect() as connection:
            for table in metadata.sorted_tables:
                for row in connection.execute(sa.text(f"SELECT * FROM {table.name}")):  # noqa: S608 - a name of ours
                    yield repr(tuple(row)).encode()
        engine.dispose()
        for path in self.terminal.folder.glob("offbrand.db*"):
            yield path.read_bytes()

    def hashes(self) -> list[str]:
        """Return the password hashes that are stored."""
        engine = sa.create_engine(self.database)
        with engine.connect() as connection:
            found = connection.execute(sa.text("SELECT password_hash FROM offbrand_accounts")).scalars().all()
        engine.dispose()
        return [text for text in found if text]

    def _execute(self, statement: str) -> None:
        if self.database.startswith("sqlite"):
            with closing(sqlite3.connect(self.terminal.folder / "offbrand.db", timeout=30)) as database:
                database.execute(statement)
            return
        engine = sa.create_engine(self.database, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()
