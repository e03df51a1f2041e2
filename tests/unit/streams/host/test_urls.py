"""Addresses: what is printed of them, and what they name."""

import pytest

from streams.host.urls import Address, without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("redis://:s3cret@host:6379/0", "redis://:***@host:6379/0"),
        ("rediss://ada:s3cret@host/0", "rediss://ada:***@host/0"),
        ("redis://ada@host/0", "redis://ada@host/0"),
        ("redis://host/0?password=s3cret", "redis://host/0"),
        ("unix://ada:s3cret@/run/redis.sock?db=1", "unix://ada:***@/run/redis.sock"),
        ("redis://:s3cret/with@slash#and?more@host/0", "redis://:***@host/0"),
        ("redis://host:6379/0?client_name=ada@oslo", "redis://host:***"),
        ("redis://host:6379/0?client_name=ada@oslo&db=1", "redis://host:6379/0"),
        ("redis://host?password=s3cret@x", "redis://host"),
        ("redis://ada:s3cret@host/0?client_name=ada@oslo&db=1", "redis://ada:***@host/0"),
        ("rediss://[::1]:6379?x=a@b:c", "rediss://[::1]:6379"),
        ("http://host/v1?user=ada@varna.org&key=s3cret", "http://host/v1"),
        ("unix:///run/redis.sock?username=ada@oslo", "unix:///run/redis.sock"),
        ("redis://:s3?cret=@host/0", "redis://:***@host/0"),
        ("redis://ada:s3?cret@host/0?db=1", "redis://ada:***@host/0"),
        ("redis://:12?34@host/0", "redis://:***@host/0"),
        ("redis://a:p@ss?x=1@host/0", "redis://a:***"),
        ("redis://a:p@ss?x=1@host/0?db=1", "redis://a:***"),
        ("redis://ada:12?x=3@host/0", "redis://ada:***"),
        ("redis://ada:12?x=3&y=a@b@host:6379/0", "redis://ada:***"),
        ("redis://host/0?x=a:s3cret@b", "redis://host/0"),
        ("", ""),
    ],
)
def test_a_printed_url_shows_no_password(url, shown):
    assert without_password(url) == shown


def test_an_ipv6_host_is_printed_in_brackets():
    assert str(Address("::1", 9092)) == "[::1]:9092"
    assert str(Address("kafka", 9092)) == "kafka:9092"
