"""Several real database connections at once: each callable runs in a thread of its own, all starting together."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

PATIENCE_SECONDS = 20


def together(*callables):
    """Run all at once and return what each returned, or the exception it raised, in the same order."""
    gate = Barrier(len(callables))

    def run(function):
        gate.wait(PATIENCE_SECONDS)
        try:
            return function()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(callables)) as pool:
        return [future.result(PATIENCE_SECONDS) for future in [pool.submit(run, one) for one in callables]]
