"""Draw docs/images/trace.png: the spans of one document on scripted engines.

make trace
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
from matplotlib.figure import Figure
from support import ROOT
from support.traces import Spans, traced_worker

PICTURE = ROOT / "docs" / "images" / "trace.png"
ANSWER_S = 0.04
KINDS = {
    "PRODUCER": ("#0072b2", "Kafka: published"),
    "CONSUMER": ("#56b4e9", "Kafka: processed"),
    "INTERNAL": ("#bbbbbb", "stage"),
    "CLIENT": ("#d55e00", "engine call"),
}
NS_PER_MS = 1e6


async def collected(folder):
    """Return the spans of one document, from its producer to its consumer."""
    spans = Spans()
    async with traced_worker(folder, spans) as worker:
        worker.server.faults.delay_s = ANSWER_S
        outgoing = await worker.deliver("afp-2031", headers=spans.produced())
        spans.consumed(outgoing.headers)
    return spans.all


def in_order(spans):
    """Yield spans with their depth, each before those that are parts of it."""
    numbers = {span.context.span_id for span in spans}

    def below(number, depth):
        inside = [s for s in spans if (s.parent.span_id if s.parent else None) == number]
        for span in sorted(inside, key=lambda span: span.start_time):
            yield span, depth
            yield from below(span.context.span_id, depth + 1)

    assert all(span.parent is None or span.parent.span_id in numbers for span in spans)
    return list(below(None, 0))


def label(span):
    """Return the name of a span, and for a call of a model its tokens."""
    tokens = span.attributes.get("gen_ai.usage.input_tokens")
    if not tokens:
        return span.name
    cached = span.attributes.get("gen_ai.usage.cache_read.input_tokens", 0)
    answered = span.attributes.get("gen_ai.usage.output_tokens", 0)
    return f"{span.name}   {tokens} tokens ({cached} cached) → {answered}"


def drawn(spans):
    """Return the picture: a row for each span, from its start to its end."""
    rows = in_order(spans)
    mpl.rcParams["font.size"] = 9
    figure = Figure(figsize=(11, 0.28 * len(rows) + 0.8), layout="constrained")
    names, bars = figure.subplots(1, 2, sharey=True, width_ratios=(4, 7))
    names.axis("off")
    first = min(span.start_time for span in spans)
    least = (max(span.end_time for span in spans) - first) / NS_PER_MS / 300
    for y, (span, depth) in enumerate(rows):
        start, end = ((t - first) / NS_PER_MS for t in (span.start_time, span.end_time))
        color, meaning = KINDS[span.kind.name]
        names.text(depth / 30, y, label(span), va="center")
        bars.barh(y, max(end - start, least), left=start, color=color, label=meaning)
    bars.invert_yaxis()
    bars.set_xlabel("milliseconds")
    bars.spines[["top", "right", "left"]].set_visible(False)
    bars.tick_params(axis="y", length=0)
    bars.grid(axis="x", color="#dddddd")
    bars.set_axisbelow(True)
    handles, meanings = bars.get_legend_handles_labels()
    unique = dict(zip(meanings, handles, strict=True))
    bars.legend(unique.values(), unique.keys(), loc="lower left")
    return figure


def main():
    """Draw the picture."""
    with TemporaryDirectory() as folder:
        spans = asyncio.run(collected(Path(folder)))
    drawn(spans).savefig(PICTURE, dpi=110)


if __name__ == "__main__":
    main()
