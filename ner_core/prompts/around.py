"""What a template writes around a sentence, rendered once for all sentences of a document."""

import secrets

from jinja2 import Environment, nodes

PLACE = secrets.token_hex(16)
"""Rendered in place of the sentence; nothing else that is rendered has it."""

_PLAIN = (nodes.Template, nodes.Output, nodes.For, nodes.If)
"""Statements that write a variable as it is."""


def is_shown_as_it_is(variable: str, source: str, environment: Environment) -> bool:
    """Return whether a template writes a variable unchanged, and uses it for nothing else."""
    tree = environment.parse(source)
    statements = [tree, *tree.find_all(nodes.Stmt)]
    written = [
        node for output in tree.find_all(nodes.Output) for node in output.nodes
        if isinstance(node, nodes.Name) and node.name == variable
    ]  # fmt: skip
    used = [node for node in tree.find_all(nodes.Name) if node.name == variable]
    return len(written) == len(used) and all(isinstance(each, _PLAIN) for each in statements)
