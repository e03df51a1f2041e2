"""Run the scripted engine until SIGTERM or SIGINT."""

import argparse
import asyncio
import signal

from ner_core.testing.pace import Pace
from ner_core.testing.server import ScriptedEngine
from ner_core.testing.steps import Steps


async def main() -> None:
    """Serve the models that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m ner_core.testing", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--delay-s", type=float, default=0.0)
    parser.add_argument("--die-on", default="")
    parser.add_argument("--at-once", type=int, default=0, help="prompts; 0: all of them")
    parser.add_argument("--service-s", type=float, default=0.0, help="seconds for each of them")
    parser.add_argument("--token-s", type=float, help="seconds for each token, as on a CPU")
    options = parser.parse_args()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    pace: Pace | Steps | None = None
    if options.token_s:
        pace = Steps(options.token_s)
    elif options.at_once:
        pace = Pace(options.at_once, options.service_s)
    engine = ScriptedEngine(tuple(options.model), port=options.port, pace=pace)
    engine.faults.delay_s, engine.faults.die_on = options.delay_s, options.die_on
    async with engine:
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(main())
