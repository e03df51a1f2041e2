"""Run the scripted engine until SIGTERM or SIGINT."""

import argparse
import asyncio
import signal

from ner_core.testing.pace import Pace
from ner_core.testing.server import ScriptedEngine


async def main() -> None:
    """Serve the models that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m ner_core.testing", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", action="append", required=True)
    parser.add_argument("--delay-s", type=float, default=0.0)
    parser.add_argument("--die-on", default="")
    parser.add_argument("--at-once", type=int, default=0, help="prompts; 0: all of them")
    parser.add_argument("--service-s", type=float, default=0.0, help="seconds for each of them")
    options = parser.parse_args()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    pace = Pace(options.at_once, options.service_s) if options.at_once else None
    engine = ScriptedEngine(tuple(options.model), port=options.port, pace=pace)
    engine.faults.delay_s, engine.faults.die_on = options.delay_s, options.die_on
    async with engine:
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(main())
