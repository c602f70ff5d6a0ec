"""Tour: every flow through the pages and through the command line, as it should be and with tables missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from tests.integration.canaries.browser import Browser
from tests.integration.cli.screen import Screen

if TYPE_CHECKING:
    from tests.integration.canaries.cage import Cage
    from tests.integration.canaries.deployment import Post, Site

ADA, NEW_ADA, BOB = "ada@example.org", "ada@example.com", "bob@example.org"
_BROKEN = ("offbrand_accounts", "offbrand_events")


@attrs.define
class Tour:
    """What somebody does, and what was shown meanwhile."""

    site: Site
    post: Post
    cage: Cage
    browsers: list[Browser] = attrs.Factory(list)
    said: list[bytes] = attrs.Factory(list)
    statuses: set[int] = attrs.Factory(set)

    def browser(self) -> Browser:
        """Return a new browser."""
        self.browsers.append(Browser(self.site.url, self.cage))
        return self.browsers[-1]

    def through_the_pages(self) -> None:
        """Do all that a person can, and much that is refused."""
        first, second, third = (self.cage.password(name) for name in ("first", "second", "third"))
        ada, stranger = self.browser(), self.browser()
        join = {"email": ADA, "username": "ada", "password": first, "password2": first}
        assert ada.send("/auth/register", join) == 200
        self._mistype(stranger, join)
        assert ada.follow(self.post.link(ADA, "confirm", self.cage), {"password": first}) == 200
        log_in = {"identifier": "ada", "password": first, "remember_me": "y"}
        assert ada.send("/auth/logout", {}, seen_at="/") == 200
        assert ada.send("/auth/login", log_in) == 200
        assert ada.send("/auth/prove", {"password": first}) == 200
        change = {"old_password": first, "password": second, "password2": second}
        assert ada.send("/auth/change-password", change) == 200
        assert ada.send("/auth/change-password", change) == 401
        assert ada.send("/auth/change-email", {"email": NEW_ADA, "password": second}) == 200
        assert ada.follow(self.post.link(NEW_ADA, "change-email", self.cage), {}) == 200
        assert ada.follow(self.post.link(ADA, "undo-email", self.cage), {}) == 200
        forgetful = self.browser()
        reset = self.post.link(ADA, "reset", self.cage)
        self._break(forgetful, join, {**log_in, "password": second}, reset, third)
        assert forgetful.follow(reset, {"password": third, "password2": third}) == 200
        assert forgetful.follow(reset, {"password": third, "password2": third}) == 400
        assert forgetful.send("/auth/login", {"identifier": ADA, "password": third}) == 200
        for path in ("/auth/account", "/auth/activity", "/auth/sessions"):
            assert forgetful.get(path)[0] == 200
        assert forgetful.send("/auth/export", {}, seen_at="/auth/account") == 200
        assert forgetful.send("/auth/sessions/end-others", {}, seen_at="/auth/sessions") == 200

    def through_the_command_line(self) -> None:
        """Type passwords at a terminal, and feed them from files."""
        mine, other = self.cage.password("typed"), self.cage.password("changed")
        self._type("register", BOB, "bob", answers=(("A new password", mine), ("The same once more", mine)))
        self._feed("confirm", lines=(self.post.link(BOB, "confirm", self.cage), mine))
        self._type("login", "bob", answers=(("Your password", self.cage.password("mistyped")),), exit_code=77)
        self._type("login", "bob", answers=(("Your password", mine),))
        self._feed("login", self.cage.username("as an argument"), lines=(mine,), exit_code=77)
        self._feed("login", "bob", self.cage.password("as an argument"), exit_code=64)
        self._feed("password", "change", lines=(mine, other))
        self._feed("password", "reset", BOB)
        self._feed("password", "reset-complete", lines=(self.post.link(BOB, "reset", self.cage), mine, mine))
        with self.site.broken("offbrand_sessions"):
            self._feed("login", "bob", lines=(mine,), exit_code=70)
        self._feed("login", "bob", lines=(mine,))
        for command in ("whoami", "activity", "export", "accounts list", "events list", "mail status", "doctor"):
            self._feed(*command.split(), lines=(mine,))
        self._feed("close", lines=(mine,))

    def session_file(self) -> bytes:
        """Return what the command line keeps, whose tokens are secrets everywhere else."""
        return (self.site.terminal.folder / "state" / "offbrand" / "session.json").read_bytes()

    def _mistype(self, stranger: Browser, join: dict[str, str]) -> None:
        wrong, weak = self.cage.password("wrong"), self.cage.password("mismatched")
        misplaced = self.cage.username("misplaced")
        assert stranger.send("/auth/login", {"identifier": "ada", "password": wrong}) == 401
        assert stranger.send("/auth/login", {"identifier": misplaced, "password": "x" * 20}) == 401
        assert stranger.send("/auth/register", {**join, "password": weak}) == 422
        assert stranger.send("/auth/login", {"identifier": "ada"}) == 422
        # Not among those whose addresses are looked at, because it is they who have typed them.
        scanner = Browser(self.site.url, self.cage)
        token = self.cage.keep("link: made up", f"eyJhIjoxfQ.{self.cage.key('of nobody')}")
        assert scanner.get(f"/auth/reset/{token}")[0] == 400
        assert scanner.get(f"/nowhere/{token}?password={wrong.replace(' ', '+')}")[0] == 404
        assert stranger.send("/auth/reset", {"email": ADA}) == 200

    def _break(self, browser: Browser, join: dict[str, str], log_in: dict[str, str], reset: str, new: str) -> None:
        for table in _BROKEN:
            browser.get(reset.removeprefix(self.site.url))
            with self.site.broken(table):
                self.statuses |= {
                    browser.send("/auth/register", {**join, "email": "eve@example.org", "username": "eve"}),
                    browser.send("/auth/login", log_in),
                    browser.send("/auth/reset", {"email": ADA}),
                    browser.follow(reset, {"password": new, "password2": new}),
                }

    def _type(self, *args: str, answers: tuple[tuple[str, str], ...], exit_code: int = 0) -> None:
        with Screen(self.site.terminal, "-v", *args) as screen:
            for prompt, answer in answers:
                screen.sees(prompt)
                self.said.append(screen.shown.encode())
                screen.types(answer)
            assert screen.ends() == exit_code, screen.shown
            self.said.append(screen.shown.encode())

    def _feed(self, *args: str, lines: tuple[str, ...] = (), exit_code: int | None = 0) -> None:
        text = "".join(f"{line}\n" for line in lines)
        done = self.site.terminal.program("-v", *args, input=text)
        assert exit_code in (None, done.returncode), done.stderr
        self.said += [done.stdout.encode(), done.stderr.encode()]
