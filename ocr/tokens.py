"""Whose token it is: the user, and in the same query what is agreed with them, which whoever sends a document needs
next."""

from typing import Any, Final

from django.contrib.auth.models import User
from rest_framework_simplejwt.authentication import JWTAuthentication


class _WithAccount:
    """What simplejwt asks of a model of users."""

    objects: Final = User.objects.select_related("account")
    DoesNotExist: Final = User.DoesNotExist


class Bearer(JWTAuthentication):
    """simplejwt's, but that users come with their accounts (`models.Account`)."""

    def __init__(self, *told: Any, **more: Any) -> None:  # noqa: ANN401 - as overridden
        super().__init__(*told, **more)
        self.user_model = _WithAccount  # type: ignore[assignment]
