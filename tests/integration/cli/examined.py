"""Examined: what `offbrand doctor` says of a deployment, by its checks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from tests.integration.cli.terminal import Terminal

# Nobody has written these down anywhere else.
KEY = "9c4f0b7de2a85163f78e01d4ab3c96527d1be8f05a2439c6"
OTHER_KEY = "41d7a3e9605bf28c1e94d06cb87f352a0f6de183b9c4572e"


@attrs.frozen
class Report:
    """Exit code and findings of one examination."""

    exit_code: int
    findings: list[dict[str, str]]

    @property
    def checks(self) -> list[str]:
        """The names of the checks, each once, in their order."""
        return list(dict.fromkeys(finding["check"] for finding in self.findings))

    def states(self, check: str) -> set[str]:
        """Return the states of what a check has found."""
        return {finding["state"] for finding in self.findings if finding["check"] == check}

    def says(self, check: str) -> str:
        """Return everything that a check has found and advises."""
        told = [f"{finding['finding']} {finding['advice']}" for finding in self.findings if finding["check"] == check]
        return " ".join(told)


def examined(terminal: Terminal, *options: str) -> Report:
    """Let the doctor look at the deployment of *terminal*; what it says must agree with itself."""
    result = terminal.run("doctor", "--json", *options)
    document = json.loads(result.stdout)
    findings = document["findings"]
    is_bad = any(finding["state"] == "bad" for finding in findings)
    assert (document["healthy"], result.exit_code) == (not is_bad, 78 if is_bad else 0)
    assert all(set(finding) == {"check", "state", "finding", "advice"} for finding in findings)
    assert all(finding["finding"].endswith(".") for finding in findings)
    assert all(finding["advice"] for finding in findings if finding["state"] in ("warning", "bad"))
    return Report(result.exit_code, findings)
