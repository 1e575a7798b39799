"""Who acts, as the audit names them."""

import os
import pwd

import click

_LONGEST_NAME = 64


def name_option(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> str | None:
    """Return a name that may stand in a line of the audit."""
    name = None if value is None else value.strip()
    if name is not None and not (0 < len(name) <= _LONGEST_NAME and name.isprintable()):
        fact = f"{value!r} is no name of 1 to {_LONGEST_NAME} printable characters"
        raise click.BadParameter(fact)
    return name


def user_name() -> str:
    """Return who runs this command, as the machine knows them."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        # In a container a user may have a number and no name.
        return f"user {number}"
