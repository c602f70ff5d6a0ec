"""Mailbox mailer: letters are kept as files, to be read in development without a mail server."""

from __future__ import annotations

import os
import re
from email import message_from_bytes
from email.parser import BytesHeaderParser
from email.policy import default
from typing import TYPE_CHECKING
from uuid import UUID

import attrs

from offbrand.domain.errors import MailDelayed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from email.message import EmailMessage
    from pathlib import Path

    from offbrand.adapters.mail.composer import Composer
    from offbrand.domain.letters import ReadyLetter


_IS_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@attrs.frozen(kw_only=True)
class MessageHead:
    """What a list of messages shows of one."""

    id: UUID
    subject: str
    to: str
    date: datetime


@attrs.frozen(kw_only=True)
class StoredMessage(MessageHead):
    """A message as it would have been sent."""

    headers: Mapping[str, str]
    text: str = attrs.field(repr=False)
    html: str = attrs.field(repr=False)


class MailboxMailer:
    """A `Mailer` that writes each letter into *folder*, as ``<id>.eml``; only the folder's owner can read it."""

    def __init__(self, folder: Path, composer: Composer) -> None:
        self._folder = folder
        self._composer = composer

    def send(self, letter: ReadyLetter) -> None:
        """
        Compose the letter and write its file, whole or not at all; one to nobody is only composed.

        Raises:
            MailDelayed: If the file cannot be written.
            MailRefused: If no mail can be addressed to the recipient.
        """
        message = self._composer.compose(letter)
        if letter.recipient is None:
            return
        path = self._path(letter.id)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            unfinished = path.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(message.as_bytes())
            unfinished.replace(path)
        except OSError as error:
            raise MailDelayed(f"The mailbox cannot be written: {error.strerror}.") from None

    def letters(self) -> Sequence[MessageHead]:
        """Return what has arrived, newest first."""
        parser = BytesHeaderParser(policy=default)
        # Whatever else somebody has put into the folder is no letter of ours.
        ours = (path for path in self._folder.glob("*.eml") if _IS_ID.fullmatch(path.stem))
        heads = [_head(UUID(path.stem), parser.parsebytes(path.read_bytes())) for path in ours]
        return sorted(heads, key=lambda head: (head.date, head.id), reverse=True)

    def read(self, letter_id: str | UUID) -> StoredMessage:
        """
        Return the message of this letter.

        Raises:
            LookupError: If there is none, or *letter_id* is no id at all.
        """
        try:
            known = UUID(str(letter_id))
            message = message_from_bytes(self._path(known).read_bytes(), policy=default)
        except (ValueError, FileNotFoundError):
            raise LookupError("there is no such letter") from None
        return StoredMessage(
            **attrs.asdict(_head(known, message)),
            headers={name: str(value) for name, value in message.items()},
            text=_body(message, "plain"),
            html=_body(message, "html"),
        )

    def _path(self, letter_id: UUID) -> Path:
        return self._folder / f"{letter_id}.eml"


def _head(letter_id: UUID, message: EmailMessage) -> MessageHead:
    return MessageHead(
        id=letter_id, subject=str(message["Subject"]), to=str(message["To"]), date=message["Date"].datetime
    )


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return part.get_content().replace("\r\n", "\n") if part else ""
