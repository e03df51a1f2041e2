"""Metrics in Prometheus' text format: of one process, and one page for several."""

from collections.abc import Iterator, Mapping

import httpx2


async def metrics_of(client: httpx2.AsyncClient, url: str, timeout_s: float) -> str:
    """Return the metrics at a URL; empty if they cannot be read in time."""
    try:
        page = await client.get(url, timeout=timeout_s)
    except httpx2.HTTPError:
        return ""
    return page.text if page.is_success else ""


def merged(pages: Mapping[str, str], label: str) -> str:
    """Return the metrics of several processes as one page; ``pages`` is by their names.

    Every family has its header once. A sample without the label gets the name of its process.
    """
    headers: dict[str, dict[str, str]] = {}
    samples: dict[str, list[str]] = {}
    for name, page in pages.items():
        for family, line in _by_family(page):
            if line.startswith("#"):
                kind = line.split(" ", 2)[1]
                headers.setdefault(family, {}).setdefault(kind, line)
            else:
                samples.setdefault(family, []).append(_labeled(line, label, name))
    families = [[*headers.get(family, {}).values(), *samples[family]] for family in samples]
    return "".join(f"{line}\n" for family in families for line in family)


def _by_family(page: str) -> Iterator[tuple[str, str]]:
    """Yield every line with its family: the one that the headers before it name."""
    family = ""
    for line in page.split("\n"):  # a value may have any other line break
        if line.startswith(("# HELP ", "# TYPE ")):
            family = line.split(" ", 3)[2]
            yield family, line
        elif line and not line.startswith("#"):
            yield family, line


def _labeled(sample: str, label: str, process: str) -> str:
    name, brace, rest = sample.partition("{")
    added = f'{label}="{_escaped(process)}"'
    if not brace:
        bare, _, value = sample.partition(" ")
        return f"{bare}{{{added}}} {value}"
    labels = rest.rpartition("}")[0]
    if f',{label}="' in f",{labels}":
        return sample
    return f"{name}{{{added}{',' if labels else ''}{rest}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"")
