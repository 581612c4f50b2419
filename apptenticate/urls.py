"""All paths: the API's own, the admin's, and the door. Errors outside the API are JSON too."""
# ruff: noqa: ARG001  (Django says what the arguments are)

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.generic import RedirectView

admin.site.site_header = admin.site.site_title = "Apptenticate"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="docs")),
    path("", include("ocr.urls")),
    path("admin/", admin.site.urls),
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
