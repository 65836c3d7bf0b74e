"""Several visitors at once, each in a thread with a connection of its own."""

import threading

from django.db import connections


def together(*works):
    """Run each in a thread of its own, all at once; the errors that came."""
    errors, barrier = [], threading.Barrier(len(works), timeout=30)

    def run(work):
        try:
            barrier.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return errors
