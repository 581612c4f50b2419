"""All paths: the API's own with its page, and the admin's. Errors outside the API are JSON too."""
# ruff: noqa: ARG001  (Django says what the arguments are)

from django.http import HttpRequest, JsonResponse
from django.urls import include, path

urlpatterns = [
    path("", include("ocr.urls")),
    path("admin/", ("apptenticate.administration", "admin", "admin")),  # named, not loaded: see there
]


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    return JsonResponse({"detail": "Not found."}, status=404)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return JsonResponse({"detail": "Bad request."}, status=400)


def server_error(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"detail": "Internal server error."}, status=500)


handler400 = bad_request
handler404 = not_found
handler500 = server_error
