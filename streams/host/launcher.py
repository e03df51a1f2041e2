"""Become a command that gets SIGTERM when its parent dies, however that dies.

    python -I -S launcher.py PARENT_PID COMMAND [ARGUMENT ...]

A program of its own because a process with threads may run no Python between fork and exec.
It adds about 30 ms to a start.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_EXIT_NOT_STARTED = 127


def main() -> None:
    """Replace this process by the command that the arguments name."""
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before it could be watched
        sys.exit(_EXIT_NOT_STARTED)
    for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored_by_python, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606 - replacing this process is the point
    except OSError as exc:
        sys.stderr.write(f"{command[0]} cannot be started: {exc.strerror}\n")
        sys.exit(_EXIT_NOT_STARTED)


if __name__ == "__main__":
    main()
