"""The command ``replay``."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.cli.dispatch import EXIT_FAILED, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from streams.cli.replay_output import Output
    from streams.client.replay.group import ReplayGroup
    from streams.client.replay.plan import Order, Plan
    from streams.client.replay.replay import Context
    from streams.settings import Settings

commands = typer.Typer()

_POINT = "TIME|OFFSET"


@commands.command()
def replay(  # noqa: PLR0913, PLR0917 # the options of the command
    to_topic: Annotated[
        str, typer.Option("--to-topic", help="topic to write to; it is created if it is missing")
    ],
    since: Annotated[
        str,
        typer.Option("--from", metavar=_POINT, help="ISO 8601, a duration such as -24h, or offset"),
    ] = "0",
    until: Annotated[
        str | None,
        typer.Option("--to", metavar=_POINT, help="where the range ends; default: now"),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VALUE", help="only these documents; may be repeated"),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.001, help="documents a second, at most")
    ] = None,
    in_flight: Annotated[int, typer.Option(min=1, max=64, help="documents at once, at most")] = 2,
    max_lag: Annotated[
        int, typer.Option(min=0, help="wait while live workers are further behind, in documents")
    ] = 8,
    name: Annotated[
        str | None, typer.Option(help="name of the replay; default: from range and topic")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="count what would be replayed, and ask nothing")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="show what changes, by document")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write what changes as a web page")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="report and changes as JSON lines")] = False,
) -> None:
    """Tag documents of a range of the topic `documents` again, beside the live ones.

    A replay that was interrupted resumes when the same command is run again. With a duration
    before now, the range of now follows.

    Example: tagwire replay --from -24h --to-topic entities.v2 --diff
    """
    order = _order(since, until, where or (), name, to_topic, rate, in_flight, max_lag)
    if dry_run:
        run(lambda: _count(order, as_json=json))
    else:
        run(lambda: _replay(order, diff=diff, html=html, as_json=json))


def _order(  # noqa: PLR0913, PLR0917 # the options of the command
    since: str,
    until: str | None,
    where: "Sequence[str]",
    name: str | None,
    topic: str,
    rate: float | None,
    in_flight: int,
    max_lag: int,
) -> "Order":
    import time

    from streams.client.replay.conditions import Conditions
    from streams.client.replay.plan import Order
    from streams.client.replay.points import END, ends_before, is_relative, parse_point

    now_ms = time.time_ns() // 1_000_000
    try:
        begin = parse_point(since, now_ms)
        end = END if until is None else parse_point(until, now_ms)
        conditions = Conditions.parse(where)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc
    if ends_before(begin, end):
        msg = f"--from {since} is behind --to {until}"
        raise typer.BadParameter(msg)
    range_ = f"{since}.{until or 'end'}"
    return Order(
        topic=topic,
        since=begin,
        until=end,
        conditions=conditions,
        name=name or f"{topic}.{range_}",
        options=repr((topic, range_, sorted(where))),
        in_flight=in_flight,
        rate=rate,
        max_lag=max_lag,
        moves=is_relative(since) or (until is not None and is_relative(until)),
    )


async def _count(order: "Order", *, as_json: bool) -> None:
    from streams.cli.replay_output import write_plan
    from streams.client.replay.group import ReplayGroup
    from streams.client.replay.outlet import settings_of_replay
    from streams.client.replay.plan import plan
    from streams.settings import load_settings

    settings = load_settings()
    settings_of_replay(settings, order.topic)
    async with ReplayGroup(settings, order.name, order.options) as group:
        write_plan(await plan(settings, order, group), as_json=as_json)


async def _replay(order: "Order", *, diff: bool, html: Path | None, as_json: bool) -> int:
    from streams.cli.replay_output import Output, require_writable
    from streams.client.replay.outlet import settings_of_replay
    from streams.client.replay.report import Report
    from streams.settings import load_settings
    from streams.terminal import Progress

    settings = load_settings()
    own = settings_of_replay(settings, order.topic)
    if html is not None:
        require_writable(html)
    report = Report(order.topic, own.dead_topic)
    with Progress() as progress:
        output = Output(progress, report, diff=diff, as_json=as_json)
        await _run(settings, order, output)
    output.write_report(html)
    return EXIT_FAILED if report.failed else 0


async def _run(settings: "Settings", order: "Order", output: "Output") -> None:
    """Do what is left of a replay that was interrupted, and what the order means now."""
    from streams.client.replay.group import ReplayGroup
    from streams.client.replay.plan import plan

    async with ReplayGroup(settings, order.name, order.options) as group:
        found = await plan(settings, order, group)
        await _carry_out(settings, order, found, group, output)
        if found.resumes and order.moves:
            found = await plan(settings, order, group)
            await _carry_out(settings, order, found, group, output)


async def _carry_out(
    settings: "Settings", order: "Order", plan: "Plan", group: "ReplayGroup", output: "Output"
) -> None:
    from asyncio import CancelledError
    from contextlib import aclosing

    from ner_core.errors import TagwireError
    from streams.client.replay.losses import Losses
    from streams.client.replay.replay import replay

    output.begin(plan, group.name)
    losses = Losses(plan.ranges)
    try:
        async with (
            _connected(settings, output) as context,
            aclosing(replay(context, order, plan, group, losses)) as outcomes,
        ):
            async for outcome in outcomes:
                output.take(outcome)
    except (CancelledError, TagwireError):
        output.interrupted()
        raise
    output.report.lost += losses.count


@asynccontextmanager
async def _connected(settings: "Settings", output: "Output") -> "AsyncIterator[Context]":
    """Connect to the engines, with the pool of the topic as it is now."""
    from streams.client.replay.replay import Context
    from streams.pipeline_factory import connect
    from streams.worker.fingerprints import Fingerprints
    from streams.worker.pool_reader import PoolFeed
    from streams.worker.producer import Producer

    async def changed() -> None:
        """Nothing refers to the pool yet."""

    async with connect(settings, wait=False) as live, Producer(settings) as producer:
        feed = PoolFeed(settings, live.pipeline, changed)
        try:
            await feed.load()
        finally:
            await feed.close()
        fingerprints = Fingerprints(live.pipeline, producer, settings.fingerprints_topic)
        yield Context(settings, live.pipeline, fingerprints.ensure, output.gate_told)
