"""An Apache Kafka that demands to know who comes, and lets each user do only what was allowed.

Its listener without a password is for itself and for tests that set rights. The user ``tagwire``
may do everything, whichever way it authenticates; all others have what ``allow`` gives them.
"""

import base64
import json
import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from streams.host.ports import free_port
from support.processes import Process, running

USER, PASSWORD = "tagwire", "s3cret-of-the-broker"
OTHERS = tuple(f"other-{number}" for number in range(7))
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
OPERATIONS = {"Read": 3, "Write": 4, "Describe": 8}
RESOURCES = {"topic": 2, "group": 3, "transactional id": 5}
PREFIXED, ALLOWED = 4, 3
ISSUER = "https://tokens.example"
SECURITY = "org.apache.kafka.common.security"

PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{control}
controller.listener.names=CONTROLLER
log.dirs={folder}/log
listeners=OPEN://127.0.0.1:{port},CONTROLLER://127.0.0.1:{control},SASL://127.0.0.1:{sasl},\
SASLTLS://127.0.0.1:{sasl_tls},MUTUAL://127.0.0.1:{mutual}
advertised.listeners=OPEN://127.0.0.1:{port},SASL://127.0.0.1:{sasl},\
SASLTLS://127.0.0.1:{sasl_tls},MUTUAL://127.0.0.1:{mutual}
listener.security.protocol.map=OPEN:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,\
SASLTLS:SASL_SSL,MUTUAL:SSL
inter.broker.listener.name=OPEN
listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasltls.sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config={plain}
listener.name.sasltls.plain.sasl.jaas.config={plain}
listener.name.sasl.scram-sha-256.sasl.jaas.config={scram}
listener.name.sasl.scram-sha-512.sasl.jaas.config={scram}
listener.name.sasl.oauthbearer.sasl.jaas.config={oauth}
listener.name.sasl.oauthbearer.sasl.server.callback.handler.class=\
{security}.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.sasl.oauthbearer.sasl.oauthbearer.jwks.endpoint.url={keys}
listener.name.sasl.oauthbearer.sasl.oauthbearer.expected.audience=kafka
listener.name.sasl.oauthbearer.sasl.oauthbearer.expected.issuer={issuer}
ssl.keystore.type=PEM
ssl.keystore.location={folder}/server.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
listener.name.mutual.ssl.client.auth=required
listener.name.mutual.ssl.principal.mapping.rules=RULE:^.*CN=([^,]+).*$/$1/
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:{user}
"""


@dataclass(frozen=True)
class LockedKafka:
    """Where it listens, and what opens it."""

    folder: Path
    process: Process
    ports: dict[str, int]
    authority: trustme.CA
    key: rsa.RSAPrivateKey

    def at(self, listener):
        """The address of a listener: ``open``, ``sasl``, ``sasl_tls`` or ``mutual``."""
        return f"127.0.0.1:{self.ports[listener]}"

    def token(self, key=None, audience="kafka", life_s=600):
        """A signed token for the user, from the key that the broker trusts or from another."""
        now = int(time.time())
        claims = {
            "sub": USER,
            "iat": now - 1_000,
            "exp": now + life_s,
            "aud": audience,
            "iss": ISSUER,
        }
        signed = f"{_encoded({'alg': 'RS256', 'kid': 'one'})}.{_encoded(claims)}"
        signature = (key or self.key).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64(signature)}"

    def certificate(self, authority=None):
        """Files of a client certificate, as settings."""
        issued = (authority or self.authority).issue_cert("client.example", common_name=USER)
        paths = {name: self.folder / f"client-{name}.pem" for name in ("certificate", "key")}
        issued.cert_chain_pems[0].write_to_path(paths["certificate"])
        issued.private_key_pem.write_to_path(paths["key"])
        return {f"ssl_{name}_file": path for name, path in paths.items()}

    async def allow(self, user, *rights):
        """Give rights: an operation, the kind of a resource, and how its names begin."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.at("open"))
        await admin.start()
        try:
            for right in rights:
                await admin._send_to_controller(_acl(user, *right))
        finally:
            await admin.close()


@contextmanager
def locked_kafka(folder):
    """A broker that is being started."""
    ports = {name: free_port() for name in ("open", "sasl", "sasl_tls", "mutual")}
    authority = trustme.CA()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    (folder / "server.pem").write_bytes(_readable_by_java(authority.issue_cert("127.0.0.1")))
    (folder / "keys.json").write_text(json.dumps({"keys": [_public(key)]}))
    properties = _properties(folder, ports)
    _format_with_users(properties)
    home = Path(os.environ["KAFKA_HOME"])
    command = [home / "start-kafka.sh", folder, str(ports["open"]), properties]
    options = {"JAVA_TOOL_OPTIONS": f"-D{_ALLOWED_URLS}={_keys_url(folder)}"}
    process = Process([str(part) for part in command], folder / "kafka.log", options)
    with running(process):
        yield LockedKafka(folder, process, ports, authority, key)


_ALLOWED_URLS = "org.apache.kafka.sasl.oauthbearer.allowed.urls"


def _keys_url(folder):
    return (folder / "keys.json").as_uri()


def _properties(folder, ports):
    users = " ".join(f'user_{name}="{PASSWORD}"' for name in (USER, *OTHERS))
    text = PROPERTIES.format(
        folder=folder, control=ports["open"] + 1, port=ports["open"], sasl=ports["sasl"],
        sasl_tls=ports["sasl_tls"], mutual=ports["mutual"], user=USER, security=SECURITY,
        issuer=ISSUER,
        keys=_keys_url(folder),
        plain=f"{SECURITY}.plain.PlainLoginModule required {users};",
        scram=f"{SECURITY}.scram.ScramLoginModule required;",
        oauth=f"{SECURITY}.oauthbearer.OAuthBearerLoginModule required;",
    )  # fmt: skip
    path = folder / "locked.properties"
    path.write_text(text.replace("\\\n", ""))
    return path


def _format_with_users(properties):
    """Users of SCRAM are kept in the log of the controller, which is made here."""
    users = [f"{name}=[name={USER},password={PASSWORD}]" for name in SCRAM]
    command = [
        "java", "-cp", os.environ["KAFKA_HOME"] + "/libs/*", "kafka.tools.StorageTool", "format",
        "--cluster-id", "AAAAAAAAAAAAAAAAAAAAAA", "--config", str(properties),
    ]  # fmt: skip
    for user in users:
        command += ["--add-scram", user]
    subprocess.run(command, check=True, capture_output=True)


def _acl(user, operation, resource, prefix):
    kind, what = RESOURCES[resource], OPERATIONS[operation]
    return CreateAclsRequest(kind, prefix, PREFIXED, f"User:{user}", "*", what, ALLOWED)


def _public(key):
    numbers = key.public_key().public_numbers()
    parts = {"n": numbers.n, "e": numbers.e}
    encoded = {
        name: _base64(number.to_bytes((number.bit_length() + 7) // 8))
        for name, number in parts.items()
    }
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one", **encoded}


def _readable_by_java(issued):
    """Key and certificate; the key as PKCS #8, the only form that Java reads."""
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key + b"".join(pem.bytes() for pem in issued.cert_chain_pems)


def _encoded(content):
    return _base64(json.dumps(content).encode())


def _base64(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
