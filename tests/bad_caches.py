"""Caches that do not what they should."""

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache


class Down(BaseCache):
    """Every call raises."""

    def __init__(self, location, params):
        super().__init__(params)

    def fail(self, *args, **kwargs):
        raise ConnectionError("The cache is down.")

    add = clear = delete = get = get_many = has_key = set = set_many = touch = fail


class Full(LocMemCache):
    """It can be asked, but takes nothing."""

    def set_many(self, *args, **kwargs):
        raise OSError("No space left on device")


class Rubbish(LocMemCache):
    """Under every key it has something that nobody put there."""

    def get_many(self, keys, version=None):
        return dict.fromkeys(keys, b"rubbish")
