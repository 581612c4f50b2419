"""Pictures in a bucket of an S3-compatible store: whatever else it answers than what was asked for is an `OSError`, as
of a disk.

Loaded where a setting names a bucket, and only then: boto3 takes 35 MB and a tenth of a second.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from django.utils.functional import cached_property
from storages.backends.s3 import S3Storage

_BOUNDS: Final = Config(
    signature_version="s3v4",
    connect_timeout=3,
    read_timeout=10,
    retries={"total_max_attempts": 3, "mode": "standard"},  # 3 x 3 s, where nothing answers at all
    max_pool_connections=64,  # as many as threads serve
    # Not every store knows the newer checksums; what is sealed tells by itself whether it is whole.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)

_MEANINGS: Final[Mapping[str, type[OSError]]] = {
    "NoSuchKey": FileNotFoundError,
    "404": FileNotFoundError,
    "NoSuchBucket": NotADirectoryError,
    "PermanentRedirect": NotADirectoryError,  # it lies in another region
    "AccessDenied": PermissionError,
    "403": PermissionError,
    "InvalidAccessKeyId": PermissionError,
    "SignatureDoesNotMatch": PermissionError,
}


class Bucket(S3Storage):  # type: ignore[misc]  # django-storages ships no types
    """One client for all threads: one each, as django-storages has it, takes 12 MB and 90 ms of every one of 64."""

    def __init__(self, *, addressing: str, **options: Any) -> None:  # noqa: ANN401
        super().__init__(client_config=_BOUNDS.merge(Config(s3={"addressing_style": addressing})), **options)

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its class up when it runs
        more = {"region_name": self.region_name, "endpoint_url": self.endpoint_url, "config": self.client_config}
        return self._create_session().client("s3", **more)

    def make(self) -> bool:
        """The bucket, where there is none; whether there was none."""
        try:
            self.listdir("")
        except NotADirectoryError:
            with _as_of_a_disk():
                self._client.create_bucket(Bucket=self.bucket_name)
            return True
        return False

    def exists(self, name: str) -> bool:
        try:
            self._ask("head_object", name)
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        self._ask("delete_object", name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Of the first thousand; raises `NotADirectoryError` where there is no such bucket."""
        prefix = "/".join(part for part in (self.location.strip("/"), path.strip("/")) if part)
        prefix = f"{prefix}/" if prefix else ""
        with _as_of_a_disk():
            page = self._client.list_objects_v2(Bucket=self.bucket_name, Delimiter="/", Prefix=prefix)
        folders = [found["Prefix"].removeprefix(prefix).rstrip("/") for found in page.get("CommonPrefixes", ())]
        return folders, [found["Key"].removeprefix(prefix) for found in page.get("Contents", ())]

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":  # noqa: ARG002 - Django says what the arguments are
        """Whole, in memory."""
        with _as_of_a_disk():
            return File(BytesIO(self._ask("get_object", name)["Body"].read()), name)

    def _save(self, name: str, content: IO[Any]) -> str:
        self._ask("put_object", name, Body=content.read(), ContentType="application/octet-stream")
        return name

    def _ask(self, operation: str, name: str, **more: Any) -> Any:  # noqa: ANN401
        with _as_of_a_disk():
            return getattr(self._client, operation)(Bucket=self.bucket_name, Key=self._normalize_name(name), **more)


@contextmanager
def _as_of_a_disk() -> Iterator[None]:
    """What the store says or leaves unsaid, as an `OSError`: callers know what to do about those."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise _MEANINGS.get(code, OSError)(f"the store of pictures says {code}") from error
    except BotoCoreError as error:
        raise OSError(f"the store of pictures cannot be asked: {type(error).__name__}") from error
