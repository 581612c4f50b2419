"""Files are taken in whole, in few pieces."""

import os
from io import BytesIO
from typing import cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils.module_loading import import_string

PICTURES = {"frontside": os.urandom(300_000), "backside": os.urandom(300_000)}


class Counting(BytesIO):
    """Counts what it is asked for."""

    asked = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.asked += 1
        return super().read(size)


def test_two_pictures_are_taken_in_whole_in_few_pieces() -> None:
    files = {side: BytesIO(picture) for side, picture in PICTURES.items()}
    for side, file in files.items():
        file.name = f"{side}.jpg"
    body = encode_multipart(BOUNDARY, {**files, "document_type": "id_mexico"})
    stream = Counting(body)
    (handler,) = (import_string(name)(HttpRequest()) for name in settings.FILE_UPLOAD_HANDLERS)
    told = {"CONTENT_TYPE": MULTIPART_CONTENT, "CONTENT_LENGTH": str(len(body))}
    fields, found = MultiPartParser(told, stream, [handler], "utf-8").parse()
    assert fields["document_type"] == "id_mexico"
    assert {side: cast("UploadedFile[bytes]", found[side]).read() for side in found} == PICTURES
    assert stream.asked <= 5
