"""Who may do what in the admin: three roles as groups, made once; whoever runs the service may change them there.

Each sees no more than its work needs: an operator looks after the service and sees no person, an auditor sees all of
it and changes nothing.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from ocr.models import REVIEW, SEE_PERSONS

ROLES: Final = {
    "reviewer": ("ocr.view_transaction", "ocr.view_review", SEE_PERSONS, REVIEW),
    "auditor": ("ocr.view_transaction", "ocr.view_review", SEE_PERSONS, "auditlog.view_logentry"),
    "operator": (
        "ocr.view_transaction",
        *(f"ocr.{may}_account" for may in ("view", "add", "change")),
        *(f"ocr.{may}_{what}" for may in ("view", "change") for what in ("webhook", "delivery")),  # to send again
        *(f"axes.{may}_accessattempt" for may in ("view", "delete")),  # to unlock who typed a wrong password too often
    ),
}


def make_groups(**_: Any) -> None:  # noqa: ANN401 - what Django's signal tells
    """After each migration: make the roles that are not there."""
    for role, permissions in ROLES.items():
        group, is_new = Group.objects.get_or_create(name=role)
        if is_new:
            group.permissions.set(_named(permissions))


def _named(permissions: Iterable[str]) -> Iterable[Permission]:
    pairs = (permission.split(".") for permission in permissions)
    named = (Q(content_type__app_label=app, codename=codename) for app, codename in pairs)
    return Permission.objects.filter(Q(*named, _connector=Q.OR))
