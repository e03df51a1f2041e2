"""A worker without transactions: after a pause it writes what it had in flight."""

from chaos.broken import run_worker
from streams.settings import Settings
from streams.worker import app


async def no_transactions(_: Settings) -> bool:
    """Returns that the broker knows none."""
    return False


if __name__ == "__main__":
    app.transactions_work = no_transactions
    run_worker()
