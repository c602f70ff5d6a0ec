"""Roles: named sets of permission names, defined in code; an account holds only the names of its roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLLOW = "FOLLOW"
COMMENT = "COMMENT"
WRITE = "WRITE"
MODERATE = "MODERATE"
ADMIN = "ADMIN"


@attrs.frozen
class Role:
    """What holders of the role may do."""

    name: str
    permissions: frozenset[str]


USER = Role("User", frozenset({FOLLOW, COMMENT, WRITE}))
MODERATOR = Role("Moderator", USER.permissions | {MODERATE})
ADMINISTRATOR = Role("Administrator", MODERATOR.permissions | {ADMIN})


def permissions_of(names: Iterable[str], roles: Iterable[Role]) -> frozenset[str]:
    """Return what the roles called *names* grant together; a name that no role has grants nothing."""
    held = frozenset(names)
    return frozenset().union(*(role.permissions for role in roles if role.name in held))
