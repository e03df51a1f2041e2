"""Workers with a known fault, to show that the oracle sees it.

python -m chaos.broken.acknowledges_on_receipt worker
"""

import runpy


def run_worker() -> None:
    """Run the command line as it is, with what was changed in this process."""
    runpy.run_module("streams.cli", run_name="__main__", alter_sys=True)
