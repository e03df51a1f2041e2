"""The parts of a worker, put together; nothing runs yet."""

from collections.abc import Callable
from dataclasses import dataclass

from streams.pipeline_factory import LivePipeline
from streams.settings import Settings
from streams.worker.backoff import Backoff
from streams.worker.commits import Commits
from streams.worker.dead_ratio import DeadRatio
from streams.worker.delivery import Delivery
from streams.worker.faust_app import App, FaustFlow, FaustOffsets, read_documents
from streams.worker.fingerprints import Fingerprints
from streams.worker.gaps import Gaps
from streams.worker.lag import Lag
from streams.worker.log_bounds import LogBounds
from streams.worker.metrics import Metrics
from streams.worker.pool_reader import PoolFeed
from streams.worker.producer import Producer, Unfenced
from streams.worker.retention import Retention
from streams.worker.retries import Retries
from streams.worker.store_metrics import StoreCollector
from streams.worker.tracing import Tracing
from streams.worker.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running worker is made of."""

    live: LivePipeline
    metrics: Metrics
    fingerprints: Fingerprints
    feed: PoolFeed
    delivery: Delivery
    commits: Commits
    transactions: Transactions | None
    retention: Retention
    gaps: Gaps
    lag: Lag
    app: App


def put_together(  # noqa: PLR0913 # what the parts are made of
    settings: Settings,
    live: LivePipeline,
    producer: Producer,
    bounds: LogBounds,
    tracing: Tracing,
    *,
    transactional: bool,
    stop: Callable[[str], None],
) -> Parts:
    """Build the parts; ``stop`` ends the process at once, and says why."""
    metrics = Metrics()
    metrics.registry.register(StoreCollector(live.store_counts))
    fingerprints = Fingerprints(live.pipeline, producer, settings.fingerprints_topic)
    app = App(settings)
    ratio = DeadRatio(settings.max_dead_ratio)
    offsets = FaustOffsets(app, settings.bootstrap)
    transactions = Transactions(settings, offsets, ratio.note) if transactional else None
    retention = Retention(bounds.firsts, metrics, stop if settings.stop_on_loss else None)
    commits = Commits(transactions or offsets, ratio, retention)
    delivery = Delivery(
        settings,
        retries=_retries(settings, live, metrics),
        announce=fingerprints.ensure,
        outputs=transactions or Unfenced(producer),
        flow=FaustFlow(app),
        commits=commits,
        ratio=ratio,
        metrics=metrics,
        stop=stop,
        tracing=tracing,
    )
    read_documents(
        app, settings, delivery=delivery, commits=commits, retention=retention, stop=stop
    )
    feed = PoolFeed(settings, live.pipeline, fingerprints.announce)
    return Parts(
        live,
        metrics,
        fingerprints,
        feed,
        delivery,
        commits,
        transactions,
        retention,
        Gaps(offsets.reads, bounds.firsts, commits, delivery.busy),
        Lag(bounds.ends, commits, delivery.first),
        app,
    )


def _retries(settings: Settings, live: LivePipeline, metrics: Metrics) -> Retries:
    return Retries(
        live.pipeline.tag,
        live.canary,
        backoff=Backoff(settings.retry_first_s, settings.retry_cap_s),
        document_timeout_s=settings.document_timeout_s,
        metrics=metrics,
    )
