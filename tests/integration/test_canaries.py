"""Canaries: unique secrets through every door of a real deployment, and then a search for any that got out."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.integration.canaries.cage import Cage
from tests.integration.canaries.deployment import Post, Site, Watch
from tests.integration.canaries.tour import Tour
from tests.integration.mail.smtp_server import HOST, make_authority, make_context, serving
from tests.integration.sql.databases import server_database

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_secret_gets_out(kind: str, tmp_path: Path) -> None:
    """LOG-01, LOG-02, CLI-01, TOK-15; L9: everything logs at DEBUG, echoes its SQL, and fails now and then."""
    cage = Cage()
    with ExitStack() as stack:
        authority = make_authority(tmp_path)
        post = Post(login=(b"offbrand", b""))
        port = stack.enter_context(serving(post, starttls=make_context(tmp_path, HOST)))
        database = f"sqlite:///{tmp_path}/offbrand.db"
        if kind == "postgresql":
            url = stack.enter_context(server_database(kind))
            database = url.replace("postgres@", f"postgres:{cage.key('database')}@", 1)
        site = Site.of(tmp_path, database, cage, (port, authority))
        post.login = (b"offbrand", cage.canaries["key: smtp"].encode())
        watch, tour = Watch(), Tour(site, post, cage)
        with watch():
            upgraded = site.terminal.program("-v", "db", "upgrade")
            assert upgraded.returncode == 0, upgraded.stderr
            with site.serving() as log:
                tour.through_the_pages()
                tour.through_the_command_line()
        for value in site.hashes():
            cage.keep("hash", value)
        stored = [*site.stored()]
    kept = json.loads(tour.session_file())
    for name, token in next(iter(kept.values())).items():
        cage.keep(f"cookie: {name}", token)
    assert tour.statuses >= {500}
    outside = {
        "what the server says": [line.encode() for line in log],
        "what a host logs": [(tmp_path / "hosts.log").read_bytes()],
        "what commands say": [upgraded.stderr.encode(), *tour.said],
        "addresses": [address.encode() for browser in tour.browsers for address in browser.addresses],
    }
    pages = [page for browser in tour.browsers for page in browser.pages]
    # A database keeps hashes, a page the token of its form and what was typed into a field that is no password's, and a
    # letter its link. Who types a password as an argument has shown it, and we do not repeat it.
    found = [
        *cage.escaped(outside),
        *cage.escaped({"processes": watch.seen}, allowed=["password: as an argument"]),
        *cage.escaped({"the database": stored}, allowed=["hash"]),
        *cage.escaped({"pages": pages}, allowed=["csrf", "password: misplaced"]),
        *cage.escaped({"letters": post.texts}, allowed=["link", "cookie: offbrand-link"]),
    ]
    assert found == []
    # All this has seen something: lines that can be read, but for smtplib's own, and the link of every flow.
    assert len([json.loads(line) for line in log if line.startswith("{")]) > 1000
    assert {name.partition(" ")[2].split()[0] for name in cage.canaries if name.startswith("link")} >= {
        *("confirm", "reset", "change-email", "undo-email")
    }
    assert any(b"offbrand.entrypoints.cli" in line for line in watch.seen)
    assert len(cage.canaries) > 30


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "a letter to /auth/reset/{}?x",
        '{{"token": "{}"}}',
    ],
)
def test_the_search_finds_what_is_there(form: str) -> None:
    cage = Cage()
    for value in (cage.password("lost"), cage.keep("link: lost", "eyJhIjoxfQ.not-much-of-a-signature")):
        assert len(cage.escaped({"log": [b"nothing", form.format(value).encode()]})) >= 1
    assert cage.escaped({"log": [b"nothing", b"AUTH PLAIN nothing"]}) == []
