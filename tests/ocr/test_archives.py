"""A ZIP of pictures: whatever it says of itself, no more comes out than a card's pictures, and nothing is unpacked."""

import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO

import pytest

from ocr import archives, pairs
from ocr.archives import BadArchive, opened
from ocr.pairs import Pair

MOST = 3


def packed(files: Mapping[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", how) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(BadArchive) as caught:
        opened(data, MOST)
    return caught.value.reason


CARD = {"ana_front.jpg": b"the front", "ana_back.jpg": b"the back"}


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_cards_and_their_pictures(how: int) -> None:
    archive = opened(packed({**CARD, "beto/frente.JPG": b"1", "beto/reverso.jpeg": b"2"}, how), MOST)
    assert archive.cards == [
        Pair("ana", "ana_front.jpg", "ana_back.jpg"),
        Pair("beto", "beto/frente.JPG", "beto/reverso.jpeg"),
    ]
    assert archive.picture("ana_front.jpg", 100) == b"the front"
    assert archive.unpaired == {}


def test_names_that_make_no_card_are_told() -> None:
    archive = opened(packed({**CARD, "carla_front.jpg": b"", "x.jpg": b""}), MOST)
    assert archive.unpaired == {"carla_front.jpg": pairs.NO_PARTNER, "x.jpg": pairs.NO_SIDE}


def test_what_is_no_picture_is_left_out() -> None:
    mac = {"__MACOSX/._ana_front.jpg": b"", "._ana_back.jpg": b"", "notes.txt": b"", "folder/": b""}
    archive = opened(packed({**mac, **CARD}), MOST)
    assert len(archive.cards) == 1
    assert archive.unpaired == {}


def test_no_more_of_a_picture_is_read_than_was_asked_for() -> None:
    archive = opened(packed({**CARD, "ana_front.jpg": bytes(range(256)) * 100}), MOST)
    assert len(archive.picture("ana_front.jpg", 1000)) == 1001


def test_a_broken_picture_is_an_empty_one() -> None:
    data = packed(CARD).replace(b"the front", b"the frond")
    assert opened(data, MOST).picture("ana_front.jpg", 100) == b""
    assert opened(data, MOST).picture("ana_back.jpg", 100) == b"the back"


@pytest.mark.parametrize("data", [b"", b"PK", b"a JPEG, perhaps", packed(CARD)[:-30], b"PK\x05\x06" + b"\x00" * 17])
def test_no_zip(data: bytes) -> None:
    assert refused(data) == archives.NO_ZIP


def test_no_card() -> None:
    assert refused(packed({"ana_front.jpg": b""})) == archives.NO_CARD
    assert refused(packed({})) == archives.NO_CARD


def test_too_many_cards() -> None:
    assert refused(packed({f"{n}_{side}.jpg": b"" for n in range(MOST + 1) for side in ("front", "back")})) == (
        archives.TOO_MANY
    )


def test_a_list_of_millions_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed({f"{n}.txt": b"" for n in range(10)})
    monkeypatch.setattr(archives, "_LONGEST_LIST", 100)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("it was read"))
    assert refused(data) == archives.TOO_MANY


def test_zip64_is_refused() -> None:
    data = packed(CARD)
    place = data.rindex(b"PK\x05\x06")
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    assert refused(data[:place] + locator + data[place:]) == archives.TOO_MANY


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert refused(packed({**CARD, "ana_front.jpg": b"\0" * 1_000_000}, zipfile.ZIP_DEFLATED)) == archives.TOO_DENSE


def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_says() -> None:
    data = bytearray(packed({**CARD, "ana_front.jpg": b"\0" * 1_000_000}, zipfile.ZIP_DEFLATED))
    listed = data.rindex(b"ana_front.jpg") - 46  # APPNOTE 4.3.12, where the uncompressed size stands at 24
    data[listed + 24 : listed + 28] = struct.pack("<L", 5000)
    archive = opened(bytes(data), MOST)
    assert len(archive.picture("ana_front.jpg", 1_000_000)) <= 5000


def test_a_locked_archive() -> None:
    data = bytearray(packed(CARD))
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1
    assert refused(bytes(data)) == archives.LOCKED


def test_another_packing() -> None:
    assert refused(packed(CARD, zipfile.ZIP_LZMA)) == archives.NO_ZIP
