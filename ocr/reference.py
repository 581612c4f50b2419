"""The API's reference: what it says of a view is noted where that is defined, and told to drf-spectacular when somebody
asks for the schema. That takes as long to load as half of all else together: whoever reads documents does not wait.
"""

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema

_View = TypeVar("_View")


def described(**told: Any) -> Callable[[_View], _View]:  # noqa: ANN401 - as `extend_schema` is told
    """A method's part of the schema."""
    return noted(extend_schema(**told))


def noted(describe: Callable[[Any], Any]) -> Callable[[_View], _View]:
    """A decorator of drf-spectacular's, at work as soon as there is a schema to be made."""

    def note(view: _View) -> _View:
        _notes.append(partial(describe, view))
        return view

    return note


_notes: list[Callable[[], object]] = []
_telling = Lock()


def tell() -> None:
    """What was noted; once, before anybody goes on."""
    from ocr import schemes  # noqa: F401, PLC0415 - see above

    with _telling:
        while _notes:
            _notes.pop(0)()


def page(name: str, **options: Any) -> Callable[[HttpRequest], HttpResponseBase]:  # noqa: ANN401 - as the view is told
    """A view of drf-spectacular's."""

    def show(request: HttpRequest) -> HttpResponseBase:
        from drf_spectacular import views  # noqa: PLC0415 - see above

        shown: HttpResponseBase = getattr(views, name).as_view(**options)(request)
        return shown

    return show
