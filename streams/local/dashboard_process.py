"""The dashboard of `tagwire up`, as a child process."""

import sys
from functools import partial

from ner_core.errors import ConfigurationError
from streams.host.service import Policy, Service
from streams.host.urls import Address, from_this_machine, is_loopback
from streams.settings import Settings
from streams.worker_process import answers_ok, overrides

_LEAST_CHARS = 16


def token_of(settings: Settings) -> str:
    """Return the token that the dashboard asks for; empty if it asks for none.

    Raises:
        ConfigurationError: the page is for other machines too and has no token, or the token is
            too short.
    """
    token = settings.dashboard_token.get_secret_value()
    cure = "set TAGWIRE_DASHBOARD_TOKEN to what `openssl rand -hex 16` prints"
    if not token and not is_loopback(settings.dashboard_host):
        msg = f"dashboard_host = {settings.dashboard_host} is open to other machines; {cure}"
        raise ConfigurationError(msg)
    if token and len(token) < _LEAST_CHARS:
        msg = f"dashboard_token is shorter than {_LEAST_CHARS} characters; {cure}"
        raise ConfigurationError(msg)
    return token


def dashboard_service(settings: Settings) -> Service:
    """Return a dashboard with these settings."""
    address = Address(from_this_machine(settings.dashboard_host), settings.dashboard_port)
    url = f"http://{address}"
    return Service(
        "dashboard",
        [sys.executable, "-P", "-m", "streams.cli", "dashboard"],
        settings.logs / "dashboard.log",
        f"{url}/",
        answers=partial(answers_ok, f"{url}/live"),
        environment=overrides(settings),
        policy=Policy(start_timeout_s=60.0, max_first_starts=2),
    )
