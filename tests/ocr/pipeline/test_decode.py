"""What is let in and what is refused: the only door for untrusted bytes."""

import io
import struct
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from ocr.pipeline.decode import JPEG_ALONE, LARGEST_FILE, SMALLEST_SIDE, decode, open_original
from ocr.pipeline.errors import UnreadableFile

ORIENTATION = 0x0112


def picture(width: int = 64, height: int = 48) -> Image.Image:
    """Black, but for a white top left and a red top right quarter: every turn and mirror of it looks different."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (255, 255, 255)
    pixels[: height // 2, width // 2 :] = (255, 0, 0)
    return Image.fromarray(pixels)


def jpeg(image: Image.Image | None = None, *, exif: bytes = b"", quality: int = 95) -> bytes:
    stream = io.BytesIO()
    (image or picture()).save(stream, "JPEG", quality=quality, subsampling=0, exif=exif)
    return stream.getvalue()


def oriented(orientation: int | str) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return jpeg(exif=exif.tobytes())


def colours(data: bytes) -> dict[str, tuple[bool, bool]]:
    """Which quarter of the decoded picture (is lower, is right) is white, and which as grey as red is."""
    pixels = decode(data).pixels
    height, width = pixels.shape
    quarters = {}
    for name, grey in {"white": 255, "red": 76}.items():  # ITU-R BT.601
        for lower in (False, True):
            for right in (False, True):
                middle = pixels[height * (1 + 2 * lower) // 4, width * (1 + 2 * right) // 4]
                if abs(int(middle) - grey) < 40:
                    quarters[name] = lower, right
    return quarters


def with_header(width: int, height: int) -> bytes:
    """A sound small JPEG whose header claims another size."""
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def test_a_jpeg_is_decoded() -> None:
    photo = decode(jpeg())
    assert photo.pixels.shape == (48, 64)
    assert (photo.scale, photo.width, photo.height) == (1.0, 64, 48)


def test_pixels_are_grey() -> None:
    assert colours(jpeg()) == {"white": (False, False), "red": (False, True)}


def test_nobody_scribbles_on_the_pixels() -> None:
    with pytest.raises(ValueError, match="read-only"):
        decode(jpeg()).pixels[0, 0] = 0


def test_a_grey_jpeg_is_decoded() -> None:
    assert decode(jpeg(picture().convert("L"))).pixels.shape == (48, 64)


def test_a_cmyk_jpeg_is_decoded() -> None:
    assert decode(jpeg(picture().convert("CMYK"))).pixels.shape == (48, 64)


def test_a_phones_two_pictures_in_one_file_give_the_first() -> None:
    stream = io.BytesIO()
    picture().save(stream, "MPO", save_all=True, append_images=[picture(80, 80)], quality=95)
    assert decode(stream.getvalue()).pixels.shape == (48, 64)


# What a camera that was turned writes → where the white and the red quarter come to lie (EXIF 2.32, tag 274).
TURNED = {
    1: ((False, False), (False, True)),
    2: ((False, True), (False, False)),
    3: ((True, True), (True, False)),
    4: ((True, False), (True, True)),
    5: ((False, False), (True, False)),
    6: ((False, True), (True, True)),
    7: ((True, True), (False, True)),
    8: ((True, False), (False, False)),
}


@pytest.mark.parametrize(("orientation", "expected"), TURNED.items())
def test_orientation_is_applied(orientation: int, expected: tuple[tuple[bool, bool], tuple[bool, bool]]) -> None:
    assert colours(oriented(orientation)) == dict(zip(("white", "red"), expected, strict=True))


@pytest.mark.parametrize("orientation", TURNED)
def test_the_size_is_that_of_the_upright_picture(orientation: int) -> None:
    photo = decode(oriented(orientation))
    upright = (48, 64) if orientation >= 5 else (64, 48)
    assert (photo.width, photo.height) == upright == photo.pixels.shape[1::-1]


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_is_none_says_nothing(orientation: int) -> None:
    assert colours(oriented(orientation)) == colours(jpeg())


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0" + b"garbage that is no TIFF header",
        b"Exif\0\0II*\0" + struct.pack("<I", 8) + struct.pack("<H", 500) + b"\xff" * 30,
        b"Exif\0\0II*\0" + struct.pack("<I", 0xFFFFFFF0),
        b"Exif\0\0",
        b"Exif\0\0MM\0*" + struct.pack(">I", 8) + struct.pack(">HHHI", 1, ORIENTATION, 2, 4) + b"six\0",
    ],
    ids=["no_tiff", "too_many_entries", "offset_outside", "empty", "text_for_a_number"],
)
def test_broken_exif_is_no_reason_to_refuse(exif: bytes) -> None:
    assert colours(jpeg(exif=exif)) == {"white": (False, False), "red": (False, True)}


def test_a_large_picture_is_reduced_while_decoding() -> None:
    photo = decode(jpeg(picture(4800, 3600), quality=30))
    assert (photo.width, photo.height) == (4800, 3600)
    assert photo.pixels.shape[1] == 2400  # JPEG reduces by halves; 2000 are wanted
    assert photo.scale == 2.0


def test_the_scale_holds_after_a_quarter_turn() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = decode(jpeg(picture(4800, 3600), exif=exif.tobytes(), quality=30))
    assert (photo.width, photo.height) == (3600, 4800)
    assert photo.pixels.shape[:2] == (2400, 1800)
    assert photo.scale == 2.0


def test_a_picture_just_larger_than_needed_is_left_alone() -> None:
    photo = decode(jpeg(picture(2100, 1400), quality=30))
    assert (photo.pixels.shape[1], photo.scale) == (2100, 1.0)


def test_the_smallest_side_is_let_in() -> None:
    assert decode(jpeg(picture(SMALLEST_SIDE, SMALLEST_SIDE))).width == SMALLEST_SIDE


def png() -> bytes:
    stream = io.BytesIO()
    picture().save(stream, "PNG")
    return stream.getvalue()


REFUSED = {
    "empty": b"",
    "text": b"hola, no soy una credencial",
    "png": png(),
    "png_behind_jpeg_magic": b"\xff\xd8\xff" + png(),
    "magic_alone": b"\xff\xd8\xff",
    "truncated": jpeg(picture(400, 300))[:-200],
    "header_alone": jpeg()[:40],
    "too_many_pixels": with_header(20_000, 20_000),
    "a_bomb": with_header(65_500, 65_500),
    "no_size": with_header(0, 0),
    "too_small": jpeg(picture(SMALLEST_SIDE - 1, 200)),
    "jpeg_2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n",
}


@pytest.mark.parametrize(
    "data",
    [pytest.param(data, id=name) for name, data in REFUSED.items()],
)
def test_what_is_no_sound_jpeg_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        decode(data)


def test_a_large_file_is_refused_though_it_is_sound() -> None:
    sound = jpeg()
    assert decode(sound.ljust(LARGEST_FILE, b"\0")).width == 64
    with pytest.raises(UnreadableFile):
        decode(sound.ljust(LARGEST_FILE + 1, b"\0"))


def test_how_many_pixels_are_too_many_is_told() -> None:
    assert decode(jpeg(), most_pixels=64 * 48).width == 64
    with pytest.raises(UnreadableFile):
        decode(jpeg(), most_pixels=64 * 48 - 1)


def test_dimensions_are_refused_before_any_pixel_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decoded(*_: Any) -> None:
        raise AssertionError("pixels were decoded")

    monkeypatch.setattr(JpegImageFile, "load", decoded)
    monkeypatch.setattr(cv2, "imdecode", decoded)
    with pytest.raises(AssertionError, match="were decoded"):
        decode(jpeg())
    with pytest.raises(UnreadableFile):
        decode(with_header(8_000, 8_000))


# --- both ways to decode ---------------------------------------------------------------------------------------------


def test_a_picture_that_was_cut_off_behind_a_thumbnail_is_refused() -> None:
    """The thumbnail in the EXIF part has an end of its own, before the picture's scan."""
    exif = Image.Exif()
    exif[0x010E] = "thumbnail \xff\xd9"
    buffer = io.BytesIO()
    picture(640, 480).save(buffer, "JPEG", exif=exif)
    data = buffer.getvalue()
    with pytest.raises(UnreadableFile):
        decode(data[: len(data) * 2 // 3])


@pytest.mark.parametrize(("sides", "scale"), [((1400, 900), 1), ((2799, 900), 1), ((2800, 900), 2), ((5600, 900), 4)])
def test_a_large_picture_is_halved_as_often_as_it_stays_large_enough(sides: tuple[int, int], scale: int) -> None:
    photo = decode(jpeg(picture(*sides)))
    assert photo.scale == pytest.approx(scale, rel=1e-3)
    assert (photo.width, photo.height) == sides


# --- other formats ----------------------------------------------------------------------------------------------------


def saved(kind: str, image: Image.Image | None = None, **more: Any) -> bytes:
    stream = io.BytesIO()
    (image or picture()).save(stream, kind, **more)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_another_format_is_let_in_by_a_setting_alone(kind: str) -> None:
    data = saved(kind)
    with pytest.raises(UnreadableFile, match="does not begin as a JPEG does"):
        decode(data)
    photo = decode(data, formats=frozenset({"JPEG", kind}))
    assert (photo.width, photo.height) == (64, 48)
    assert photo.pixels[10, 10] > 240
    assert photo.pixels[40, 10] < 10


def test_a_jpeg_may_be_left_out() -> None:
    with pytest.raises(UnreadableFile, match="begin as a PNG does"):
        decode(jpeg(), formats=frozenset({"PNG"}))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_its_dimensions_are_looked_at_before_any_pixel(kind: str) -> None:
    with pytest.raises(UnreadableFile, match="at most 1000 are accepted"):
        decode(saved(kind), most_pixels=1000, formats=frozenset({kind}))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_broken_one_is_refused(kind: str) -> None:
    data = saved(kind)
    for broken in (data[: len(data) // 2], data[:14] + bytes(40), data[:12]):
        with pytest.raises(UnreadableFile):
            decode(broken, formats=frozenset({kind}))


def test_a_large_one_is_reduced_and_knows_its_size() -> None:
    photo = decode(saved("PNG", picture(3000, 2000)), formats=frozenset({"PNG"}))
    assert (photo.width, photo.height) == (3000, 2000)
    assert photo.pixels.shape == (1000, 1500)
    assert photo.scale == 2


def test_what_can_be_seen_through_is_white() -> None:
    clear = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    assert decode(saved("PNG", clear), formats=frozenset({"PNG"})).pixels.min() == 255


# --- as it is stored --------------------------------------------------------------------------------------------------


def marked(width: int, height: int, orientation: int = 1, mode: str = "RGB") -> bytes:
    """Black, but for a white square a quarter from the left and an eighth from the top of what is stored."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[height // 8 : height // 8 + 40, width // 4 : width // 4 + 40] = 255
    exif, stream = Image.Exif(), io.BytesIO()
    exif[ORIENTATION], exif[0x010F] = orientation, "Apple"
    Image.fromarray(pixels).convert(mode).save(stream, "JPEG", quality=90, exif=exif)
    return stream.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(400, 320), (3000, 2000), (4000, 3000)])
def test_a_place_on_the_photo_is_found_on_what_is_stored(orientation: int, size: tuple[int, int]) -> None:
    data = marked(*size, orientation)
    photo = decode(data)
    original = open_original(data, photo)
    rows, columns = np.nonzero(photo.pixels > 128)
    on_grey = original.to_stored @ [columns.mean() + 0.5, rows.mean() + 0.5, 1]
    rows, columns = np.nonzero(original.grey > 128)
    assert on_grey == pytest.approx([columns.mean() + 0.5, rows.mean() + 0.5], abs=1.5)
    colours = original.colours(1.0)
    rows, columns = np.nonzero(colours[..., 0] > 128)
    on_colours = np.array([columns.mean() + 0.5, rows.mean() + 0.5]) * original.grey.shape[1] / colours.shape[1]
    assert on_colours == pytest.approx(on_grey, abs=original.grey.shape[1] / colours.shape[1])


def test_a_picture_of_usual_size_is_not_reduced_and_has_its_steps() -> None:
    data = marked(2000, 1500)
    original = open_original(data, decode(data))
    assert original.grey.shape == (1500, 2000)
    assert original.steps is not None
    assert len(original.steps) == 64


def test_a_large_ones_grey_is_reduced_and_has_none() -> None:
    data = marked(4000, 3000)
    original = open_original(data, decode(data))
    assert original.grey.shape == (1500, 2000)
    assert original.steps is None


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"optimize": True}])
@pytest.mark.parametrize("share", [0.001, 0.3, 0.5, 1.0])
def test_colours_of_the_uppermost_rows_are_those_of_the_whole(
    share: float, how: dict[str, int], capfd: pytest.CaptureFixture[str]
) -> None:
    """And nothing is said of the rows that are left out."""
    stream = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 256, (100, 150, 3), np.uint8)
    Image.fromarray(noise).resize((1200, 800)).save(stream, "JPEG", quality=90, **how)
    photo = decode(stream.getvalue())
    original = open_original(stream.getvalue(), photo)
    seen, whole = original.colours(share), open_original(stream.getvalue(), photo).colours(1.0)
    assert whole.shape == (200, 300, 3)
    assert len(seen) == pytest.approx(max(share * 200, SMALLEST_SIDE / 4), abs=1)
    sure = len(seen) - (4 if share < 1 else 0)  # the last row's neighbours below are missing
    assert np.array_equal(seen[:sure], whole[:sure])
    assert capfd.readouterr() == ("", "")


def test_colours_that_were_decoded_before_it_was_known_how_many_are_wanted_are_as_many() -> None:
    data = marked(1200, 800)
    photo = decode(data)
    original = open_original(data, photo)
    alone = {share: open_original(data, photo).colours(share) for share in (0.3, 0.5, 0.9)}
    for share in (0.5, 0.3, 0.9):
        assert np.array_equal(original.colours(share), alone[share])


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_jpegs_are_opened_too(mode: str) -> None:
    data = marked(400, 320, mode=mode)
    original = open_original(data, decode(data))
    assert original.grey.shape == (320, 400)
    assert original.colours(1.0).shape == (160, 200, 3)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "I;16"])
def test_of_another_format_there_are_no_steps(mode: str) -> None:
    stream, formats = io.BytesIO(), frozenset({"PNG", *JPEG_ALONE})
    (Image.new("I;16", (400, 320)) if mode == "I;16" else picture(400, 320).convert(mode)).save(stream, "PNG")
    original = open_original(stream.getvalue(), decode(stream.getvalue(), formats=formats))
    assert original.steps is None
    assert original.colours(1.0).shape == (160, 200, 3)


def test_of_what_holds_several_pictures_the_first_is_seen() -> None:
    """As some phones store them: a JPEG, and others behind it."""
    stream = io.BytesIO()
    picture(400, 320).save(stream, "MPO", save_all=True, append_images=[Image.new("RGB", (400, 320), "blue")])
    original = open_original(stream.getvalue(), decode(stream.getvalue()))
    colours = original.colours(1.0)
    assert colours.shape == (160, 200, 3)
    assert colours[..., 0].max() > 200


def test_damaged_data_whose_grey_is_read_show_their_colours_too() -> None:
    sound = jpeg(Image.new("RGB", (400, 320), "red"))
    scan = sound.rfind(b"\xff\xda")
    place = scan + (len(sound) - scan) * 6 // 10
    data = sound[:place] + b"\xff\xc4" + sound[place + 2 :]
    original = open_original(data, decode(data))
    with pytest.raises(OSError, match="broken data stream"):
        Image.open(io.BytesIO(data)).load()
    colours = original.colours(0.5)
    assert colours.shape == (80, 200, 3)
    assert (colours[10, 10] > (200, -1, -1)).all()
    assert (colours[10, 10] < (256, 40, 40)).all()
