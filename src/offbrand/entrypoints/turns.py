"""Turns: which request the server's threads take up next, so that a crowd of forms keeps nobody else waiting."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING, Any

import attrs
from waitress.task import ThreadedTaskDispatcher

from offbrand.domain.lanes import Lanes
from offbrand.domain.values import Client
from offbrand.entrypoints.web.clients import network_of

if TYPE_CHECKING:
    from collections.abc import Callable

_PAGES = ("GET", "HEAD")


@attrs.frozen(eq=False)
class Form:
    """A request that may have to wait for a turn to hash and keeps its thread meanwhile, by its connection."""

    network: str | None
    _channel: Any
    _finished: Callable[[Form], None]

    def service(self) -> None:
        """Answer it."""
        try:
            self._channel.service()
        finally:
            self._finished(self)

    def cancel(self) -> None:
        """Drop it."""
        self._channel.cancel()


class Requests:
    """Requests that wait for a thread: pages and forms in turn, and of forms at most *forms_at_once* at work."""

    def __init__(self, forms_at_once: int) -> None:
        # There is room for all: how many connections there are is limited before.
        self._forms = Lanes[Form](forms_at_once, sys.maxsize)
        self._pages = deque[Any]()
        self._was_page = False

    def __len__(self) -> int:
        """How many may be taken up."""
        return len(self._pages) + min(self._forms.waiting, self.may_begin)

    @property
    def may_begin(self) -> int:
        """How many more forms may be taken up before one has ended."""
        return self._forms.free

    def append(self, request: Any) -> None:  # noqa: ANN401 - waitress has no types
        """Let a request wait."""
        if isinstance(request, Form):
            self._forms.join(request.network, request)
        else:
            self._pages.append(request)

    def popleft(self) -> Any:  # noqa: ANN401 - as above
        """Take up the next."""
        form = self._forms.serve() if self._was_page or not self._pages else None
        self._was_page = form is None
        return self._pages.popleft() if form is None else form

    def end(self, form: Form) -> None:
        """Let another form begin in the place of this one."""
        self._forms.leave(form.network, form)


class Turns(ThreadedTaskDispatcher):  # type: ignore[misc] # waitress has no types
    """Threads that serve `Requests`, which come through so many *trusted_proxies*."""

    def __init__(self, forms_at_once: int, trusted_proxies: int) -> None:
        super().__init__()
        self.queue = Requests(forms_at_once)
        self._trusted_proxies = trusted_proxies

    def add_task(self, channel: Any) -> None:  # noqa: ANN401 - waitress has no types
        """Let the first request of a connection wait for its turn."""
        request = channel.requests[0]
        # What cannot be read has no method, and to refuse it takes no turn to hash.
        is_page = request.error or request.command in _PAGES
        super().add_task(channel if is_page else Form(self._network(channel), channel, self._finish))

    def _network(self, channel: Any) -> str | None:  # noqa: ANN401 - waitress has no types
        forwarded = channel.requests[0].headers.get("X_FORWARDED_FOR", "")
        return Client(network=network_of(channel.addr[0], forwarded, self._trusted_proxies)).site

    def _finish(self, form: Form) -> None:
        with self.lock:
            self.queue.end(form)
            self.queue_cv.notify()
