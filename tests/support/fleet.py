"""Replicas of an engine behind one address, as a router that does nothing clever has them."""

from aiohttp import ClientConnectorError, ClientError, ClientSession, web


class Fleet:
    """Asks replicas in turn; one that cannot be reached is passed over.

    A request that a replica drops is answered with 502, and counted in ``lost``.
    """

    def __init__(self, *ports):
        self._ports = list(ports)
        self.lost = 0

    @property
    def url(self):
        """Address of the fleet, ending in ``/v1``."""
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self):
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{path:.*}", self._forward)
        self._session = ClientSession(trust_env=False)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc_info):
        await self._runner.cleanup()
        await self._session.close()

    def _in_turn(self):
        """All replicas; the next request begins with the second."""
        turn = list(self._ports)
        self._ports.append(self._ports.pop(0))
        return turn

    async def _forward(self, request):
        body = await request.read()
        for port in self._in_turn():
            url = f"http://127.0.0.1:{port}{request.path_qs}"
            try:
                async with self._session.request(request.method, url, data=body) as reply:
                    return web.Response(
                        body=await reply.read(),
                        status=reply.status,
                        content_type=reply.content_type,
                    )
            except ClientConnectorError:
                continue
            except ClientError:
                self.lost += 1
                return web.Response(status=502, text="Bad Gateway")
        return web.Response(status=503, text="Service Unavailable")
