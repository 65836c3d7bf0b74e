"""What a learner has reached, for sites that award something.

Both are sent after the transaction has been committed, with ``user``, an account, and
``path``, that of the topic or roadmap; the sender is ``Learner``. A receiver that fails is
logged and takes nothing back. Guests are nobody to send for until they sign in.
"""

from __future__ import annotations

from django.dispatch import Signal

topic_done = Signal()
roadmap_done = Signal()
