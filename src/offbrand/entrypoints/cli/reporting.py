"""Reporting: every way in which a command ends early becomes one sentence on stderr and one exit code."""

from __future__ import annotations

import errno
import traceback

import click

from offbrand.domain.errors import AuthError, Unavailable
from offbrand.entrypoints.cli.extras import extra_for
from offbrand.entrypoints.cli.printing import complain, drop_output
from offbrand.entrypoints.cli.stop import Stop
from offbrand.entrypoints.failures import (
    EX_CONFIG,
    EX_IOERR,
    EX_SOFTWARE,
    EX_USAGE,
    failure_of,
    retry_after_of,
    sentence_of,
)
from offbrand.settings import SettingsError

_INTERRUPTED = 130
# Pages do not say so to whoever is asking. What else may fail is either not waited for or has the database behind it.
_WHAT_IT_IS = " It is the database of OFFBRAND_DATABASE_URL; offbrand -v says why."
_CUT = 141  # what a shell reports of a program that SIGPIPE ended


def report(error: BaseException) -> int:
    """Tell on stderr why the command has ended; return the exit code."""
    match error:
        case KeyboardInterrupt():
            click.echo(err=True)
            return _INTERRUPTED
        case BrokenPipeError():
            drop_output()
            return _CUT
        case OSError():
            # Perhaps it was the output that could not be written; then it cannot be when the program ends either.
            drop_output()
        case click.UsageError():
            return _report_usage(error)
    sentence, code, exit_code = _verdict(error)
    complain(sentence, code)
    return exit_code


def _verdict(error: BaseException) -> tuple[str, str, int]:
    match error:
        case AuthError():
            wait = retry_after_of(error)
            sentence = sentence_of(error) if wait is None else f"{sentence_of(error)} Wait {wait} s."
            if isinstance(error, Unavailable):
                sentence += _WHAT_IT_IS
            return sentence, error.code, failure_of(error).exit_code
        case Stop():
            return error.sentence, error.code, error.exit_code
        case SettingsError():
            return str(error), "settings", EX_CONFIG
        case OSError() if error.errno in (errno.ENOSPC, errno.EIO):
            return f"Something cannot be written: {error.strerror}.", "output", EX_IOERR
        case ModuleNotFoundError() if missing := extra_for(error):
            return missing, "not_installed", EX_CONFIG
    # Only type and place: the text may hold what somebody typed, or the password of a database.
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/offbrand/" in frame.filename]
    place = f" at offbrand/{frames[-1].filename.rpartition('/offbrand/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"This should not have happened: {type(error).__name__}{place}.", "defect", EX_SOFTWARE


def _report_usage(error: click.UsageError) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return EX_USAGE
    sentence = error.format_message()
    if sentence.startswith("Got unexpected extra argument"):
        # Not repeated, as it may be a password.
        sentence = "Too many arguments; passwords and links are asked for, never given as arguments."
    if error.ctx is not None:
        click.echo(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help'.", err=True)
    complain(sentence, "usage")
    return EX_USAGE
