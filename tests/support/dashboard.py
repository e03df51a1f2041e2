"""A dashboard for tests: its server on loopback, without a broker behind it."""

import asyncio
import json
import threading
from contextlib import asynccontextmanager, contextmanager

import aiohttp

from ner_core.version import __version__
from streams.client.demonstrations_topic import Held
from streams.dashboard.app import new_feed
from streams.dashboard.state import State
from streams.dashboard.trying import TryIt
from streams.dashboard.web import serve
from streams.host.lifetimes import background
from streams.pipeline_factory import LivePipeline
from streams.settings import load_settings
from streams.wire.letters import Letter
from streams.wire.messages import Message
from support.pipelines import POOL

WORKER = {
    "answers": True,
    "ready": True,
    "partitions": ["documents-0", "documents-1"],
    "lag": 12,
    "lost_to_retention": 0,
    "pool": {"version": "1", "demonstrations": 315},
    "store": "ok",
    "warnings": [],
}
FIGURES = {
    "ended": 4210,
    "outcomes": {"entities": 4207, "dead": 3},
    "in_flight": 8,
    "documents_per_s": 2.4,
    "mean_s": 3.31,
    "p95_s": 5.0,
    "cache_hits": 0.31,
    "store_hits": 0.64,
    "tokens_per_s": 9120.0,
    "cached_tokens": 0.93,
    "totals": {"prompt_tokens": 31_400_112, "completion_tokens": 402_118},
}
ENGINES = [
    {"name": "gemma", "url": "http://127.0.0.1:8101/v1", "state": "ready", "why": "",
     "running": 6.0, "waiting": 2.0},
    {"name": "smollm2", "url": "http://127.0.0.1:8102/v1", "state": "restarting", "why": ""},
    {"name": "encoder", "url": "http://127.0.0.1:8103/v1", "state": "ready", "why": ""},
]  # fmt: skip

HOSTILE = "</script></style><script>window.hit = 1</script><img src=/x onerror=window.hit=1>"
DEAD = Letter(
    Message(
        "dead", 2, 118, 1_795_641_778_845, b"bad", b'{"text": "<b>\x1b"}',
        (("tagwire-reason", b"invalid_json"), ("tagwire-message", HOSTILE.encode())),
    )
)  # fmt: skip


class Dashboard:
    """A server that runs, its feed and its state."""

    def __init__(self, port, feed, state, session=None):
        self.port, self.feed, self.state, self.session = port, feed, state, session
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path, **options):
        return self.session.get(self.url + path, allow_redirects=False, **options)

    def post(self, path, **options):
        return self.session.post(self.url + path, **options)

    def show(self, *views):
        for view in views:
            self.feed.publish("documents", view["id"], "document", view)


def trying(pipeline, settings, demonstrations=POOL):
    """A `TryIt` on a pipeline and demonstrations of our own."""

    @asynccontextmanager
    async def connect(_, *, wait, store):
        assert not wait
        connect.stores.append(store)
        yield LivePipeline(pipeline, None, None, None)

    async def held(_):
        return Held({d.id: d for d in demonstrations})

    connect.stores = []
    made = TryIt(settings, connect, held)
    return made, connect


@asynccontextmanager
async def running_dashboard(*, letters=None, tried=None, **settings):
    """A dashboard that shows what the test publishes."""
    made = load_settings(dashboard_port=0, redis_url="", **settings)
    feed = new_feed()
    state = State(feed, version=__version__, kept=200)
    tried = tried or TryIt(made)
    async with (
        serve(made, feed, (letters or {}).get, tried) as port,
        background() as start,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client,
    ):
        start(tried.serve())
        yield Dashboard(port, feed, state, client)


async def events(response, number):
    """The next events of a stream: kind and data."""
    found, kind = [], ""
    while len(found) < number:
        line = (await asyncio.wait_for(response.content.readline(), 30)).decode().rstrip("\n")
        assert line or not response.content.at_eof(), "the stream has ended"
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        if name == "data":
            found.append((kind, json.loads(value)))
    return found


@contextmanager
def dashboard_in_a_thread(make_tried=None, **options):
    """The same for a test that is not a coroutine, in a loop of its own."""
    ready, loop, found = threading.Event(), asyncio.new_event_loop(), {}

    async def live():
        stop = found["stop"] = asyncio.Event()
        tried = await make_tried() if make_tried else None
        async with running_dashboard(tried=tried, **options) as dashboard:
            found["dashboard"] = dashboard
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),))
    thread.start()
    try:
        assert ready.wait(60), "the dashboard did not start"
        yield InThread(found["dashboard"], loop)
    finally:
        loop.call_soon_threadsafe(found["stop"].set)
        thread.join()
        loop.close()


class InThread:
    """Calls of a dashboard, made in its own loop."""

    def __init__(self, dashboard, loop):
        self._dashboard, self._loop, self.url = dashboard, loop, dashboard.url

    def _call(self, function, *arguments):
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (function(*arguments), done.set()))
        assert done.wait(10)

    def show(self, *views):
        self._call(self._dashboard.show, *views)

    def publish(self, *event):
        self._call(self._dashboard.feed.publish, *event)

    def put(self, name, value):
        self._call(self._dashboard.state.put, name, value)
