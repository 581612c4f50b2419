"""Middleware: static files, straight from the packages that bring them. They are looked for when somebody first asks
for one: whoever reads documents does not wait for that."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from whitenoise.middleware import WhiteNoiseMiddleware


def found(get_response: "Callable[[HttpRequest], HttpResponse]") -> "Callable[[HttpRequest], HttpResponse]":
    """What lies under `STATIC_URL`; all else is asked of `get_response`."""

    @cache  # of several threads that come first at once, each may look: all find the same
    def files() -> "WhiteNoiseMiddleware":
        from whitenoise.middleware import WhiteNoiseMiddleware  # noqa: PLC0415 - see above

        return WhiteNoiseMiddleware(get_response)

    def respond(request: "HttpRequest") -> "HttpResponse":
        if request.path_info.startswith(settings.STATIC_URL):
            response: HttpResponse = files()(request)
            return response
        return get_response(request)

    return respond
