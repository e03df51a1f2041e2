"""Ports: those we choose are nobody else's by chance, those that are taken are told of."""

import socket
from pathlib import Path

import pytest

from streams.host.ports import can_listen, free_port


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
