"""No file over 300 lines, no function over 50: small things are read, large ones skimmed."""

import ast
import sys
from pathlib import Path

MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
FOLDERS = ("ner_core", "streams", "training", "tests", "benchmarks")


def too_long(path: Path) -> list[str]:
    """Give what is over a limit in a file, as lines to print."""
    text = path.read_text("utf-8")
    lines = text.count("\n")
    found = [f"{path}: {lines} lines, over {MAX_FILE_LINES}"] if lines > MAX_FILE_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            size = node.end_lineno - node.lineno + 1
            if size > MAX_FUNCTION_LINES:
                where = f"{path}:{node.lineno}"
                found.append(f"{where}: {node.name} has {size} lines, over {MAX_FUNCTION_LINES}")
    return found


def main() -> None:
    """Check every Python file; the exit status says whether all are small."""
    root = Path(__file__).parent.parent
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))]
    found = [line for path in paths for line in too_long(path)]
    sys.exit("\n".join(found) or 0)


if __name__ == "__main__":
    main()
