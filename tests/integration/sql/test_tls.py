"""TLS, as the URL asks for it: a server that cannot prove who it is, or has none to offer, gets no statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offbrand.adapters.sql import blocks
from offbrand.adapters.sql.engine import make_engine
from offbrand.domain.errors import Unavailable
from tests.integration.mail.smtp_server import make_authority
from tests.integration.sql.databases import server_database
from tests.integration.sql.tls import HOST, encrypted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_IS_ENCRYPTED = {
    "postgresql": "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mariadb": (
        "SELECT variable_value > '' FROM information_schema.session_status WHERE variable_name = 'ssl_version'"
    ),
}
_PLAIN = {"postgresql": "sslmode=disable", "mariadb": "ssl_disabled=1"}
_SECRET = {"postgresql": "sslmode=require", "mariadb": "ssl_check_hostname=false"}
_PROVED = {"postgresql": "sslmode=verify-full&sslrootcert={}", "mariadb": "ssl_ca={}"}


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, str, Path]]:
    """Start a server of each kind in turn; return its kind, its URL, and the authority that vouches for it."""
    with server_database(request.param), encrypted(request.param) as (url, authority):
        yield request.param, url, authority


def is_encrypted(kind: str, url: str) -> bool:
    """Return what the server says of a connection that a block has."""
    engine = make_engine(url)
    try:
        with blocks.reading(engine) as connection:
            return bool(connection.exec_driver_sql(_IS_ENCRYPTED[kind]).scalar_one())
    finally:
        engine.dispose()


def test_a_server_that_proves_who_it_is_is_spoken_to_in_secret(server: tuple[str, str, Path]) -> None:
    kind, url, authority = server
    assert is_encrypted(kind, f"{url}?{_PROVED[kind].format(authority)}")


def test_secrecy_may_be_asked_for_alone_or_declined(server: tuple[str, str, Path]) -> None:
    kind, url, _ = server
    assert is_encrypted(kind, f"{url}?{_SECRET[kind]}")
    assert not is_encrypted(kind, f"{url}?{_PLAIN[kind]}")


def test_l11_a_server_that_another_authority_vouches_for_is_refused(
    server: tuple[str, str, Path], tmp_path: Path
) -> None:
    kind, url, _ = server
    with pytest.raises(Unavailable):
        is_encrypted(kind, f"{url}?{_PROVED[kind].format(make_authority(tmp_path))}")


def test_l11_a_server_that_nobody_vouches_for_is_refused(server: tuple[str, str, Path]) -> None:
    kind, url, _ = server
    with pytest.raises(Unavailable):
        is_encrypted(kind, f"{url}?{'sslmode=verify-full' if kind == 'postgresql' else 'ssl_verify_cert=true'}")


def test_l11_a_server_that_has_another_name_is_refused(server: tuple[str, str, Path]) -> None:
    kind, url, authority = server
    with pytest.raises(Unavailable):
        is_encrypted(kind, f"{url.replace(HOST, '127.0.0.1')}?{_PROVED[kind].format(authority)}")


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
@pytest.mark.parametrize("asked", [_SECRET, _PROVED])
def test_l11_a_server_without_a_certificate_is_refused_where_one_is_asked_for(
    kind: str, asked: dict[str, str], tmp_path: Path
) -> None:
    with server_database(kind) as url:
        if is_encrypted(kind, url):
            pytest.skip("the server has a certificate")
        with pytest.raises(Unavailable):
            is_encrypted(kind, f"{url}?{asked[kind].format(make_authority(tmp_path))}")
