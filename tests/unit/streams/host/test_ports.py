"""Ports: those we choose are free, those that are in use are refused."""

import socket
from pathlib import Path

import pytest

from ner_core.errors import ConfigurationError
from streams.host.ports import can_listen, free_port, is_of_this_machine, require_free_port


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_free_port_is_none_that_the_system_hands_out_to_others():
    first_handed_out = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert all(free_port() < first_handed_out for _ in range(20))


def test_no_port_is_given_twice_and_none_is_next_to_another():
    given = {free_port() for _ in range(300)}

    assert len(given | {port + 1 for port in given}) == 600


def test_a_taken_port_cannot_be_listened_on(taken):
    assert not can_listen(taken)
    assert can_listen(free_port())


def test_a_port_that_is_taken_is_refused_with_the_setting_that_changes_it(taken):
    with pytest.raises(ConfigurationError, match=f"port {taken} for Redis .*TAGWIRE_REDIS_URL"):
        require_free_port("127.0.0.1", taken, "Redis", "TAGWIRE_REDIS_URL")
    require_free_port("127.0.0.1", free_port(), "Redis", "TAGWIRE_REDIS_URL")


def test_a_name_is_refused_if_any_of_its_addresses_is_taken(taken):
    with pytest.raises(ConfigurationError, match="Address already in use"):
        require_free_port("localhost", taken, "Redis", "TAGWIRE_REDIS_URL")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_of_this_machine(host):
    assert is_of_this_machine(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "no..host"])
def test_others_are_not(host):
    assert not is_of_this_machine(host)
