import pytest

from streams.host.ports import free_port
from streams.settings import load_settings
from streams.wire.errors import BrokerUnavailableError
from streams.worker.log_bounds import LogBounds


async def test_a_connection_that_cannot_be_made_is_closed():
    bounds = LogBounds(load_settings(bootstrap=f"127.0.0.1:{free_port()}"))

    with pytest.raises(BrokerUnavailableError):
        async with bounds:
            pass

    assert bounds._consumer._closed
