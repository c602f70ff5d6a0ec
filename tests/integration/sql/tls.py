"""Servers with a certificate: a PostgreSQL and a MariaDB of a test's own, on free ports of loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from offbrand.adapters.sql.engine import make_engine
from tests.integration.mail.smtp_server import make_authority, make_context
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HOST = "localhost"
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/sbin", "/usr/bin", "/usr/local/bin")


@contextmanager
def encrypted(kind: str) -> Iterator[tuple[str, Path]]:
    """Start a server; give the URL of a database there, and the authority that signed the server's certificate."""
    folder = Path(tempfile.mkdtemp())
    try:
        authority = make_authority(folder)
        make_context(folder, HOST)
        # PostgreSQL does not run for root, and nobody reads another's key.
        user = "postgres" if kind == "postgresql" and os.geteuid() == 0 else None
        for path in (folder, *folder.iterdir()):
            if user:
                shutil.chown(path, user)
        make, serve, url = _COMMANDS[kind](folder, free_port())
        subprocess.run(make, check=True, capture_output=True, user=user, cwd=folder)  # noqa: S603 - our own words
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(serve, stdout=log, stderr=log, user=user, cwd=folder)  # noqa: S603
        try:
            _await(server, url, folder / "log")
            yield url, authority
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder)


def _postgresql(folder: Path, port: int) -> tuple[Sequence[str], Sequence[str], str]:
    make = [_found("initdb"), "--auth=trust", "--username=postgres", "--no-sync", f"--pgdata={folder}/data"]
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "port": str(port),
        "ssl": "on",
        "ssl_cert_file": f"{folder}/{HOST}.pem",
        "ssl_key_file": f"{folder}/{HOST}.key",
    }
    serve = [_found("postgres"), f"-D{folder}/data", *(f"--{name}={value}" for name, value in options.items())]
    return make, serve, f"postgresql+psycopg://postgres@{HOST}:{port}/postgres"


def _mariadb(folder: Path, port: int) -> tuple[Sequence[str], Sequence[str], str]:
    where = ["--no-defaults", f"--datadir={folder}/data", *(["--user=root"] if os.geteuid() == 0 else [])]
    make = [_found("mariadb-install-db"), *where, "--auth-root-authentication-method=normal", "--skip-test-db"]
    serve = [_found("mariadbd"), *where, "--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder}/socket"]
    certificate = [f"--ssl-cert={folder}/{HOST}.pem", f"--ssl-key={folder}/{HOST}.key"]
    return make, [*serve, *certificate], f"mariadb+pymysql://root@{HOST}:{port}/mysql"


_COMMANDS = {"postgresql": _postgresql, "mariadb": _mariadb}


def _found(program: str) -> str:
    places = [str(path) for place in _PLACES for path in sorted(Path("/").glob(place[1:]))]
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), *places]))
    if found is None:
        pytest.skip(f"no {program} to start a server with a certificate")
    return found


def _await(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    engine = make_engine(url)
    for _ in range(1200):
        if server.poll() is not None:
            break
        try:
            engine.connect().close()
        except sa.exc.OperationalError:
            time.sleep(0.1)
        else:
            engine.dispose()
            return
    pytest.fail(f"the server did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
