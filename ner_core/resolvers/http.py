"""External keys from a service over HTTP."""

from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import ClientError, ClientResponseError, ClientSession, ClientTimeout

from ner_core.errors import ResolverError
from ner_core.text.sanitize import encodable
from ner_core.types import Group

_TIMEOUT_S = 5.0
_MAX_REPLY_BYTES = 4 * 1024 * 1024


class HttpResolver:
    """Keys by name from a service, asked once for each document.

    The request is a POST of ``{"names": [{"name": …, "type": …, "aliases": […]}]}``; the reply
    has as many ``keys``, each a string or null.
    """

    def __init__(self, url: str, session: ClientSession) -> None:
        self._url = url
        self._session = session

    async def keys(self, groups: Sequence[Group]) -> list[str | None]:
        """Return the key of each group, within five seconds.

        Raises:
            ResolverError: no reply, an error, or a reply of another form.
        """
        names = [_asked(group) for group in groups]
        try:
            reply = await self._reply(orjson.dumps({"names": names}))
        except ClientResponseError as exc:
            msg = f"no external keys: status {exc.status}"
            raise ResolverError(msg) from exc
        except (ClientError, TimeoutError, OSError, ValueError) as exc:
            # Without its text: it can have the URL, and with it a password or a key.
            msg = f"no external keys: {type(exc).__name__}"
            raise ResolverError(msg) from exc
        keys = reply.get("keys") if isinstance(reply, dict) else None
        if not isinstance(keys, list) or len(keys) != len(groups) or not all(map(_is_key, keys)):
            msg = f"no external keys: the reply has no list of {len(groups)} keys"
            raise ResolverError(msg)
        return keys

    async def _reply(self, body: bytes) -> Any:  # noqa: ANN401 - JSON
        headers = {"Content-Type": "application/json"}
        timeout = ClientTimeout(total=_TIMEOUT_S)
        async with self._session.post(
            self._url, data=body, headers=headers, timeout=timeout, raise_for_status=True
        ) as reply:
            read = await reply.content.read(_MAX_REPLY_BYTES + 1)
            while not reply.content.at_eof() and len(read) <= _MAX_REPLY_BYTES:
                read += await reply.content.read(_MAX_REPLY_BYTES)
            if len(read) > _MAX_REPLY_BYTES:
                raise ValueError(_MAX_REPLY_BYTES)
            return orjson.loads(read)


def _asked(group: Group) -> dict[str, object]:
    """Return what is said of a group; text without UTF-8 has no key, but others of its document."""
    aliases = [encodable(alias) for alias in group.aliases]
    return {"name": encodable(group.name), "type": group.type, "aliases": aliases}


def _is_key(key: object) -> bool:
    return key is None or isinstance(key, str)
