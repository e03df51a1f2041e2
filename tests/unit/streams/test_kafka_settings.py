"""The connection to Kafka: passwords, tokens, certificates."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest
import trustme

from ner_core.errors import ConfigurationError
from streams.settings import load_settings


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def files(authority, tmp_path):
    """Certificates of one authority, and the key of a client."""
    client = authority.issue_cert("client.example")
    paths = {name: tmp_path / f"{name}.pem" for name in ("ca", "certificate", "key")}
    authority.cert_pem.write_to_path(paths["ca"])
    client.cert_chain_pems[0].write_to_path(paths["certificate"])
    client.private_key_pem.write_to_path(paths["key"])
    return {f"ssl_{name}_file": path for name, path in paths.items()}


@asynccontextmanager
async def server_that_asks_for_a_certificate(authority):
    """A TLS server on loopback; it greets clients whose certificate is of the authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.issue_cert("localhost").configure_cert(context)

    async def greet(_, writer):
        writer.write(b"welcome")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def greeting(port, settings):
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=settings.ssl_context(), server_hostname="localhost"
    )
    try:
        return await reader.read()
    except (ssl.SSLError, ConnectionError):  # TLS 1.3 refuses a client after its handshake
        return b""
    finally:
        writer.close()


async def test_a_client_certificate_is_shown_to_a_broker_that_asks_for_one(authority, files):
    settings = load_settings(security="ssl", **files)

    async with server_that_asks_for_a_certificate(authority) as port:
        assert await greeting(port, settings) == b"welcome"


async def test_such_a_broker_refuses_a_client_without_certificate(authority, files):
    settings = load_settings(security="ssl", ssl_ca_file=files["ssl_ca_file"])

    async with server_that_asks_for_a_certificate(authority) as port:
        assert await greeting(port, settings) == b""


@pytest.mark.parametrize("name", ["ssl_ca_file", "ssl_certificate_file", "ssl_key_file"])
@pytest.mark.parametrize("content", [None, "no PEM"])
def test_a_tls_file_that_cannot_be_used_is_named(files, tmp_path, name, content):
    wrong = tmp_path / "wrong.pem"
    if content:
        wrong.write_text(content)

    with pytest.raises(ConfigurationError, match=r"wrong\.pem"):
        load_settings(security="ssl", **{**files, name: wrong}).kafka()


def test_a_password_may_come_from_a_file(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("hush\n", "utf-8")
    settings = load_settings(sasl_password="loud", sasl_password_file=secret, security="sasl_ssl")

    assert settings.password == "hush"
    assert settings.kafka()["sasl_plain_password"] == "hush"


@pytest.mark.parametrize("ends", ["", "\n", "\r\n"])
async def test_a_byte_order_mark_before_a_password_or_a_token_is_no_part_of_it(tmp_path, ends):
    secret = tmp_path / "secret"
    secret.write_bytes(f"\ufeffhush{ends}".encode())
    tokens = {"sasl_mechanism": "OAUTHBEARER", "sasl_token_file": secret}
    provider = load_settings(security="sasl_ssl", **tokens).kafka()["sasl_oauth_token_provider"]

    assert load_settings(sasl_password_file=secret).password == "hush"
    assert await provider.token() == "hush"


def test_a_password_that_is_not_utf8_is_refused_with_the_remedy(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hush", "utf-16")
    settings = load_settings(sasl_password_file=secret)

    with pytest.raises(ConfigurationError, match=r"secret: not UTF-8: .*; save the file as UTF-8"):
        _ = settings.password


async def test_a_token_is_read_from_its_file_for_every_connection(tmp_path):
    file = tmp_path / "token"
    file.write_text("first\n", "utf-8")
    settings = load_settings(
        security="sasl_ssl", sasl_mechanism="OAUTHBEARER", sasl_token_file=file
    )
    arguments = settings.kafka()
    provider = arguments["sasl_oauth_token_provider"]

    assert arguments["sasl_mechanism"] == "OAUTHBEARER"
    assert "sasl_plain_password" not in arguments
    assert await provider.token() == "first"
    file.write_text("second\n", "utf-8")
    assert await provider.token() == "second"


def test_tokens_need_a_file_that_can_be_read():
    with pytest.raises(ConfigurationError, match="needs sasl_token_file"):
        load_settings(security="sasl_ssl", sasl_mechanism="OAUTHBEARER")
    with pytest.raises(ConfigurationError, match="nowhere"):
        load_settings(
            security="sasl_ssl", sasl_mechanism="OAUTHBEARER", sasl_token_file="nowhere"
        ).kafka()


@pytest.mark.parametrize("bootstrap", ["", " , ", "http://kafka:9092", "kafka://a:9092,b:9092"])
def test_brokers_that_are_no_addresses_are_refused(bootstrap):
    with pytest.raises(ConfigurationError, match="write host:port, several with commas between"):
        load_settings(bootstrap=bootstrap)


@pytest.mark.parametrize(
    ("bootstrap", "wrong"),
    [
        ("127.0.0.1:", "'127.0.0.1:' is not"),
        ("127.0.0.1:99999", "'127.0.0.1:99999' is not"),
        ("a:9092, b:0", "'b:0' is not"),
        ("a:x", "'a:x' is not"),
        ("a:-1", "'a:-1' is not"),
        ("a:1:2", "'a:1:2' is not"),
        (":9092", "':9092' is not"),
        ("a:9092,", "'' is not"),
        ("[::1", r"'\[::1' is not"),
        ("::1", "'::1' is not"),
        ("[1.2]:9092", r"'\[1.2\]:9092' is not"),
        ("a..b:9092", "'a..b:9092' is not"),
        (f"{'a' * 64}:9092", "a:9092' is not"),
        ("a b:9092", "'a b:9092' is not"),
        ("user@a:9092", "'user@a:9092' is not"),
    ],
)
def test_a_broker_that_is_no_address_is_named(bootstrap, wrong):
    with pytest.raises(ConfigurationError, match=f"^settings: bootstrap = .*{wrong}"):
        load_settings(bootstrap=bootstrap)


@pytest.mark.parametrize(
    "bootstrap",
    [
        "kafka",
        "a:9092, b:9092",
        "[::1]:9092",
        "[::1]",
        "[fe80::1%eth0]:1",
        "a_b.c-d.:65535",
        "ä.de",
    ],
)
def test_brokers_are_hosts_and_ports(bootstrap):
    assert load_settings(bootstrap=bootstrap).bootstrap == bootstrap


@pytest.mark.parametrize(
    ("bootstrap", "brokers"),
    [
        ("127.0.0.1:9093", [("127.0.0.1", 9093)]),
        ("kafka", [("kafka", 9092)]),
        ("a:1, b:2", [("a", 1), ("b", 2)]),
        ("[::1]:9093,[::1]", [("::1", 9093), ("::1", 9092)]),
    ],
)
def test_brokers_are_read_as_clients_of_kafka_read_them(bootstrap, brokers):
    assert load_settings(bootstrap=bootstrap).brokers == brokers
