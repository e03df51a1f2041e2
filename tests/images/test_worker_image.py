"""The worker's image, run by runc: it becomes ready, tags, shows its pages, and ends as it is told.

    make image-test    # as root, with buildah and runc

The container shares the network of this test; broker, Redis and scripted engines run beside it.
"""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import ROOT
from support.stack import placed, running_stack, valid

pytestmark = pytest.mark.timeout(300)

IMAGE = os.environ.get("TAGWIRE_IMAGE", "localhost/tagwire-worker")
MAX_BYTES = 600e6
GRACE_S = 40
HERE, THERE = "10.77.0.1", "10.77.0.2"
FETCH = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())"
FEED = [json.loads(line) for line in (ROOT / "examples/feed.jsonl").read_text("utf-8").splitlines()]


def printed(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def mounted():
    """The image's configuration and its root file system."""
    container = printed("buildah", "from", IMAGE)
    try:
        shown = json.loads(printed("buildah", "inspect", container))
        yield shown["Docker"]["config"], printed("buildah", "mount", container)
    finally:
        subprocess.run(["buildah", "rm", container], check=True, capture_output=True)


def bundle(folder, image, root, environment, ensemble):
    """A bundle for runc that runs the image's own command as its own user."""
    printed("runc", "spec", "--bundle", str(folder))
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8"))
    process = config["process"]
    process["terminal"] = False
    process["args"] = [*image["Entrypoint"], *image["Cmd"]]
    process["cwd"] = image["WorkingDir"]
    process["user"] = {"uid": int(image["User"]), "gid": int(image["User"])}
    variables = environment | {
        "TAGWIRE_ENSEMBLE": "/tagwire/ensemble.toml",
        "HOME": "/home/tagwire",
    }
    process["env"] = [*image["Env"], *(f"{name}={value}" for name, value in variables.items())]
    config["root"] = {"path": root, "readonly": False}
    config["mounts"].append(
        {
            "destination": "/tagwire/ensemble.toml",
            "source": str(ensemble),
            "options": ["bind", "ro"],
        }
    )
    linux = config["linux"]
    linux["namespaces"] = [n for n in linux["namespaces"] if n["type"] != "network"]
    path.write_text(json.dumps(config), "utf-8")


@contextmanager
def contained(stack, folder):
    """The worker of a stack runs in a container."""
    name = f"tagwire-{os.getpid()}"
    with mounted() as (image, root):
        folder.mkdir()
        bundle(folder, image, root, stack.worker.environment, stack.folder / "ensemble.toml")
        stack.worker.command = ["runc", "run", "--bundle", str(folder), name]
        try:
            yield
        finally:
            stack.worker.end()
            subprocess.run(["runc", "delete", "--force", name], check=False, capture_output=True)


@contextmanager
def elsewhere():
    """Another network namespace that reaches this one at ``HERE``; runs a command there."""
    links = printed("ip", "-oneline", "link").splitlines()
    assert len(links) == 1, "this test makes links: run it with `make image-test`"
    sleeper = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    try:
        inside = ("nsenter", f"--net=/proc/{sleeper.pid}/ns/net")
        network = Path("/proc/self/ns/net").readlink()
        while Path(f"/proc/{sleeper.pid}/ns/net").readlink() == network:
            pass
        link = ("ip", "link", "add", "tagwire0", "type", "veth", "peer", "tagwire1", "netns")
        printed(*link, str(sleeper.pid))
        for where, address, device in (((), HERE, "tagwire0"), (inside, THERE, "tagwire1")):
            printed(*where, "ip", "address", "add", f"{address}/30", "dev", device)
            printed(*where, "ip", "link", "set", device, "up")
        yield lambda *command: printed(*inside, *command)
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.fixture
async def stack(tmp_path):
    async with running_stack(tmp_path, web_host="0.0.0.0") as stack:  # noqa: S104 - as in compose
        with contained(stack, tmp_path / "bundle"):
            yield stack


async def test_the_worker_of_the_image_tags_and_ends_when_it_is_told_to(stack):
    await stack.start_worker()
    for article in FEED[:3]:
        await stack.send(article)
    entities, dead = await stack.outcomes()

    assert dead == []
    articles = {article["id"]: article for article in FEED}
    assert len(entities) == 3
    for record in entities:
        assert placed(valid(record), articles[record.key.decode()])["entities"]

    stack.worker.signal(signal.SIGTERM)
    assert stack.worker.wait(GRACE_S) == 0


async def test_its_pages_are_reached_from_another_network_namespace(stack):
    await stack.start_worker()
    with elsewhere() as run_there:
        url = f"http://{HERE}:{stack.settings.web_port}"
        pages = [
            run_there(sys.executable, "-c", FETCH, url + page) for page in ("/live", "/metrics")
        ]

    assert json.loads(pages[0])["live"]
    assert "tagwire_documents_total" in pages[1]


def test_the_image_is_of_a_numbered_user_has_a_health_check_and_is_small():
    with mounted() as (image, root):
        used = int(printed("du", "--summarize", "--bytes", root).split()[0])

        assert re.fullmatch(r"[1-9]\d*", image["User"])
        assert image["Healthcheck"]["Test"][0] == "CMD"
        assert used < MAX_BYTES
        assert not Path(root, "source").exists()
