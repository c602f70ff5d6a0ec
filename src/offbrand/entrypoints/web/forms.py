"""Forms: the fields of every page, and what no field may hold; whether a value makes sense, the domain says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from wtforms import BooleanField, EmailField, Field, Form, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, StopValidation

from offbrand.domain import errors
from offbrand.domain.passwords import check_length
from offbrand.domain.values import Password
from offbrand.entrypoints import parsing
from offbrand.entrypoints.failures import sentence_of
from offbrand.entrypoints.web.problems import FormRefused, FormUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from werkzeug.datastructures import MultiDict

    from offbrand.domain.policy import Policy


class _Sent(InputRequired):
    """Browsers ask for text here; what an empty one means, the value says, as at every other door (law L10)."""

    def __call__(self, form: Form, field: Field) -> None:
        del form
        if not field.raw_data:
            raise StopValidation(self.message)


_FILLED = _Sent("Please fill this in.")
_TWICE = "This was sent twice."
_FILE = "This cannot be a file."
_UNTYPABLE = "This holds a character that cannot be typed."
_BLAMED: Mapping[type[Exception], tuple[str, ...]] = {
    errors.AddressUnchanged: ("email",),
    errors.UsernameTaken: ("username",),
    errors.WeakPassword: ("new_password", "password"),
    errors.WrongPassword: ("old_password", "password"),
}
_READ: Mapping[str, Callable[[str], object]] = {
    "email": parsing.email_address,
    "username": parsing.username,
    "old_password": Password,
    "password": Password,
    "new_password": Password,
}


def _email(label: str = "Email address") -> EmailField:
    return EmailField(label, [_FILLED], render_kw={"autocomplete": "email"})


def _username(label: str = "Username") -> StringField:
    hints = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    return StringField(label, [_FILLED], render_kw=hints)


def _password(label: str = "Password") -> PasswordField:
    return PasswordField(label, [_FILLED], render_kw={"autocomplete": "current-password"})


def _new_password(label: str) -> PasswordField:
    return PasswordField(label, [_FILLED], render_kw={"autocomplete": "new-password"})


def _repeated(name: str) -> PasswordField:
    equal = EqualTo(name, "Passwords must match.")
    return PasswordField("Repeat the password", [_FILLED, equal], render_kw={"autocomplete": "new-password"})


class EmptyForm(Form):
    """No field but the token that every form has; the root of all others."""

    def __init__(
        self, formdata: MultiDict[str, str] | None = None, data: Mapping[str, str | None] | None = None
    ) -> None:
        self._strange: dict[str, list[str]] = {}
        super().__init__(formdata, data=data)

    @classmethod
    def sent(cls) -> Self:
        """Return the form as it was sent, for showing it again."""
        return cls(request.form)

    @classmethod
    def read(cls) -> Self:
        """
        Return the form as it was sent, complete and clean.

        Raises:
            FormUnusable: If it is not; with the form, which says what is wrong with which field.
        """
        form = cls.sent()
        form.validate()
        for name, values in request.form.lists():
            if len(values) > 1:
                form.mark(name, _TWICE)
            if not form.judged(name) and any("\0" in text or "\ufffd" in text for text in values):
                form.mark(name, _UNTYPABLE)
        for name in request.files:
            form.mark(name, _FILE)
        if form.wrong:
            raise FormUnusable(form, form.wrong)
        return form

    @property
    def wrong(self) -> dict[str, list[str]]:
        """What is wrong with which field, fields that the form does not have included."""
        return {**self.errors, **self._strange}

    def judged(self, name: str) -> bool:
        """Return whether a value is made of the field *name*, which refuses what it cannot hold by itself."""
        return name in self and not isinstance(self[name], HiddenField | BooleanField)

    def mark(self, name: str, sentence: str) -> None:
        """Say beside the field *name* what is wrong with it, if there is such a field to see."""
        if name in self and not isinstance(self[name], HiddenField):
            self[name].errors = [sentence]
        else:
            self._strange[name] = [sentence]

    def blame(self, refusal: errors.AuthError | FormRefused, sentence: str) -> None:
        """Put *sentence* beside the field that *refusal* is about, if it is about one of this form."""
        for name in _BLAMED.get(type(refusal), ()):
            if name in self:
                self.mark(name, sentence)
                return

    def proofread(self, policy: Policy) -> None:
        """Say beside every field what cannot be made of its value, so that nobody meets one reason after the other."""
        for name in _READ:
            if name in self and not self[name].errors:
                try:
                    self._read(name, policy)
                except (errors.Malformed, errors.WeakPassword) as refusal:
                    self.mark(name, sentence_of(refusal))

    def _read(self, name: str, policy: Policy) -> None:
        value = _READ[name](self[name].data or "")
        # Only a new password is typed twice.
        if isinstance(value, Password) and f"{name}2" in self:
            check_length(value, policy)


class RegistrationForm(EmptyForm):
    """A new account."""

    email = _email()
    username = _username()
    password = _new_password("Password")
    password2 = _repeated("password")


class EmailForm(EmptyForm):
    """An address that a letter is asked for."""

    email = _email()


class ConfirmationForm(EmptyForm):
    """The password that was chosen at registration."""

    password = _password("The password you chose")
    link = HiddenField()


class ConfirmationAnewForm(EmptyForm):
    """Another username and password than those of the registration."""

    username = _username("Your username")
    new_password = _new_password("Your password")
    new_password2 = _repeated("new_password")
    link = HiddenField()


class LinkForm(EmptyForm):
    """Nothing but which link is meant."""

    link = HiddenField()


class LoginForm(EmptyForm):
    """Who, and the proof."""

    identifier = StringField(
        "Email address or username",
        [_FILLED],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = _password()
    remember_me = BooleanField("Keep me logged in")
    next = HiddenField()


class ProofForm(EmptyForm):
    """The proof once more."""

    password = _password()
    next = HiddenField()


class PasswordResetForm(EmptyForm):
    """A new password for a landed link."""

    password = _new_password("New password")
    password2 = _repeated("password")
    link = HiddenField()


class PasswordChangeForm(EmptyForm):
    """The old password and the new one."""

    old_password = _password("Current password")
    password = _new_password("New password")
    password2 = _repeated("password")


class EmailChangeForm(EmptyForm):
    """The new address, and the password unless it was typed a moment ago."""

    email = _email("New email address")
    password = PasswordField("Your password", render_kw={"autocomplete": "current-password"})


class ClosingForm(EmptyForm):
    """The password unless it was typed a moment ago."""

    password = PasswordField("Your password", render_kw={"autocomplete": "current-password"})
