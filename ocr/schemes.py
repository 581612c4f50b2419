"""How the API's reference says that requests are signed in: drf-spectacular knows it once this is loaded."""

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme


class BearerScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]
    """simplejwt's, for the class that stands in its place here."""

    target_class = "ocr.tokens.Bearer"
