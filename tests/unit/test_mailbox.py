"""The mailbox in memory, where a host's own tests find their links."""

from __future__ import annotations

import pytest

from offbrand import EmailAddress
from tests.unit.house import ADA, House

GRACE = EmailAddress("grace@example.org")


def test_a_link_is_found_in_the_last_letter_and_nowhere_else() -> None:
    house = House()
    house.sign_up()
    assert house.mailbox.token(ADA) == house.mailbox.newest(ADA).token
    house.join(GRACE, "grace")
    house.log_in(GRACE)
    with pytest.raises(LookupError, match="no link in the letter new_login to grace"):
        house.mailbox.token(GRACE)
    with pytest.raises(LookupError, match="no letter"):
        house.mailbox.token(EmailAddress("nobody@example.org"))
