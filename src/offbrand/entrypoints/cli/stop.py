"""Stop: what only this door has to say no to."""

from __future__ import annotations


class Stop(Exception):
    """A command ends here: *sentence* is for people, *code* for programs."""

    def __init__(self, sentence: str, exit_code: int, code: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code
        self.code = code
