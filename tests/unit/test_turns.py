"""Turns: a crowd of forms leaves threads and turns to pages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offbrand.entrypoints.turns import Turns

FORMS_AT_ONCE = 3
PAGES = ("GET", "HEAD", None)
METHODS = (*PAGES, "POST", "PUT")


class Desk(Turns):
    """Threads that are played by the test, one request at a time."""

    def take_up(self) -> Any:  # noqa: ANN401 - a page's connection, or a form
        """Do what a thread does first."""
        return self.queue.popleft()


class Connection:
    """What waitress hands to its threads; without a *command*, it could not read the request and knows of none."""

    def __init__(self, command: str | None, network: str = "192.0.2.1") -> None:
        self.command = command
        self.addr = (network, 49152)
        request = SimpleNamespace(error=None, command=command, headers={"X_FORWARDED_FOR": "203.0.113.9"})
        self.requests = [request if command else SimpleNamespace(error="bad")]
        self.was = list[str]()

    def service(self) -> None:
        self.was.append("served")

    def cancel(self) -> None:
        self.was.append("dropped")


def desk(*commands: str | None) -> tuple[Desk, list[Connection]]:
    """Return threads and the requests that wait for them."""
    threads, connections = Desk(FORMS_AT_ONCE, 0), [Connection(command) for command in commands]
    for connection in connections:
        threads.add_task(connection)
    return threads, connections


def taken_up(threads: Desk) -> list[Any]:
    """Return what is taken up if nothing ever ends."""
    return [threads.take_up() for _ in range(len(threads.queue))]


def test_pages_and_forms_are_taken_up_in_turn() -> None:
    threads, (*forms, one, two) = desk("POST", "POST", "POST", "GET", "HEAD")
    assert [request in (one, two) for request in taken_up(threads)] == [True, False, True, False, False]
    assert len(forms) == 3


def test_res_01_forms_never_have_more_threads_than_are_meant_for_them() -> None:
    """However many wait; each that ends makes room for one."""
    threads, connections = desk(*["POST"] * 10)
    at_work = taken_up(threads)
    assert (len(at_work), len(threads.queue)) == (FORMS_AT_ONCE, 0)
    threads.add_task(page := Connection("GET"))
    assert taken_up(threads) == [page]
    at_work[0].service()
    assert connections[0].was == ["served"]
    assert len(taken_up(threads)) == 1


def served(threads: Desk, *connections: Connection) -> list[Connection]:
    """Let these wait, and serve as many as may begin; return those in the order in which they were served."""
    for connection in connections:
        threads.add_task(connection)
    order = list[Connection]()
    for form in taken_up(threads):
        form.service()
        order += [connection for connection in connections if connection.was and connection not in order]
    return order


def test_res_01_a_crowd_keeps_nobody_from_another_network_waiting() -> None:
    """Neither one network with many forms, nor many that were served just now: whoever is new is next."""
    threads, crowd = desk(*["POST"] * 10)
    others = [Connection("POST", f"198.51.100.{number}") for number in range(5)]
    assert served(threads, *others) == others[:2]
    assert served(threads) == []
    person, again = Connection("POST", "203.0.113.7"), Connection("POST", "198.51.100.0")
    assert served(threads, again, person) == [person, again]
    assert [connection.was for connection in crowd[:2]] == [["served"], ["served"]]


def test_hst_02_a_site_is_one_network_and_not_65_536_that_are_all_new() -> None:
    threads = Desk(1, 0)
    assert served(threads, Connection("POST", "192.0.2.1"))
    assert served(threads, Connection("POST", "2001:db8::1"))
    again, site = Connection("POST", "192.0.2.1"), Connection("POST", "2001:db8:0:1::1")
    assert served(threads, site, again) == [again]


def test_a_network_that_was_served_long_ago_is_new_again() -> None:
    """What is remembered of networks is bounded, however many come."""
    threads = Desk(1, 0)
    assert served(threads, Connection("POST"))
    for number in range(1024):
        assert served(threads, Connection("POST", f"10.0.{number // 250}.{number % 250}"))
    again, new = Connection("POST"), Connection("POST", "203.0.113.7")
    assert served(threads, again, new) == [again]


@pytest.mark.parametrize(("trusted", "first"), [(0, ["served", "nothing"]), (1, ["nothing", "served"])])
def test_hst_02_only_a_trusted_proxy_tells_whose_turn_it_is(trusted: int, first: list[str]) -> None:
    """L8: who makes up an address is served no sooner."""
    threads = Desk(1, trusted)
    one, two, three = Connection("POST"), Connection("POST", "192.0.2.2"), Connection("POST")
    two.requests[0].headers["X_FORWARDED_FOR"] = one.requests[0].headers["X_FORWARDED_FOR"] if trusted else "1.2.3.4"
    three.requests[0].headers["X_FORWARDED_FOR"] = "203.0.113.250"
    for connection in (one, two, three):
        threads.add_task(connection)
    for _ in range(2):
        threads.take_up().service()
    assert [(connection.was or ["nothing"])[0] for connection in (two, three)] == first


def test_a_form_that_breaks_its_thread_makes_room_as_well() -> None:
    threads, (broken, *_) = desk(*["POST"] * 4)
    broken.service = lambda: 1 / 0  # type: ignore[method-assign, assignment]
    at_work = taken_up(threads)
    with pytest.raises(ZeroDivisionError):
        at_work[0].service()
    assert len(threads.queue) == 1


def test_forms_that_wait_are_dropped_at_the_end_like_pages() -> None:
    threads, connections = desk("POST", "GET")
    threads.shutdown(timeout=0)
    assert [connection.was for connection in connections] == [["dropped"], ["dropped"]]


@given(st.lists(st.sampled_from([*METHODS, "a form ends"])))
@example(["POST"] * 5 + ["a form ends"] * 5)
def test_what_waits_is_taken_up_once_and_in_order(story: list[str | None]) -> None:
    threads, connections = desk()
    begun, forms = list[Any](), list[Any]()
    for step in story:
        if step == "a form ends" and forms:
            forms.pop(0).service()
        elif step != "a form ends":
            connections.append(Connection(step))
            threads.add_task(connections[-1])
        for request in taken_up(threads):
            (begun if isinstance(request, Connection) else forms).append(request)
        assert 0 <= len(forms) <= FORMS_AT_ONCE
        assert threads.queue.may_begin == FORMS_AT_ONCE - len(forms)
    assert begun == [one for one in connections if one.command in PAGES]
