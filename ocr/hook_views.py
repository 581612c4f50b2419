"""An account's webhooks: where it wants to be told of events, what was sent there, and sending it again."""
# ruff: noqa: ARG002  (the framework says what the arguments are)

from typing import Any, Final

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import generics, status
from rest_framework.exceptions import APIException
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from ocr import webhooks
from ocr.models import Delivery, Webhook
from ocr.reference import described
from ocr.responses import (
    CHANGING_WEBHOOK_RESPONSES,
    DELIVERIES_RESPONSES,
    DELIVERY_RESPONSES,
    ENDING_WEBHOOK_RESPONSES,
    MAKING_WEBHOOK_RESPONSES,
    SECRET_RESPONSES,
    SENDING_RESPONSES,
    WEBHOOK_RESPONSES,
    WEBHOOKS_RESPONSES,
)
from ocr.serializers import DeliverySerializer, WebhookSerializer
from ocr.views import AlwaysJson, NewestFirst, person

MOST_WEBHOOKS: Final = 20
"""Of one account: each event is sent to all of them."""


class TooManyWebhooks(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("This account has as many webhooks as it may have. Delete one first.")
    default_code = "too_many_webhooks"


class WebhookIsOff(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("This webhook is off. Switch it on first: PATCH active to true.")
    default_code = "webhook_is_off"


# --- webhooks ---------------------------------------------------------------------------------------------------------


class _Webhooks(generics.GenericAPIView[Webhook]):
    """Those of the person who asks; anyone else's do not exist."""

    serializer_class = WebhookSerializer
    content_negotiation_class = AlwaysJson
    parser_classes = (JSONParser,)
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.filter(owner_id=self.request.user.pk)


class WebhooksView(_Webhooks, generics.ListAPIView[Webhook]):
    """Make a webhook, or list them."""

    @described(operation_id="make_webhook", request=WebhookSerializer, responses=MAKING_WEBHOOK_RESPONSES)
    def post(self, request: Request) -> Response:
        """Have events posted to an address; the answer shows the secret that signs them, this once."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if self.get_queryset().count() >= MOST_WEBHOOKS:
            raise TooManyWebhooks
        secret = webhooks.new_secret()
        hook = serializer.save(owner=person(request), secrets=[secret])
        where = reverse("webhook", kwargs={"pk": hook.pk})
        body = {**serializer.data, "secret": secret}
        return Response(body, status.HTTP_201_CREATED, headers={"Location": where})

    @described(operation_id="list_webhooks", responses=WEBHOOKS_RESPONSES)
    def get(self, request: Request) -> Response:
        """List your webhooks, newest first."""
        return self.list(request)


class WebhookView(_Webhooks):
    """One webhook."""

    @described(operation_id="show_webhook", responses=WEBHOOK_RESPONSES)
    def get(self, request: Request, pk: int) -> Response:
        """Show a webhook, but for its secret."""
        return Response(self.get_serializer(self.get_object()).data)

    @described(operation_id="change_webhook", responses=CHANGING_WEBHOOK_RESPONSES)
    def patch(self, request: Request, pk: int) -> Response:
        """Change its address or its events, or switch it on or off. What waits is tried at once."""
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save(failures=0, ready=timezone.now())
        return Response(serializer.data)

    @described(operation_id="delete_webhook", responses=ENDING_WEBHOOK_RESPONSES)
    def delete(self, request: Request, pk: int) -> Response:
        """Delete it, and all that is known of what was sent there."""
        self.get_object().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class SecretView(_Webhooks):
    """What signs."""

    @described(operation_id="rotate_secret", request=None, responses=SECRET_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """Make another secret, shown this once. For a day the one before it signs, too."""
        return Response({"secret": webhooks.rotate(self.get_object())})


class TestView(_Webhooks):
    """Something to see arrive."""

    @described(operation_id="test_webhook", request=None, responses=SENDING_RESPONSES)
    def post(self, request: Request, pk: int) -> Response:
        """Send a ping, as events are sent."""
        return _sending(webhooks.ping(_switched_on(self.get_object())))


def _switched_on(hook: Webhook) -> Webhook:
    if not hook.active:
        raise WebhookIsOff
    return hook


def _sending(delivery: Delivery) -> Response:
    where = reverse("delivery", kwargs={"pk": delivery.webhook_id, "delivery": delivery.pk})
    return Response(DeliverySerializer(delivery).data, status.HTTP_202_ACCEPTED, headers={"Location": where})


# --- deliveries -------------------------------------------------------------------------------------------------------


class _Deliveries(generics.GenericAPIView[Delivery]):
    """What was sent to one webhook of the person who asks."""

    serializer_class = DeliverySerializer
    content_negotiation_class = AlwaysJson
    pagination_class = NewestFirst
    lookup_url_kwarg = "delivery"

    def get_queryset(self) -> QuerySet[Delivery]:
        hook = get_object_or_404(Webhook, pk=self.kwargs["pk"], owner_id=self.request.user.pk)
        return hook.deliveries.select_related("webhook")


class DeliveriesView(_Deliveries, generics.ListAPIView[Delivery]):
    """All of them."""

    @described(operation_id="list_deliveries", responses=DELIVERIES_RESPONSES)
    def get(self, request: Request, pk: int) -> Response:
        """List what was sent to a webhook, or will be, newest first."""
        return self.list(request)


class DeliveryView(_Deliveries):
    """One of them."""

    @described(operation_id="show_delivery", responses=DELIVERY_RESPONSES)
    def get(self, request: Request, **_: Any) -> Response:  # noqa: ANN401
        """Tell whether it has arrived, and if not, why, and when it is sent again."""
        return Response(self.get_serializer(self.get_object()).data)


class ReplayView(_Deliveries):
    """One of them, again."""

    @described(operation_id="replay_delivery", request=None, responses=SENDING_RESPONSES)
    def post(self, request: Request, **_: Any) -> Response:  # noqa: ANN401
        """Send it again at once, whether it has arrived or not, under the same id."""
        delivery = self.get_object()
        _switched_on(delivery.webhook)
        webhooks.send_again(self.get_queryset().filter(pk=delivery.pk))
        delivery.refresh_from_db()
        return _sending(delivery)
