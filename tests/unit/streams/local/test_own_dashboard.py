"""The dashboard of `tagwire up`: whatever becomes of it, everything else goes on."""

import asyncio

from streams.host.lifetimes import background
from streams.host.ports import free_port
from streams.local.stack import keep_dashboard
from streams.settings import load_settings
from streams.terminal import Progress


async def test_a_dashboard_that_cannot_start_is_reported_and_ends_nothing_else(tmp_path, capfd):
    settings = load_settings(
        ensemble=tmp_path / "absent.toml", dashboard_port=free_port(), cache_folder=tmp_path
    )
    tried = asyncio.Event()
    with Progress() as progress:
        async with asyncio.timeout(100), background() as start:
            start(keep_dashboard(settings, progress, tried))
            await tried.wait()
            await asyncio.sleep(0)

    printed = "".join(capfd.readouterr())
    assert "dashboard was started 2 times and never ready" in printed
    assert "absent.toml" in printed
    assert "everything else continues without it" in printed
