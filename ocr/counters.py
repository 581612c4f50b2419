"""What throttling counts, in Redis: machines that share one count together.

As JSON, never pickled: whoever can write into Redis is not to run anything here. A Redis that is away is an `OSError`,
as a full disk is where counts lie in files: who cannot be counted is asked to come back.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError


class Counters(RedisCache):
    """Django's, for what Django REST framework asks of it."""

    def get(self, *told: Any, **more: Any) -> Any:  # noqa: ANN401 - as Django has it
        with _as_of_a_disk():
            return super().get(*told, **more)

    def set(self, *told: Any, **more: Any) -> None:  # noqa: ANN401
        with _as_of_a_disk():
            super().set(*told, **more)


class AsJson:
    """How a value becomes bytes, and comes back (Django's option `serializer`)."""

    def dumps(self, value: Any) -> bytes:  # noqa: ANN401 - what JSON can say
        return json.dumps(value).encode()

    def loads(self, written: bytes) -> Any:  # noqa: ANN401
        return json.loads(written)


@contextmanager
def _as_of_a_disk() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise OSError("Redis is away: nothing can be counted") from error
