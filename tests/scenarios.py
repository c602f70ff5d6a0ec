"""Scenarios: the same stories through every door, told as what each step answered (law L10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.contracts.driver import newest_link

if TYPE_CHECKING:
    from collections.abc import Callable

    from offbrand.contracts.driver import Driver

ADA = "Ada.Byron@example.org"
BOB = "bob@example.com"
NEW = "countess@example.net"
FIRST = "a lantern, a ladder and a loaf"
SECOND = "seven quiet geese on the canal"
THIRD = "marmalade under the third stair"


def join(door: Driver, browser: str, email: str, username: str, password: str) -> list[object]:
    """Register and confirm."""
    asked = door.register(browser, email, username, password)
    door.deliver()
    return [asked, door.confirm(browser, newest_link(door, email, "confirm"), password)]


def mail(door: Driver) -> list[tuple[str, str]]:
    """Return who has been written to, in order, and what kind of link they got."""
    door.deliver()
    return [(letter.address, letter.purpose) for letter in door.letters()]


def registers_and_confirms(door: Driver) -> list[object]:
    """Nothing opens before the mailbox is proved; the link works once."""
    told: list[object] = [door.register("home", ADA, "ada", FIRST), door.log_in("home", "ada", FIRST)]
    door.deliver()
    link = newest_link(door, ADA, "confirm")
    told += [door.confirm("home", link, SECOND), door.confirm("home", link, FIRST), door.whoami("home")]
    told += [door.confirm("other", link, FIRST), door.log_in("other", ADA.lower(), FIRST), door.whoami("other")]
    return [*told, *mail(door)]


def registers_what_is_taken(door: Driver) -> list[object]:
    """A taken address answers like a fresh one and its owner gets a letter without a link; a taken username is told."""
    told = join(door, "home", ADA, "ada", FIRST)
    told += [door.register("stranger", ADA.upper(), "eve", SECOND), door.register("stranger", BOB, "ADA", SECOND)]
    told += [door.register("stranger", BOB, "bob", SECOND), door.request_confirmation("stranger", BOB)]
    return [*told, *mail(door)]


def confirms_anew(door: Driver) -> list[object]:
    """Whoever owns the mailbox need not know what a stranger chose; "not me" forgets it."""
    told: list[object] = [door.register("stranger", ADA, "mallory", SECOND)]
    door.deliver()
    link = newest_link(door, ADA, "confirm")
    told += [door.confirm_anew("home", link, "ada", FIRST), door.whoami("home"), door.log_in("stranger", ADA, SECOND)]
    told += [door.register("stranger", BOB, "bobby", SECOND)]
    door.deliver()
    link = newest_link(door, BOB, "confirm")
    return [*told, door.discard("bob", link), door.discard("bob", link), door.confirm("stranger", link, SECOND)]


def refuses_what_cannot_be(door: Driver) -> list[object]:
    """Each bad value is refused under the same name, and nothing comes of it."""
    told: list[object] = [
        door.register("home", email, username, password)
        for email, username, password in (
            ("no address", "ada", FIRST),
            ("two@@example.org", "ada", FIRST),
            ("ada@localhost", "ada", FIRST),
            ("a" * 250 + "@example.org", "ada", FIRST),
            (ADA, "1ada", FIRST),
            (ADA, "ada byron", FIRST),
            (ADA, "ada@example.org", FIRST),
            (ADA, "a" * 65, FIRST),
            (ADA, "admin", FIRST),
            (ADA, "\u0430da", FIRST),
            (ADA, "ada", "short"),
            (ADA, "ada", "correct horse battery staple"),
            (ADA, "ada", "ada.byron@example.org"),
            (ADA, "ada", "x" * 257),
        )
    ]
    told += [door.confirm("home", "nonsense", FIRST), door.complete_reset("home", "nonsense", FIRST)]
    return [*told, *mail(door)]


def logs_in_and_out(door: Driver) -> list[object]:
    """Either name opens the account, neither says which part was wrong, and a copied session dies with log out."""
    told = join(door, "home", ADA, "ada", FIRST)
    told += [door.log_in("work", "ada", SECOND), door.log_in("work", "grace", FIRST), door.whoami("home")]
    told += [door.log_in("phone", "Ada", FIRST, remember=True), len(door.sessions("phone"))]
    door.copy_browser("phone", "thief")
    told += [door.log_out("phone"), door.whoami("phone").code, door.whoami("thief").code, len(door.sessions("home"))]
    return [*told, *mail(door)]


def changes_the_password(door: Driver) -> list[object]:
    """Every other session and every link ends; this browser stays."""
    told = join(door, "home", ADA, "ada", FIRST)
    told += [door.log_in("phone", ADA, FIRST), door.request_reset("phone", ADA)]
    door.deliver()
    link = newest_link(door, ADA, "reset")
    told += [door.change_password("home", SECOND, THIRD), door.change_password("home", FIRST, "short")]
    told += [door.change_password("home", FIRST, SECOND), door.whoami("home").code, door.whoami("phone").code]
    told += [door.complete_reset("phone", link, THIRD), door.log_in("phone", ADA, FIRST)]
    return [*told, door.log_in("phone", ADA, SECOND), *mail(door)]


def resets_the_password(door: Driver) -> list[object]:
    """The mailbox is enough to set a password and never enough to be logged in."""
    told = join(door, "home", ADA, "ada", FIRST)
    told += [door.request_reset("phone", "nobody@example.org"), door.request_reset("phone", ADA.lower())]
    told += [door.request_reset("phone", ADA)]
    door.deliver()
    links = [letter.token for letter in door.letters() if letter.purpose == "reset"]
    told += [
        len(links),
        door.complete_reset("phone", links[0], "short"),
        door.complete_reset("phone", links[0], SECOND),
    ]
    told += [door.whoami("phone").code, door.whoami("home").code]
    told += [door.complete_reset("phone", link, THIRD) for link in links]
    return [*told, door.log_in("phone", "ada", SECOND), *mail(door)]


def changes_the_address(door: Driver) -> list[object]:
    """The new address proves itself; the former one may take the account back, and then the password is gone."""
    told = join(door, "home", ADA, "ada", FIRST)
    told += join(door, "bob", BOB, "bob", FIRST)
    told += [door.log_in("phone", ADA, FIRST), door.request_email_change("home", ADA.lower())]
    told += [door.request_email_change("home", BOB), door.request_email_change("home", NEW)]
    door.deliver()
    link = newest_link(door, NEW, "change-email")
    told += [door.complete_email_change("bob", link), door.complete_email_change("home", link)]
    told += [door.complete_email_change("home", link), door.whoami("home"), door.whoami("phone").code]
    told += [door.request_email_change("home", "another@example.org"), door.close("home")]
    told += [door.change_password("home", FIRST, SECOND)]
    door.deliver()
    undo = newest_link(door, ADA, "undo-email")
    told += [door.undo_email_change("phone", undo), door.whoami("home").code, door.undo_email_change("phone", undo)]
    told += [door.log_in("phone", ADA, SECOND)]
    door.deliver()
    told += [door.complete_reset("phone", newest_link(door, ADA, "reset"), THIRD), door.log_in("phone", ADA, THIRD)]
    return [*told, door.whoami("phone"), *mail(door)]


def ends_sessions(door: Driver) -> list[object]:
    """An owner sees all sessions and ends one, or all others."""
    told = join(door, "home", ADA, "ada", FIRST)
    told += [door.log_in("phone", ADA, FIRST)]
    before = door.sessions("home")
    told += [door.log_in("tablet", ADA, FIRST), len(before)]
    (tablet,) = set(door.sessions("home")) - set(before)
    told += [door.end_session("home", tablet), door.end_session("home", tablet), door.whoami("tablet").code]
    told += [door.end_other_sessions("home"), door.whoami("phone").code, len(door.sessions("home"))]
    return told


def closes_the_account(door: Driver) -> list[object]:
    """Closing ends everything at once; an operator may let the owner back in, by a new password."""
    told = join(door, "home", ADA, "ada", FIRST)
    told += [door.log_in("phone", ADA, FIRST), door.close("home"), door.whoami("home").code, door.whoami("phone").code]
    told += [door.log_in("home", ADA, FIRST), door.request_reset("home", ADA), door.reopen(ADA), door.reopen(ADA)]
    told += [door.log_in("home", ADA, FIRST)]
    door.deliver()
    told += [door.complete_reset("home", newest_link(door, ADA, "reset"), SECOND), door.log_in("home", ADA, SECOND)]
    return [*told, *mail(door)]


def is_administered(door: Driver) -> list[object]:
    """What operators do takes effect at once, and never gives anybody a password."""
    told: list[object] = [door.invite(ADA, "ada")]
    door.deliver()
    link = newest_link(door, ADA, "confirm")
    told += [door.confirm_anew("home", link, "ada.b", FIRST), door.whoami("home")]
    told += [door.invite(ADA, "ada2"), door.invite(BOB, "ADA.B"), door.disable("ada.b"), door.whoami("home").code]
    told += [door.log_in("home", ADA, FIRST), door.request_reset("home", ADA), door.disable(ADA), door.enable(ADA)]
    told += [door.log_in("home", ADA, FIRST), door.end_sessions(ADA), door.whoami("home").code]
    told += [door.log_in("home", ADA, FIRST), door.remove_password(ADA), door.log_in("home", ADA, FIRST)]
    return [*told, door.purge(), *mail(door)]


def needs_a_session(door: Driver) -> list[object]:
    """Nobody does anything to an account without being in it."""
    return [
        door.whoami("home").code,
        door.prove("home", FIRST),
        door.change_password("home", FIRST, SECOND),
        door.request_email_change("home", NEW),
        door.end_other_sessions("home"),
        door.close("home"),
        list(door.sessions("home")),
    ]


STORIES: tuple[Callable[[Driver], list[object]], ...] = (
    registers_and_confirms,
    registers_what_is_taken,
    confirms_anew,
    refuses_what_cannot_be,
    logs_in_and_out,
    changes_the_password,
    resets_the_password,
    changes_the_address,
    ends_sessions,
    closes_the_account,
    is_administered,
    needs_a_session,
)
