"""Routes: every page under ``/auth``, by its path, the name for `url_for`, and its class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offbrand.entrypoints.web.account import AccountPage, ActivityPage, ExportEndpoint
from offbrand.entrypoints.web.closing import ClosingPage
from offbrand.entrypoints.web.confirmation import (
    ConfirmationLanding,
    ConfirmationPage,
    ConfirmationRequestPage,
    DiscardEndpoint,
    UnconfirmedPage,
)
from offbrand.entrypoints.web.email_change import (
    EmailChangeLanding,
    EmailChangePage,
    EmailChangeRequestPage,
    EmailUndoLanding,
    EmailUndoPage,
)
from offbrand.entrypoints.web.login import LoginPage, LogoutEndpoint, ProofPage
from offbrand.entrypoints.web.password_change import PasswordChangePage
from offbrand.entrypoints.web.password_reset import PasswordResetLanding, PasswordResetPage, PasswordResetRequestPage
from offbrand.entrypoints.web.registration import RegistrationPage
from offbrand.entrypoints.web.sessions import SessionEndEndpoint, SessionsEndOthersEndpoint, SessionsPage

if TYPE_CHECKING:
    from offbrand.entrypoints.web.page import Endpoint

ROUTES: tuple[tuple[str, str, type[Endpoint]], ...] = (
    ("/register", "register", RegistrationPage),
    ("/unconfirmed", "unconfirmed", UnconfirmedPage),
    ("/login", "login", LoginPage),
    ("/logout", "logout", LogoutEndpoint),
    ("/prove", "prove", ProofPage),
    ("/confirm", "confirm", ConfirmationRequestPage),
    ("/confirm/<token>", "confirm_landing", ConfirmationLanding),
    ("/confirm/complete", "confirm_complete", ConfirmationPage),
    ("/confirm/discard", "confirm_discard", DiscardEndpoint),
    ("/reset", "reset", PasswordResetRequestPage),
    ("/reset/<token>", "reset_landing", PasswordResetLanding),
    ("/reset/complete", "reset_complete", PasswordResetPage),
    ("/change-password", "change_password", PasswordChangePage),
    ("/change-email", "change_email", EmailChangeRequestPage),
    ("/change-email/<token>", "change_email_landing", EmailChangeLanding),
    ("/change-email/complete", "change_email_complete", EmailChangePage),
    ("/undo-email/<token>", "undo_email_landing", EmailUndoLanding),
    ("/undo-email/complete", "undo_email_complete", EmailUndoPage),
    ("/account", "account", AccountPage),
    ("/activity", "activity", ActivityPage),
    ("/export", "export", ExportEndpoint),
    ("/sessions", "sessions", SessionsPage),
    ("/sessions/<session_id>/end", "session_end", SessionEndEndpoint),
    ("/sessions/end-others", "sessions_end_others", SessionsEndOthersEndpoint),
    ("/close", "close", ClosingPage),
)
