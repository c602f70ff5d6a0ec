"""
offbrand: an authentication core for Python services.

Importing it loads the domain and attrs, and no adapter: those are bound by `offbrand.bootstrap`, or by a host itself.
"""

from __future__ import annotations

from offbrand.domain import errors, ports
from offbrand.domain.account import Account
from offbrand.domain.auth import Auth
from offbrand.domain.policy import Policy
from offbrand.domain.values import AccountId, Client, EmailAddress, Password, Token, Username

__all__ = [
    "Account",
    "AccountId",
    "Auth",
    "Client",
    "EmailAddress",
    "Password",
    "Policy",
    "Token",
    "Username",
    "errors",
    "ports",
]
