"""The page to try it on, and the paths of the API, each with and without its final slash: a redirect would lose a
POST's body.
"""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from ocr import batch_views, hook_views, pages, reference, views

VERSIONED = "api/v3.2/ocr"
WEBHOOKS = "api/v3.2/webhooks"
ALIAS = "api/ocr"
"""The published pages print both."""


def _both(route: str, view: Callable[..., HttpResponseBase], name: str) -> list[URLPattern]:
    return [path(f"{route}/", view, name=name), path(route, view)]


documents = never_cache(views.DocumentsView.as_view())
transaction = never_cache(views.TransactionView.as_view())
image = never_cache(views.ImageView.as_view())
batches = never_cache(batch_views.BatchesView.as_view())
batch = never_cache(batch_views.BatchView.as_view())
results = never_cache(batch_views.BatchResultsView.as_view())

hooks = {
    "": ("webhooks", hook_views.WebhooksView),
    "/<int:pk>": ("webhook", hook_views.WebhookView),
    "/<int:pk>/secret": ("webhook-secret", hook_views.SecretView),
    "/<int:pk>/test": ("webhook-test", hook_views.TestView),
    "/<int:pk>/deliveries": ("deliveries", hook_views.DeliveriesView),
    "/<int:pk>/deliveries/<int:delivery>": ("delivery", hook_views.DeliveryView),
    "/<int:pk>/deliveries/<int:delivery>/replay": ("replay", hook_views.ReplayView),
}

urlpatterns = [
    path("", pages.try_it, name="try"),
    *_both(VERSIONED, documents, "documents"),
    *_both(ALIAS, documents, "documents-alias"),
    *_both(f"{VERSIONED}/<int:pk>", transaction, "transaction"),
    *_both(f"{ALIAS}/<int:pk>", transaction, "transaction-alias"),
    *_both(f"{VERSIONED}/<int:pk>/images/<slug:name>", image, "image"),
    *_both(f"{ALIAS}/<int:pk>/images/<slug:name>", image, "image-alias"),
    *_both(f"{VERSIONED}/batch", batches, "batches"),
    *_both(f"{VERSIONED}/batch/<int:pk>", batch, "batch"),
    *_both(f"{VERSIONED}/batch/<int:pk>/results", results, "results"),
    *(
        pattern
        for route, (name, view) in hooks.items()
        for pattern in _both(f"{WEBHOOKS}{route}", never_cache(view.as_view()), name)
    ),
    *_both("api/token", never_cache(views.ObtainTokenView.as_view()), "token"),
    *_both("api/token/refresh", never_cache(views.RefreshTokenView.as_view()), "token-refresh"),
    *_both("api/schema", reference.page("SpectacularAPIView"), "schema"),
    *_both("api/docs", reference.page("SpectacularSwaggerSplitView", url_name="schema"), "docs"),
    *_both("api/health/live", never_cache(views.live), "live"),
    *_both("api/health/ready", never_cache(views.ready), "ready"),
    *_both("metrics", never_cache(views.figures), "metrics"),
    *_both("health/live", never_cache(views.live), "live-alias"),
    *_both("health/ready", never_cache(views.ready), "ready-alias"),
]


def documented(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Show every endpoint once: with its slash, and not under its alias. Asked before all else that makes a schema."""
    reference.tell()
    return [endpoint for endpoint in endpoints if endpoint[0].endswith("/") and not endpoint[0].startswith(f"/{ALIAS}")]
