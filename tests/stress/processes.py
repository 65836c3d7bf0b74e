"""Processes beside the test, each with a connection of its own to the test database."""

import multiprocessing
import traceback
from contextlib import contextmanager, suppress
from importlib import import_module

import django
from django.db import connections
from django.test.utils import setup_test_environment

CONTEXT = multiprocessing.get_context("spawn")


class Failed(Exception):
    """A process did not end in time, or not as it should."""


class Process:
    """Calls a function of the module ``writers``, which gets its end of a pipe to us."""

    def __init__(self, function, *args):
        self.pipe, theirs = CONTEXT.Pipe()
        database = connections["default"].settings_dict["NAME"]
        target = (theirs, database, function, args)
        self.process = CONTEXT.Process(target=_run, args=target, daemon=True)
        self.process.start()
        theirs.close()

    def receive(self, seconds=60):
        """What it sends next, or returns in the end; ``Failed`` when nothing comes in time."""
        try:
            if not self.pipe.poll(seconds):
                raise Failed(f"Nothing came within {seconds} seconds.")
            message, error = self.pipe.recv()
        except EOFError:
            self.process.join()
            raise Failed(f"It ended with exit code {self.process.exitcode}.") from None
        if error:
            raise Failed(error)
        return message

    def stop(self):
        """Tell it to end; it may have done so."""
        with suppress(BrokenPipeError):
            self.pipe.send("stop")

    def kill(self):
        """End it with SIGKILL, if it has not ended."""
        self.process.kill()
        self.process.join()


@contextmanager
def running(*calls):
    """Processes for calls, given as name and arguments, that all begin at the same moment."""
    processes = [Process(*call) for call in calls]
    try:
        for process in processes:
            process.receive()
        for process in processes:
            process.pipe.send("go")
        yield processes
    finally:
        for process in processes:
            process.kill()


def _run(pipe, database, function, args):
    try:
        django.setup()
        setup_test_environment()
        connections.settings["default"].update(NAME=database, ATOMIC_REQUESTS=True)
        work = getattr(import_module("writers"), function)
        pipe.send(("ready", None))
        pipe.recv()
        pipe.send((work(pipe, *args), None))
    except Exception:
        pipe.send((None, traceback.format_exc()))
