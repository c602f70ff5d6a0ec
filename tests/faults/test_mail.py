"""Mail through a server in trouble: pages do not notice, and every letter arrives once or is visibly dead (law L5)."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import attrs
import pytest

from offbrand.adapters.sql.engine import make_engine
from offbrand.domain.letters import LetterState
from offbrand.entrypoints.delivering import delivering
from tests.faults.relay import Relay
from tests.faults.site import Site, opened
from tests.integration.mail.smtp_server import HOST, make_authority, make_context
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.conftest import Log


@attrs.frozen
class Fault:
    """How a mail server fails; ``copies`` is how often the letter is in the mailbox in the end."""

    name: str
    begin: Callable[[Relay], object]
    copies: int = 1
    kills: bool = False


FAULTS = [
    Fault("refuses connections", lambda relay: relay.line.vanish()),
    Fault("says 421 to the sender", lambda relay: relay.says(on_mail="421 4.3.2 Going down")),
    Fault("says 450 to the recipient", lambda relay: relay.says(on_rcpt="450 4.2.1 Later")),
    Fault("says 550 to the recipient", lambda relay: relay.says(on_rcpt="550 5.1.1 <ada@example.org>?"), kills=True),
    Fault("says 452 to the letter", lambda relay: relay.says(on_data="452 4.3.1 Full")),
    Fault("says 554 to the letter", lambda relay: relay.says(on_data="554 5.7.1 Spam"), kills=True),
    Fault("drops before the final dot", lambda relay: relay.line.when(b"Message-ID", relay.line.cut)),
    Fault("drops after the final dot", lambda relay: relay.says(drops_after="DATA"), copies=2),
    Fault("hangs before its banner", lambda relay: relay.line.hang()),
    Fault("hangs at MAIL", lambda relay: relay.line.when(b"mail FROM", relay.line.hang)),
]


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay() as relay:
        yield relay


@pytest.fixture
def site(file: Path, relay: Relay) -> Iterator[Site]:
    """Serve, with letters leaving beside it."""
    url = f"smtp+plain://{HOST}:{relay.line.port}"
    with opened(make_engine(f"sqlite:///{file}"), file.parent, OFFBRAND_SMTP_URL=url) as site, delivering(site.auth):
        yield site
        relay.heal()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_flt_01_a_letter_survives_a_mail_server_that(fault: Fault, relay: Relay, site: Site, log: Log) -> None:
    """FLT-01, L5: at least once or visibly dead; two copies only where the reply was lost, under one Message-ID."""
    ada = site.settle()
    well = site.browser().submit("/auth/reset", email="nobody@example.org")
    fault.begin(relay)
    answer = site.browser().submit("/auth/reset", email=str(ada.email))
    assert (answer.status, answer.headers["Location"]) == (well.status, well.headers["Location"])
    if fault.name.startswith("hangs"):
        until(lambda: relay.line.is_hung)
        # The thread that delivers is stuck in there; nobody who asks for a page is.
        assert site.member(site.settle()).get("/auth/account").status == 200
        assert site.letter(ada).attempts == 0
        relay.heal()
    until(lambda: site.letter(ada).attempts)
    letter = site.letter(ada)
    assert letter.recipient == str(ada.email)
    assert letter.state == (LetterState.DEAD if fault.kills else LetterState.WAITING)
    assert [line.startswith("A letter could not leave. The mail server ") for line in log.new()] == [True]
    relay.heal()
    if fault.kills:
        assert site.auth.delivery.status().counts[LetterState.DEAD] == 1
        assert site.auth.delivery.retry() == 1
    else:
        site.hurry(site.auth.delivery.clock.now())
    until(lambda: set(site.auth.delivery.status().counts.items()) >= {(LetterState.WAITING, 0), (LetterState.DEAD, 0)})
    assert relay.copies().count(str(letter.id)) == fault.copies
    assert log.new() == []


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make one that will be trusted, and one that nobody knows."""
    if shutil.which("openssl") is None:
        reason = "openssl makes the certificates of the mail server, and is not installed"
        pytest.fail(reason) if os.environ.get("OFFBRAND_REQUIRE") else pytest.skip(reason)
    ours, strange = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("strange")
    make_authority(ours)
    make_authority(strange)
    return ours, strange


@pytest.mark.parametrize("how", ["strips STARTTLS", "has a certificate of its own making"])
def test_flt_01_nothing_is_sent_to_a_mail_server_that(
    how: str, file: Path, authorities: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    """FLT-01: neither letter nor login leaves without TLS that can be trusted, and no letter is lost for that."""
    ours, strange = authorities
    monkeypatch.setenv("SSL_CERT_FILE", str(ours / "ca.pem"))
    with Relay(make_context(ours, HOST)) as relay:
        relay.line.target = relay.serve(None if "strips" in how else make_context(strange, HOST))
        url = f"smtp://{HOST}:{relay.line.port}"
        engine = make_engine(f"sqlite:///{file}")
        with opened(engine, file.parent, OFFBRAND_SMTP_URL=url) as site, delivering(site.auth):
            ada = site.settle()
            assert site.browser().submit("/auth/reset", email=str(ada.email)).is_done
            until(lambda: site.letter(ada).attempts)
            assert relay.behaviour.commands == []
            assert len(log.new()) == 1
            relay.heal()
            site.hurry(site.auth.delivery.clock.now())
            until(lambda: site.letter(ada).sent_at)
            assert len(relay.copies()) == 1
            assert relay.behaviour.was_encrypted == [True]
