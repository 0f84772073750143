"""The command line of a program: `serve` and `migrate`, refusals in one line."""

import argparse
import sys
from collections.abc import Coroutine
from typing import Any, Never

import uvloop
from pydantic import ValidationError

from ..errors import NotPreparedError, ServiceUnavailableError, SettingsError
from ..folder_lock import FolderInUseError
from ..identity.key_file import KeyFileOpenError
from ..settings import ProcessRole, ServiceSettings
from .program import Program

REFUSED = 1
"""Exit code where something outside has to be mended first; the next start may succeed."""
MISUSED = 2
"""Exit code of wrong arguments and settings."""


def main(program: Program[Any]) -> Never:
    """Do what the arguments of the process say, and exit."""
    arguments = parser_of(program).parse_args()
    chosen = {} if arguments.role is None else {"role": arguments.role}
    try:
        settings = program.settings(**chosen)
    except ValidationError as exc:
        sys.exit(refused(settings_errors(exc), MISUSED))
    sys.exit(finished(act(program, arguments.command, settings)))


def parser_of(program: Program[Any]) -> argparse.ArgumentParser:
    """Return the parser of the arguments."""
    parser = argparse.ArgumentParser(
        prog=f"python -m aktenfluss.{program.name}",
        description=f"The service {program.name} as a process of its own; settings are environment variables.",
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=("serve", "migrate"),
        default="serve",
        help="serve until a signal ends it, or bring schema, topics and bucket to this release",
    )
    parser.add_argument("--role", choices=[role.value for role in ProcessRole], help="what of it this process does")
    return parser


def act(program: Program[Any], command: str, settings: ServiceSettings) -> Coroutine[object, object, None]:
    """Return what `command` does."""
    return program.migrate(settings) if command == "migrate" else program.serve(settings)


def finished(action: Coroutine[object, object, None]) -> int:
    """Do `action` and return the exit code; what an operator can mend is told in a line."""
    try:
        uvloop.run(action)
    except (SettingsError, KeyFileOpenError) as exc:
        return refused(str(exc), MISUSED)
    except (NotPreparedError, FolderInUseError, ServiceUnavailableError) as exc:
        return refused(str(exc), REFUSED)
    return 0


def refused(reason: str, code: int) -> int:
    """Tell the reason at the standard error and return `code`."""
    sys.stderr.write(f"{reason}\n")
    return code


def settings_errors(exc: ValidationError) -> str:
    """Return what is wrong with which setting, without its value: that may be a secret."""
    errors = exc.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, error['loc'])).upper()}: {error['msg']}" for error in errors)
