"""What a template writes around a sentence or a surface, rendered once for all of them."""

import secrets
from collections.abc import Iterable

from jinja2 import Environment, nodes

PLACE = secrets.token_hex(16)
"""Rendered in place of what is asked about; nothing else that is rendered has it."""

_PLAIN = (nodes.Template, nodes.Output, nodes.For, nodes.If)
"""Statements that write a variable as it is."""


def is_shown_as_it_is(variable: str, source: str, environment: Environment) -> bool:
    """Return whether a template writes a variable unchanged, and uses it for nothing else."""
    tree = environment.parse(source)
    return _shown(tree) and len(_written(variable, _outputs(tree))) == _uses(variable, tree)


def is_shown_as_json(variable: str, source: str, environment: Environment) -> bool:
    """Return whether a template writes a variable as JSON, and uses it for nothing else."""
    tree = environment.parse(source)
    filters = [f for f in _outputs(tree) if isinstance(f, nodes.Filter) and _is_json(f)]
    written = _written(variable, [f.node for f in filters])
    return bool(written) and _shown(tree) and len(written) == _uses(variable, tree)


def _shown(tree: nodes.Template) -> bool:
    return all(isinstance(each, _PLAIN) for each in (tree, *tree.find_all(nodes.Stmt)))


def _outputs(tree: nodes.Template) -> list[nodes.Node]:
    return [node for output in tree.find_all(nodes.Output) for node in output.nodes]


def _is_json(found: nodes.Filter) -> bool:
    return found.name == "json" and not (found.args or found.kwargs)


def _written(variable: str, written: Iterable[nodes.Node | None]) -> list[nodes.Name]:
    return [node for node in written if isinstance(node, nodes.Name) and node.name == variable]


def _uses(variable: str, tree: nodes.Template) -> int:
    return len(_written(variable, tree.find_all(nodes.Name)))
