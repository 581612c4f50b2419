"""Tokens: how one is had, and each way in which one is none. The texts are the contract's, in English always."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import jwt
import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from apptenticate.keys import token_keys
from ocr import keeping
from ocr.models import Account
from ocr.tokens import Bearer
from ocr.views import TOO_MANY_PASSWORDS, AddressThrottle
from tests.conftest import PASSWORD, URL, FakeReader

Parts = Callable[..., dict[str, Any]]

LOGIN = {"username": "ana", "password": PASSWORD}
MISSING = {"detail": "Authentication credentials were not provided."}
WRONG = {"detail": "No active account found with the given credentials"}
BAD = {
    "detail": "Given token not valid for any token type",
    "code": "token_not_valid",
    "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}],
}
BAD_REFRESH = {"detail": "Token is invalid or expired", "code": "token_not_valid"}

languages = pytest.mark.parametrize("language", ["es", "en", "fr"])


def refused(response: Any, body: dict[str, Any]) -> bool:
    assert (response.status_code, response.json()) == (401, body)
    return str(response["WWW-Authenticate"]).startswith("Bearer ")


# --- obtaining and refreshing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/token/", "/api/token"])
@pytest.mark.parametrize("form", ["json", "multipart"])
def test_a_name_and_a_password_give_two_tokens(user: User, path: str, form: str) -> None:
    response = APIClient().post(path, LOGIN, format=form)
    assert response.status_code == 200
    assert list(response.json()) == ["refresh", "access"]


def test_a_urlencoded_form_gives_tokens_too(user: User) -> None:
    form = f"username=ana&password={PASSWORD.replace(' ', '+')}"
    response = APIClient().post("/api/token/", form, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200


@languages
@pytest.mark.parametrize("login", [{"password": "wrong"}, {"username": "nobody"}])
def test_a_wrong_login_is_401(user: User, login: dict[str, str], language: str) -> None:
    response = APIClient().post("/api/token/", {**LOGIN, **login}, HTTP_ACCEPT_LANGUAGE=language)
    assert refused(response, WRONG)


def test_a_deactivated_account_gets_no_token(user: User) -> None:
    User.objects.update(is_active=False)
    assert refused(APIClient().post("/api/token/", LOGIN), WRONG)


def test_a_login_without_a_password_is_400_in_english(user: User) -> None:
    response = APIClient().post("/api/token/", {"username": "ana"})
    assert (response.status_code, response.json()) == (400, {"password": ["This field is required."]})


@pytest.mark.parametrize("path", ["/api/token/refresh/", "/api/token/refresh"])
def test_a_refresh_token_gives_an_access_token(user: User, parts: Parts, fake: FakeReader, path: str) -> None:
    client = APIClient()
    refresh = client.post("/api/token/", LOGIN).json()["refresh"]
    response = client.post(path, {"refresh": refresh})
    assert (response.status_code, list(response.json())) == (200, ["access"])
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {response.json()['access']}")
    assert client.post(URL, parts()).status_code == 200


def expired(token: Any) -> str:
    token.set_exp(lifetime=-timedelta(seconds=1))
    return str(token)


@languages
def test_a_refresh_token_that_is_none_is_401(user: User, language: str) -> None:
    for token in ("nonsense", expired(RefreshToken.for_user(user)), str(AccessToken.for_user(user))):
        response = APIClient().post("/api/token/refresh/", {"refresh": token}, HTTP_ACCEPT_LANGUAGE=language)
        assert refused(response, BAD_REFRESH)


def test_a_refresh_token_of_someone_gone_is_401(user: User) -> None:
    refresh = str(RefreshToken.for_user(user))
    User.objects.update(is_active=False)
    assert refused(APIClient().post("/api/token/refresh/", {"refresh": refresh}), BAD_REFRESH)
    user.delete()
    assert refused(APIClient().post("/api/token/refresh/", {"refresh": refresh}), BAD_REFRESH)


def test_tokens_live_as_long_as_published(user: User) -> None:
    refresh = RefreshToken.for_user(user)
    assert refresh["exp"] - refresh["iat"] == 24 * 60 * 60
    assert refresh.access_token["exp"] - refresh["iat"] == 5 * 60


# --- using ------------------------------------------------------------------------------------------------------------


def post_with(authorization: str | bytes, language: str = "es") -> Any:
    return APIClient().post(URL, HTTP_AUTHORIZATION=authorization, HTTP_ACCEPT_LANGUAGE=language)


@languages
def test_no_token_is_401(db: None, language: str) -> None:
    assert refused(APIClient().post(URL, HTTP_ACCEPT_LANGUAGE=language), MISSING)
    assert refused(post_with("", language), MISSING)
    assert refused(post_with("Basic YW5hOmFuYQ==", language), MISSING)


def unsigned(user: User) -> str:
    _, claims, _ = str(AccessToken.for_user(user)).split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    return f"{header}.{claims}."


def signed_by_another(user: User) -> str:
    return jwt.encode(dict(AccessToken.for_user(user).payload), "another key, long enough for HS256", "HS256")


def signed_otherwise(user: User) -> str:
    return jwt.encode(dict(AccessToken.for_user(user).payload), "x" * 64, "HS512")


def tampered(user: User) -> str:
    header, claims, signature = str(AccessToken.for_user(user)).split(".")
    return f"{header}.{claims[:-2]}AA.{signature}"


def nobodys(user: User) -> str:
    token = AccessToken.for_user(user)
    del token["user_id"]
    return str(token)


def with_claims(user: User, **claims: Any) -> str:
    """Signed with the right key."""
    payload = {**AccessToken.for_user(user).payload, **OURS, **claims}
    return jwt.encode({name: value for name, value in payload.items() if value is not None}, KEY, "HS256")


KEY = str(settings.SIMPLE_JWT["SIGNING_KEY"])
OURS = {"aud": str(settings.SIMPLE_JWT["AUDIENCE"]), "iss": str(settings.SIMPLE_JWT["ISSUER"])}
TOMORROW = int(time.time()) + 24 * 60 * 60


def forged_with(public: bytes, claims: dict[str, Any]) -> str:
    """A service that signs with a private key and believes HS256, too, takes its own public key for the secret."""
    head, body = part_of({"alg": "HS256", "typ": "JWT"}), part_of(claims)
    signature = hmac.digest(public, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def part_of(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


BAD_TOKENS: list[Callable[[User], str]] = [
    unsigned,
    signed_by_another,
    signed_otherwise,
    tampered,
    nobodys,
    lambda user: with_claims(user, aud="another service"),
    lambda user: with_claims(user, aud=None),
    lambda user: with_claims(user, iss="somebody"),
    lambda user: with_claims(user, iss=None),
    lambda user: with_claims(user, iat=TOMORROW, exp=TOMORROW + 300),
    lambda user: with_claims(user, nbf=TOMORROW, exp=TOMORROW + 300),
    lambda user: with_claims(user, exp=None),
    lambda user: with_claims(user, hash_password="0" * 32),
    lambda user: expired(AccessToken.for_user(user)),
    lambda user: str(RefreshToken.for_user(user)),
    lambda _: "nonsense",
    lambda _: "a.b.c",
    lambda _: "",
    lambda _: "two words",
    lambda _: "ñ\xff",
]


@pytest.mark.parametrize("make", BAD_TOKENS)
def test_a_token_that_is_none_is_401(user: User, make: Callable[[User], str]) -> None:
    assert refused(post_with(f"Bearer {make(user)}"), BAD)


@pytest.mark.parametrize(("agreed", "days"), [(7, 7), (None, 30)])
def test_a_user_comes_with_what_is_agreed_in_one_query(
    user: User, agreed: int | None, days: int, django_assert_num_queries: Any
) -> None:
    if agreed is not None:
        Account.objects.create(owner=user, retention_days=agreed)
    bearer, token = Bearer(), AccessToken.for_user(user)
    with django_assert_num_queries(1):
        assert keeping.retention_days(cast("User", bearer.get_user(token))) == days


@languages
def test_a_bad_token_is_401_in_english(user: User, language: str) -> None:
    assert refused(post_with("Bearer nonsense", language), BAD)


def test_a_token_ends_with_its_account(client: APIClient, user: User) -> None:
    User.objects.update(is_active=False)
    assert refused(client.post(URL), BAD)
    user.delete()
    assert refused(client.post(URL), BAD)


def test_a_token_ends_with_its_password(client: APIClient, user: User) -> None:
    user.set_password("another password")
    user.save()
    assert refused(client.post(URL), BAD)


def test_a_refresh_token_ends_with_its_password(user: User) -> None:
    refresh = str(RefreshToken.for_user(user))
    user.set_password("another password")
    user.save()
    assert refused(APIClient().post("/api/token/refresh/", {"refresh": refresh}), BAD_REFRESH)


def test_the_claims_that_the_others_are_made_from_are_good(user: User, fake: FakeReader, parts: Parts) -> None:
    authorization = f"Bearer {with_claims(user)}"
    assert APIClient().post(URL, parts(), HTTP_AUTHORIZATION=authorization).status_code == 200


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])
def test_with_a_private_key_its_public_half_signs_nothing(
    user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, algorithm: str, fake: FakeReader, parts: Parts
) -> None:
    signing, verifying = token_keys(algorithm, "", tmp_path)
    backend = TokenBackend(algorithm, signing, verifying, OURS["aud"], OURS["iss"])
    monkeypatch.setattr("rest_framework_simplejwt.state.token_backend", backend)
    monkeypatch.setattr(AccessToken, "_token_backend", backend)
    payload = AccessToken.for_user(user).payload
    good = backend.encode(payload)
    assert jwt.get_unverified_header(good)["alg"] == algorithm
    assert APIClient().post(URL, parts(), HTTP_AUTHORIZATION=f"Bearer {good}").status_code == 200
    forged = forged_with(verifying.encode(), {**payload, **OURS})
    assert refused(post_with(f"Bearer {forged}"), BAD)


# --- guessing ---------------------------------------------------------------------------------------------------------


def tries(client: APIClient, password: str, count: int = 1, **more: Any) -> Any:
    for _ in range(count):
        response = client.post("/api/token/", {**LOGIN, "password": password}, **more)
    return response


@pytest.fixture
def unthrottled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AddressThrottle, "allow_request", lambda *_: True)


def test_whoever_guesses_passwords_is_locked_out(user: User, unthrottled: None) -> None:
    client = APIClient()
    assert refused(tries(client, "wrong", settings.LOCKOUT_FAILURES - 1), WRONG)
    assert tries(client, "wrong").status_code == 429
    locked = tries(client, PASSWORD)
    assert (locked.status_code, locked["Retry-After"]) == (429, str(settings.LOCKOUT_MINUTES * 60))
    assert locked.json()["detail"].startswith(TOO_MANY_PASSWORDS)


def test_the_owner_elsewhere_and_others_there_are_not_locked_out(user: User, other: User, unthrottled: None) -> None:
    client = APIClient()
    tries(client, "wrong", settings.LOCKOUT_FAILURES)
    assert tries(client, PASSWORD, REMOTE_ADDR="10.9.9.9").status_code == 200
    assert client.post("/api/token/", {"username": "beto", "password": PASSWORD}).status_code == 200


def test_the_lock_opens_by_itself(user: User, unthrottled: None) -> None:
    client = APIClient()
    tries(client, "wrong", settings.LOCKOUT_FAILURES)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=settings.LOCKOUT_MINUTES + 1))
    assert tries(client, PASSWORD).status_code == 200


def test_a_right_password_forgets_the_wrong_ones(user: User, unthrottled: None) -> None:
    client = APIClient()
    for _ in range(3):
        tries(client, "wrong", settings.LOCKOUT_FAILURES - 1)
        assert tries(client, PASSWORD).status_code == 200


def test_the_admin_locks_out_too(user: User) -> None:
    client = Client()
    for _ in range(settings.LOCKOUT_FAILURES):
        answer = client.post("/admin/login/", {"username": "ana", "password": "wrong"})
    assert answer.status_code == 429
    assert client.post("/admin/login/", LOGIN).status_code == 429


def test_what_was_typed_is_not_kept(user: User, unthrottled: None, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody types the password where the name belongs."""
    tries(APIClient(), "hunter2-hunter2")
    (attempt,) = AccessAttempt.objects.values_list("get_data", "post_data", "path_info")
    assert "hunter2" not in " ".join(map(str, attempt))
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("path", [URL, f"{URL}1/", "/api/ocr", "/api/ocr/1"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_strangers_learn_nothing(db: None, path: str, method: str) -> None:
    assert refused(getattr(APIClient(), method)(path), MISSING)
