"""WSGI: ``app`` for servers that import one, such as gunicorn; letters are delivered by ``offbrand mail deliver``."""

from __future__ import annotations

from offbrand.bootstrap import bootstrap
from offbrand.entrypoints.web import create_app
from offbrand.settings import Settings

_settings = Settings.from_env()
app = create_app(bootstrap(_settings), _settings)
