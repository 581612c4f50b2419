"""Pictures and bodies that no phone would send: a good one and dice go in, a broken one comes out."""

import io
import struct
from collections.abc import Callable, Mapping, Sequence
from random import Random

from PIL import Image

Mutate = Callable[[Random, bytes, bytes], bytes]
"""Makes of a JPEG, and another one to take parts of, a third."""

_MARKERS = bytes(range(0xC0, 0xFF))


def flipped(dice: Random, picture: bytes, _: bytes) -> bytes:
    """Single bits, anywhere."""
    changed = bytearray(picture)
    for _bit in range(dice.choice((1, 2, 8, 64, 512))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def flipped_head(dice: Random, picture: bytes, _: bytes) -> bytes:
    """Single bits of the tables and dimensions: those that decoders trip over."""
    changed = bytearray(picture)
    for _bit in range(dice.choice((1, 2, 4, 16))):
        changed[dice.randrange(min(700, len(changed)))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def truncated(dice: Random, picture: bytes, _: bytes) -> bytes:
    return picture[: dice.choice((0, 1, 2, 3, 20, 600, dice.randrange(len(picture))))]


def blanked(dice: Random, picture: bytes, _: bytes) -> bytes:
    """A stretch of one byte, as from a broken transmission."""
    start = dice.randrange(len(picture))
    length = dice.choice((16, 512, 4096, 65536))
    return picture[:start] + bytes([dice.choice((0, 0xFF, 0x41))]) * length + picture[start + length :]


def spliced(dice: Random, picture: bytes, other: bytes) -> bytes:
    """The head of one picture, the rest of another."""
    return picture[: dice.randrange(len(picture))] + other[dice.randrange(len(other)) :]


def with_marker(dice: Random, picture: bytes, _: bytes) -> bytes:
    place = dice.randrange(len(picture))
    return (
        picture[:place]
        + bytes([0xFF, dice.choice(_MARKERS)])
        + dice.randbytes(dice.choice((0, 2, 40)))
        + picture[place:]
    )


def with_exif(dice: Random, picture: bytes, _: bytes) -> bytes:
    """Directories that point at themselves, outside, or at nonsense; any orientation."""
    order, endless = dice.choice((b"II*\0", b"MM\0*", b"XX\0\0")), dice.choice((8, 0, 0xFFFFFFFF))
    sign = "<" if order.startswith(b"II") else ">"
    count = dice.choice((0, 1, 3, 65535))
    entries = b"".join(
        struct.pack(f"{sign}HHII", dice.choice((0x0112, 0x8769, dice.randrange(65536))), dice.randrange(14),
                    dice.choice((1, 0xFFFFFFFF)), dice.choice((6, 9, 0xFFFFFFFF)))
        for _entry in range(min(count, 40))
    )  # fmt: skip
    tiff = order + struct.pack(f"{sign}IH", 8, count) + entries + struct.pack(f"{sign}I", endless)
    return _with_segment(picture, 0xE1, b"Exif\0\0" + tiff + dice.randbytes(dice.choice((0, 30))))


def with_comments(dice: Random, picture: bytes, _: bytes) -> bytes:
    for _comment in range(dice.choice((1, 8, 20))):
        picture = _with_segment(picture, dice.choice((0xFE, 0xE2, 0xED)), dice.randbytes(dice.choice((0, 100, 65000))))
    return picture


def bomb(dice: Random, picture: bytes, _: bytes) -> bytes:
    """Other dimensions than it has: up to 65535 by 65535, or none."""
    changed = bytearray(picture)
    place = next((i for i in range(2, len(picture) - 9) if picture[i] == 0xFF and picture[i + 1] in b"\xc0\xc2"), 2)
    for offset in (5, 7):
        changed[place + offset : place + offset + 2] = struct.pack(">H", dice.choice((0, 1, 7, 8000, 65535)))
    return bytes(changed)


def flat_bomb(dice: Random, _picture: bytes, _: bytes) -> bytes:
    """A few kilobytes that say millions of pixels, truly; just below the limit or far above it."""
    side = dice.choice((3000, 7000, 9000, 16000))
    return _saved(Image.new("L", (side, side), dice.randrange(256)), "JPEG", progressive=dice.random() < 0.5)


def other_format(dice: Random, picture: bytes, _: bytes) -> bytes:
    small = Image.open(io.BytesIO(picture)).resize((200, 120))
    kind = dice.choice(("PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM"))
    made = _saved(small, kind)
    return picture[:3] + made if dice.random() < 0.3 else made


def other_colours(dice: Random, picture: bytes, _: bytes) -> bytes:
    """CMYK, grey, progressive, any sampling: good JPEGs, seldom met."""
    mode = dice.choice(("CMYK", "L", "RGB", "YCbCr"))
    made = Image.open(io.BytesIO(picture)).convert(mode)
    return _saved(
        made, "JPEG", progressive=dice.random() < 0.5, subsampling=dice.randrange(3), quality=dice.choice((1, 30, 95))
    )


def tiny(dice: Random, _picture: bytes, _: bytes) -> bytes:
    size = dice.choice(((1, 1), (1, 3000), (3000, 1), (16, 16), (64, 40)))
    return _saved(Image.frombytes("L", size, dice.randbytes(size[0] * size[1])), "JPEG")


def noise(dice: Random, _picture: bytes, _: bytes) -> bytes:
    """Nothing of a picture, but that it begins like one."""
    return dice.choice((b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0")) + dice.randbytes(dice.choice((0, 10, 5000)))


MUTATIONS: Sequence[Mutate] = (
    flipped, flipped_head, truncated, blanked, spliced, with_marker, with_exif, with_comments, bomb, flat_bomb,
    other_format, other_colours, tiny, noise,
)  # fmt: skip
_RARE: Mapping[Mutate, float] = {flat_bomb: 0.15, other_colours: 0.5}
"""How often of the times that it is drawn: some take seconds."""


def mutant(dice: Random, pictures: Sequence[bytes]) -> tuple[str, bytes]:
    """The mutation's name, and what it made."""
    while True:
        mutate = dice.choice(MUTATIONS)
        if dice.random() < _RARE.get(mutate, 1.0):
            return mutate.__name__, mutate(dice, dice.choice(pictures), dice.choice(pictures))


def _with_segment(picture: bytes, marker: int, content: bytes) -> bytes:
    return picture[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + picture[2:]


def _saved(picture: Image.Image, kind: str, **told: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **told)
    return file.getvalue()


# --- bodies -----------------------------------------------------------------------------------------------------------


def body(dice: Random, front: bytes, back: bytes) -> tuple[str, dict[str, str], bytes]:
    """A name, headers and a body: multipart as it should be, and then damaged once or twice."""
    boundary = dice.choice(("x", "----abc", "é", "", "a" * 300, 'a"b'))
    parts = [_part("frontside", front, "f.jpg"), _part("backside", back, "b.jpg"), _part("document_type", b"id_mexico")]
    for damage in dice.sample(_DAMAGES, dice.choice((0, 1, 1, 2))):
        parts = damage(dice, parts)
    whole = (
        b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts) + b"--%s--\r\n" % boundary.encode()
    )
    headers = {"Content-Type": dice.choice(_TYPES).replace("BOUNDARY", boundary.encode().decode("latin-1"))}
    if dice.random() < 0.3:
        whole = flipped(dice, whole, b"")
    if dice.random() < 0.2:
        whole = whole[: dice.randrange(len(whole))]
    return "body", headers, whole


_TYPES = (
    *("multipart/form-data; boundary=BOUNDARY",) * 6,
    "multipart/form-data", "multipart/form-data; boundary=other", "application/json", "text/plain", "",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=BOUNDARY; charset=utf-7",
)  # fmt: skip


def _part(name: str, content: bytes, file: str = "") -> bytes:
    told = f'; filename="{file}"\r\nContent-Type: image/jpeg' if file else ""
    return f'Content-Disposition: form-data; name="{name}"{told}\r\n\r\n'.encode() + content


Parts = list[bytes]


def _doubled(dice: Random, parts: Parts) -> Parts:
    return [*parts, *dice.sample(parts, min(1, len(parts)))]


def _lost(dice: Random, parts: Parts) -> Parts:
    return dice.sample(parts, max(len(parts) - 1, 0))


def _many(dice: Random, parts: Parts) -> Parts:
    return [*parts, *(_part(f"p{i}", b"x") for i in range(dice.choice((20, 2000))))]


def _strange_name(dice: Random, parts: Parts) -> Parts:
    names = ("../../etc/passwd", "a\x00b", "ñ" * 300, 'x"; name="frontside', "%s%n", "C:\\x.jpg")
    return [*parts, _part(dice.choice(names), b"x", dice.choice(names))]


def _strange_flag(dice: Random, parts: Parts) -> Parts:
    values = (b"maybe", b"\xff\xfe", b"1" * 5000, b"", b"null", b"{}", b"True\r\n", "sí".encode())
    return [*parts, _part(dice.choice(("return_id", "details", "validate_sides", "device")), dice.choice(values))]


def _headless(dice: Random, parts: Parts) -> Parts:
    return [part.split(b"\r\n\r\n", 1)[-1] if dice.random() < 0.5 else part for part in parts]


def _encoded(_: Random, parts: Parts) -> Parts:
    return [part.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1) for part in parts]


_DAMAGES: Sequence[Callable[[Random, Parts], Parts]] = (
    _doubled, _lost, _many, _strange_name, _strange_flag, _headless, _encoded,
)  # fmt: skip
