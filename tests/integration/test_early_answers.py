"""Early answers: what the server logs of visitors who leave, and of applications that break."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from waitress.channel import ClientDisconnected

from offbrand.entrypoints.serving import listen, run
from offbrand.entrypoints.stopping import Wish
from offbrand.entrypoints.web.problems import SENTENCES
from offbrand.settings import Settings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

ENVIRON = {"OFFBRAND_ENV": "development", "OFFBRAND_SECRET_KEYS": "5f1c8a7e90b3d2467c1e8fa05b9d3c62" * 2}


@pytest.mark.parametrize(
    ("trouble", "told"), [(ClientDisconnected, "Client disconnected"), (ZeroDivisionError, "Exception")]
)
def test_l9_the_log_of_the_server_names_no_link(
    trouble: type[Exception], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """TOK-15: a visitor who leaves a landing page before it has come is logged by every `offbrand serve`."""
    caplog.set_level(logging.INFO)

    def application(_environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
        # As waitress itself does when it writes to somebody who has left.
        raise trouble

    wish, begun = Wish(), threading.Event()
    sockets = listen("127.0.0.1", 0)
    arguments = (application, sockets, Settings.from_env(ENVIRON), wish, begun.set)
    server = threading.Thread(target=run, args=arguments)
    server.start()
    try:
        assert begun.wait(30)
        url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/auth/reset/canary"
        with pytest.raises((URLError, ConnectionError)) as refusal:
            urlopen(url, timeout=30)
    finally:
        wish.signal = 15
        server.join()
    if isinstance(refusal.value, HTTPError):
        with refusal.value as answer:
            assert (answer.code, answer.read().decode()) == (500, f"{SENTENCES[500]}\n")
    assert f"{told} while serving a request" in caplog.text
    assert "canary" not in caplog.text
