"""The worker of the web server (deploy/gunicorn.conf.py)."""

import os

from gunicorn.workers.gthread import ThreadWorker

from zhgg.kit.turns import PATIENCE_SECONDS, Turns


class Worker(ThreadWorker):
    """gunicorn's worker with threads, of which `WEB_AT_ONCE` work at a time (zhgg.kit.turns)."""

    def get_thread_pool(self):
        # How many threads there are at most, the accepted connections say: `worker_connections`.
        return Turns(at_once=int(os.environ["WEB_AT_ONCE"]))

    def run(self):
        try:
            super().run()
        finally:
            # However it ended: threads that wait for work would keep the process.
            self.tpool.shutdown()

    def wait_for_and_dispatch_events(self, timeout):
        """One round of the loop of the main thread, which nothing but new requests and done ones wakes."""
        self.tpool.let_in()
        super().wait_for_and_dispatch_events(min(timeout, PATIENCE_SECONDS / 2))
