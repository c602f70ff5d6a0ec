"""Script: what `pages.js` adds, in a real browser that reads one document and prints what became of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from offbrand.entrypoints import web

if TYPE_CHECKING:
    from tests.integration.web.visitor import Visitor

_STATIC = Path(web.__file__).parent / "static"
_DOCUMENT = """<!doctype html><html lang="en"><title></title>
<form id="once"><input name="email"><button type="submit">Send</button></form>
<form id="another"><button type="submit">Send</button></form>
<form id="file" data-stays><button type="submit">Export</button></form>
<form id="foreign"><button type="submit">Send</button></form>
<script>{pages}</script>
<script>
  const sent = [];
  document.querySelector("#foreign").addEventListener("submit", (event) => event.preventDefault());
  // The last to hear of it: counts what would leave the page, and keeps it here.
  addEventListener("submit", (event) => {{ sent.push(event.target.id); event.preventDefault(); }});
  const press = (id) => document.querySelector(`#${{id}} button`).click();
  for (const id of ["once", "once", "another", "file", "file", "foreign", "foreign"]) press(id);
  dispatchEvent(new PageTransitionEvent("pageshow", {{ persisted: true }}));
  press("once");
  document.title = sent.join(" ");
</script>"""


@pytest.fixture(scope="module")
def browser() -> str:
    """The path of a Chromium; missing, it is a visible skip, unless it is required."""
    program = os.environ.get("OFFBRAND_TEST_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        required = "browser" in os.environ.get("OFFBRAND_REQUIRE", "").split(",")
        (pytest.fail if required else pytest.skip)("no Chromium is installed")
    return program


def test_a_form_is_sent_once_until_the_page_is_shown_again(browser: str, tmp_path: Path) -> None:
    """A second press would be refused, or use up a guess; coming back by the browser's button it works again."""
    script = (_STATIC / "pages.js").read_text(encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text(_DOCUMENT.format(pages=script), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [browser, *flags, "--disable-background-networking", "--dump-dom", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout  # noqa: S603 - ours
    assert shown.partition("<title>")[2].partition("</title>")[0] == "once another file file foreign foreign once"


def test_a_page_that_hands_out_a_file_stays_usable(ada: Visitor) -> None:
    assert '<form method="post" action="/auth/export" data-stays>' in ada.get("/auth/account").text


def test_a_pressed_button_says_nothing(ada: Visitor) -> None:
    """So that a form means the same when a script has disabled its button, or Enter has sent it."""
    for path in ("/auth/account", "/auth/sessions", "/auth/close", "/auth/change-email"):
        buttons = [tag.partition(">")[0] for tag in ada.get(path).text.split("<button")[1:]]
        assert buttons
        assert not [tag for tag in buttons if " name=" in tag or " value=" in tag]
