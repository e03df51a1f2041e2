"""What people see of services while they are kept alive."""

from streams.host.processes import tail
from streams.host.service import Change, Report
from streams.terminal import Progress


def nobody(_: Change) -> None:
    """Take a change that only people are to see."""


def report_to(progress: Progress, also: Report = nobody) -> Report:
    """Return a report that prints each change of a service, and passes it on; a start has a bar."""

    def report(change: Change) -> None:
        _print(progress, change)
        also(change)

    return report


def _print(progress: Progress, change: Change) -> None:
    name = change.service.name
    progress.log(name, _detail(change))
    if change.state == "restarting" and change.service.losing:
        progress.log("LOST", change.service.losing)
    if change.state == "starting":
        progress.update(name, 0, None)
    else:
        progress.finish(name)


def _detail(change: Change) -> str:
    service = change.service
    match change.state:
        case "starting":
            return f"starting, log: {service.log}"
        case "ready":
            again = f", restarts: {change.restarts}" if change.restarts else ""
            return f"ready, {service.address}{again}"
        case "restarting":
            return f"restarting, {change.why}; its log ends with: {tail(service.log, 1)}"
        case "ending" | "ended":
            return change.state
