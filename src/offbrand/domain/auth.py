"""Auth: every flow, assembled from the ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from offbrand.domain.journal import Journal
from offbrand.domain.links import Links
from offbrand.domain.passwords import Passwords
from offbrand.domain.policy import Policy
from offbrand.domain.services.administration import Administration
from offbrand.domain.services.audit import Audit
from offbrand.domain.services.closing import Closing
from offbrand.domain.services.confirmation import Confirmation
from offbrand.domain.services.delivery import Delivery
from offbrand.domain.services.directory import Directory
from offbrand.domain.services.email_change import EmailChange
from offbrand.domain.services.housekeeping import Housekeeping
from offbrand.domain.services.invitation import Invitation
from offbrand.domain.services.landing import Landing
from offbrand.domain.services.login import Login
from offbrand.domain.services.password_change import PasswordChange
from offbrand.domain.services.password_reset import PasswordReset
from offbrand.domain.services.registration import Registration
from offbrand.domain.services.roles import Roles
from offbrand.domain.services.sessions import Sessions
from offbrand.domain.visits import Visits

if TYPE_CHECKING:
    from offbrand.domain.ports import Blocklist, Clock, Mailer, PasswordHasher, Throttle, Tokens, UnitOfWork

_DEFAULT_POLICY = Policy()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Auth:
    """The whole core; every door, and every host application, holds one."""

    policy: Policy
    registration: Registration
    confirmation: Confirmation
    login: Login
    password_reset: PasswordReset
    password_change: PasswordChange
    email_change: EmailChange
    sessions: Sessions
    closing: Closing
    landing: Landing
    delivery: Delivery
    roles: Roles
    administration: Administration
    invitation: Invitation
    directory: Directory
    audit: Audit
    housekeeping: Housekeeping

    @classmethod
    def assemble(
        cls,
        *,
        unit_of_work: UnitOfWork,
        hasher: PasswordHasher,
        tokens: Tokens,
        mailer: Mailer,
        clock: Clock,
        throttle: Throttle,
        blocklist: Blocklist,
        policy: Policy = _DEFAULT_POLICY,
    ) -> Auth:
        """Build every flow over these ports."""
        passwords = Passwords(hasher=hasher, blocklist=blocklist, throttle=throttle, clock=clock, policy=policy)
        links = Links(throttle=throttle, tokens=tokens, clock=clock, policy=policy)
        visits = Visits(unit_of_work=unit_of_work, tokens=tokens, clock=clock, policy=policy)
        journal = Journal(tokens=tokens)
        return cls(
            policy=policy,
            registration=Registration(
                unit_of_work=unit_of_work,
                passwords=passwords,
                links=links,
                journal=journal,
                clock=clock,
                policy=policy,
            ),
            confirmation=Confirmation(
                unit_of_work=unit_of_work,
                passwords=passwords,
                links=links,
                journal=journal,
                visits=visits,
                clock=clock,
            ),
            login=Login(
                unit_of_work=unit_of_work,
                passwords=passwords,
                journal=journal,
                visits=visits,
                tokens=tokens,
                clock=clock,
            ),
            password_reset=PasswordReset(
                unit_of_work=unit_of_work,
                passwords=passwords,
                links=links,
                journal=journal,
                visits=visits,
                clock=clock,
            ),
            password_change=PasswordChange(
                unit_of_work=unit_of_work,
                passwords=passwords,
                links=links,
                journal=journal,
                visits=visits,
                clock=clock,
            ),
            email_change=EmailChange(
                unit_of_work=unit_of_work, links=links, journal=journal, visits=visits, clock=clock
            ),
            sessions=Sessions(unit_of_work=unit_of_work, journal=journal, visits=visits, clock=clock),
            closing=Closing(unit_of_work=unit_of_work, journal=journal, visits=visits, clock=clock, policy=policy),
            landing=Landing(unit_of_work=unit_of_work, tokens=tokens, clock=clock),
            delivery=Delivery(unit_of_work=unit_of_work, tokens=tokens, mailer=mailer, clock=clock, policy=policy),
            roles=Roles(unit_of_work=unit_of_work, journal=journal, clock=clock, policy=policy),
            administration=Administration(unit_of_work=unit_of_work, links=links, journal=journal, clock=clock),
            invitation=Invitation(unit_of_work=unit_of_work, journal=journal, clock=clock, policy=policy),
            directory=Directory(unit_of_work=unit_of_work, policy=policy),
            audit=Audit(unit_of_work=unit_of_work, visits=visits, clock=clock),
            housekeeping=Housekeeping(
                unit_of_work=unit_of_work, throttle=throttle, journal=journal, clock=clock, policy=policy
            ),
        )
