"""WSGI: ``app`` for servers that import one, such as gunicorn; letters are delivered by ``offbrand mail deliver``."""

from __future__ import annotations

import logging

from offbrand.bootstrap import bootstrap, revisions
from offbrand.domain.errors import AuthError
from offbrand.entrypoints.web import create_app
from offbrand.settings import Settings

_LOG = logging.getLogger(__name__)


def _tell_of_other_tables(settings: Settings) -> None:
    """Say now what requests could not: they end as defects, and no log may have the text of those."""
    try:
        current, newest = revisions(settings)
    except AuthError:
        return  # the database does not answer, which has been logged; once it does, nothing has to be restarted
    if current != newest:
        _LOG.error(
            "The tables are of form %s, and this version needs %s; older ones get there by: offbrand db upgrade",
            current or "none",
            newest,
        )


_settings = Settings.from_env()
_tell_of_other_tables(_settings)
app = create_app(bootstrap(_settings), _settings)
