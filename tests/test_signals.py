"""The command line takes signals only while it runs."""

import signal

from core.commands import main


def test_a_command_leaves_the_signal_handlers_of_its_caller_alone() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert main(["models"]) == 0
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
