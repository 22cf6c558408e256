"""Become another program that dies with its parent: `python child.py PARENT SIGNAL USER GROUP -- program …`.

A small program of its own instead of `preexec_fn`, which may deadlock in a process with threads. Standard
library only,
started with -I -S, so it costs some 15 ms.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Drop to the user, ask for a signal at the parent's death, become the program."""
    parent, death_signal, user, group = (int(text) for text in arguments[:4])
    program = arguments[arguments.index("--") + 1 :]
    if user >= 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    if sys.platform == "linux":  # after setuid, which clears it
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # the parent died before the kernel knew whom to tell
        os.kill(os.getpid(), signal.SIGKILL)
    os.execvp(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
