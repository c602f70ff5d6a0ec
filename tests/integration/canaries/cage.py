"""Cage: the secrets of one run, each unique, and the search for any that got out."""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_AROUND = 60


@attrs.define
class Cage:
    """Secrets by name."""

    canaries: dict[str, str] = attrs.Factory(dict)

    def password(self, name: str) -> str:
        """Return a new password."""
        return self.keep(f"password: {name}", f"{name} canary {secrets.token_hex(8)}")

    def username(self, name: str) -> str:
        """Return a new password that could be a username, so that it is looked for as one."""
        return self.keep(f"password: {name}", f"canary{secrets.token_hex(8)}")

    def key(self, name: str) -> str:
        """Return a new key."""
        return self.keep(f"key: {name}", secrets.token_hex(24))

    def keep(self, name: str, value: str) -> str:
        """Remember a secret that somebody else has made."""
        assert len(value) >= 16, "too short to be looked for"
        self.canaries[name if name not in self.canaries else f"{name} {len(self.canaries)}"] = value
        return value

    def escaped(self, traces: Mapping[str, Iterable[bytes]], allowed: Iterable[str] = ()) -> list[str]:
        """Return where a secret is found, in any form that programs commonly give to text, with what stands around."""
        kinds = tuple(allowed)
        found = []
        joined = {place: b"\n".join(texts) for place, texts in traces.items()}
        for name, value in self.canaries.items():
            if name.startswith(kinds):
                continue
            for place, text in joined.items():
                found += [
                    f"{name} in {place}: {text[max(0, at - _AROUND) : at + _AROUND]!r}"
                    for form in set(_forms(value))
                    if (at := text.find(form)) >= 0
                ]
        return found


def _forms(value: str) -> Iterator[bytes]:
    raw = value.encode()
    yield raw
    yield raw.hex().encode()
    yield quote(value).encode()
    yield value.replace(" ", "+").encode()
    yield json.dumps(value).strip('"').encode()
    # SMTP and HTTP speak base64, in which the first and last letters depend on what stands beside.
    for offset in range(3):
        inner = base64.b64encode(b"\0" * offset + raw)[4 * (offset > 0) : -4]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))
    if "." in value:
        # Of a signed token the signature alone is enough, for who can make up the rest.
        yield value.rpartition(".")[2].encode()
