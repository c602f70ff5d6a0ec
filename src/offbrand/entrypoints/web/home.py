"""Home: the first page of an application that is ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template

from offbrand.entrypoints.web.page import Endpoint

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class HomePage(Endpoint):
    """Welcome."""

    def get(self) -> ResponseReturnValue:
        """Show what there is to do, to a stranger or to somebody who is logged in."""
        return render_template("offbrand/home.html")
