"""Command lines, read as the command `tagwire` reads them, without running anything."""

import typer

from streams.cli.app import cli


def parsed(arguments):
    """Names of the commands that arguments lead to; raises what the command line would."""
    command, names = typer.main.get_command(cli), []
    context = command.make_context("tagwire", list(arguments))
    while getattr(command, "commands", None):
        rest = [*context._protected_args, *context.args]
        if not rest:
            break
        name, command, rest = command.resolve_command(context, rest)
        names.append(name)
        context = command.make_context(name, rest, parent=context)
    return names
