"""The changes of a replay as one HTML file that loads nothing."""

from collections.abc import Mapping, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from streams.client.replay.comparison import Difference
from streams.terminal import clean


def render(topic: str, report: Mapping[str, object], differences: Sequence[Difference]) -> str:
    """Return the page; everything that came with a document is escaped."""
    environment = Environment(
        loader=PackageLoader("streams.client.replay", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["clean"] = clean
    page = environment.get_template("page.html.jinja")
    return page.render(topic=topic, report=report, differences=differences)
