"""Page: GET shows, POST does, and a refusal shows the page again with what was wrong."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from urllib.parse import unquote_to_bytes

from flask import flash, make_response, render_template, request, url_for
from flask.views import MethodView
from werkzeug.exceptions import BadRequest

from offbrand.domain.errors import AuthError, InvalidToken, Malformed, NotLoggedIn, Unavailable
from offbrand.entrypoints.web import guards, redirects
from offbrand.entrypoints.web.clients import client_of
from offbrand.entrypoints.web.errors import tell_error, tell_refusal
from offbrand.entrypoints.web.form_tokens import has_token
from offbrand.entrypoints.web.forms import EmptyForm
from offbrand.entrypoints.web.origin import check_origin
from offbrand.entrypoints.web.problems import FormExpired, FormRefused, Problem, wants_json

if TYPE_CHECKING:
    from datetime import datetime

    from flask.typing import ResponseReturnValue

    from offbrand.domain.claims import Purpose
    from offbrand.domain.values import Client
    from offbrand.entrypoints.web.state import State

F = TypeVar("F", bound=EmptyForm)
_BODY_MAX = 64 * 1024
_PARTS_MAX = 20


class Endpoint(MethodView):
    """
    What every view shares: who may see it, and that a form must come from our own page.

    ``back`` names the endpoint to return to where a form without a page of its own first needs the password;
    ``purpose`` says what the link is for, where a link leads here.
    """

    init_every_request = False
    members_only: ClassVar[bool] = False
    strangers_only: ClassVar[bool] = False
    back: ClassVar[str | None] = None
    purpose: ClassVar[Purpose | None] = None

    def __init__(self, state: State) -> None:
        self.state = state
        self.auth = state.auth
        self.cookies = state.cookies

    @property
    def client(self) -> Client:
        """Who is asking."""
        return client_of(self.state)

    @property
    def now(self) -> datetime:
        """What time the core has."""
        return self.auth.login.clock.now()

    def dispatch_request(self, **values: object) -> ResponseReturnValue:
        """Check what holds for every view, call the method that was asked for, and tell refusals."""
        try:
            if request.method == "POST":
                self._check_form()
            if self.members_only:
                guards.require_visit()
            if self.strangers_only and guards.current_visit():
                flash("You are already logged in.", "info")
                return redirects.see_other(redirects.wanted() or redirects.home())
            return super().dispatch_request(**values)
        except (AuthError, FormRefused) as refusal:
            return self.refuse(refusal)

    def refuse(self, refusal: AuthError | FormRefused) -> ResponseReturnValue:
        """Tell why not."""
        if isinstance(refusal, FormRefused):
            return tell_error(refusal)
        return tell_refusal(refusal, url_for(self.back) if self.back else None, self.purpose)

    def _check_form(self) -> None:
        request.max_content_length = _BODY_MAX
        request.max_form_parts = _PARTS_MAX
        _check_text()
        check_origin(self.state.settings)
        if not has_token():
            if self.members_only:
                # Whose session is over as well has no use for the form before the next login.
                guards.require_visit()
            raise FormExpired


def _check_text() -> None:
    # Werkzeug leaves what is not UTF-8 as it was escaped, and so makes text of it that nobody has typed.
    if request.mimetype != "application/x-www-form-urlencoded":
        return
    try:
        unquote_to_bytes(request.get_data()).decode()
    except UnicodeDecodeError:
        raise BadRequest from None


class Page(Endpoint, Generic[F]):
    """
    One template around one form; what was typed is kept when it is shown again, passwords are not.

    Subclasses say in `do` what a complete and clean form does, and in `context` what else the template shows.
    """

    template: ClassVar[str]
    form: type[F]

    def get(self) -> ResponseReturnValue:
        """Show the empty form."""
        return self.show(self.blank())

    def post(self) -> ResponseReturnValue:
        """Do what the form asks for."""
        return self.do(self.chosen().read())

    def blank(self) -> F:
        """Return the form before anybody has typed."""
        return self.form()

    def chosen(self) -> type[F]:
        """Return which form was sent."""
        return self.form

    @abstractmethod
    def do(self, form: F) -> ResponseReturnValue:
        """Do what the form asks for."""
        ...

    def context(self) -> dict[str, Any]:
        """Return what the template shows beside the form."""
        return {}

    def stands_alone(self) -> bool:
        """Return whether the page can be shown without asking the database once more."""
        return guards.is_settled()

    def show(self, form: F, problem: Problem | None = None) -> ResponseReturnValue:
        """Render the page, with *problem* where there is one."""
        page = render_template(self.template, form=form, problem=problem, **self.context())
        return make_response(page, problem.status if problem else 200, problem.headers if problem else {})

    def refuse(self, refusal: AuthError | FormRefused) -> ResponseReturnValue:
        """Show the page again with the reason, unless it has nothing to show any more."""
        if request.method != "POST" or wants_json() or isinstance(refusal, (NotLoggedIn, InvalidToken)):
            return super().refuse(refusal)
        if isinstance(refusal, Unavailable) and not self.stands_alone():
            # To show the page would run into the same trouble again, and wait for it as long again.
            return super().refuse(refusal)
        problem = Problem.of(refusal)
        form = getattr(refusal, "form", None) or self.chosen().sent()
        form.blame(refusal, problem.sentence)
        if form.errors or isinstance(refusal, Malformed):
            form.proofread(self.auth.policy)
        try:
            return self.show(form, problem)
        except AuthError as worse:
            return super().refuse(worse)
