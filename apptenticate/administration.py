"""The admin's paths, loaded when somebody first asks for one: whoever reads documents does not wait for them."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver

admin.autodiscover()
admin.site.site_header = admin.site.site_title = "Apptenticate"

urlpatterns: list[URLPattern | URLResolver] = admin.site.get_urls()
