"""Metrics in Prometheus' text format: of one engine, and one page for several."""

from collections.abc import Iterator, Mapping

import httpx2

_LABEL = "model_name"


async def metrics_of(client: httpx2.AsyncClient, url: str, timeout_s: float) -> str:
    """Return the metrics at a URL; empty if they cannot be read in time."""
    try:
        page = await client.get(url, timeout=timeout_s)
    except httpx2.HTTPError:
        return ""
    return page.text if page.is_success else ""


def merged(pages: Mapping[str, str]) -> str:
    """Return the metrics of several engines as one page; ``pages`` is by the model's name.

    Every family has its header once. A sample that names no model gets the name of its engine.
    """
    headers: dict[str, dict[str, str]] = {}
    samples: dict[str, list[str]] = {}
    for model, page in pages.items():
        for family, line in _by_family(page):
            if line.startswith("#"):
                kind = line.split(" ", 2)[1]
                headers.setdefault(family, {}).setdefault(kind, line)
            else:
                samples.setdefault(family, []).append(_labeled(line, model))
    families = [[*headers.get(name, {}).values(), *samples[name]] for name in samples]
    return "".join(f"{line}\n" for family in families for line in family)


def _by_family(page: str) -> Iterator[tuple[str, str]]:
    """Yield every line with its family: the one that the headers before it name."""
    family = ""
    for line in page.splitlines():
        if line.startswith(("# HELP ", "# TYPE ")):
            family = line.split(" ", 3)[2]
            yield family, line
        elif line and not line.startswith("#"):
            yield family, line


def _labeled(sample: str, model: str) -> str:
    name, brace, rest = sample.partition("{")
    label = f'{_LABEL}="{_escaped(model)}"'
    if not brace:
        bare, _, value = sample.partition(" ")
        return f"{bare}{{{label}}} {value}"
    labels = rest.rpartition("}")[0]
    if f',{_LABEL}="' in f",{labels}":
        return sample
    return f"{name}{{{label}{',' if labels else ''}{rest}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"")
