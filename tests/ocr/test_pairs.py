"""Which files are the two sides of a card, by their names; whatever could be meant in two ways is none."""

from pathlib import Path

import pytest

from ocr.pairs import AMBIGUOUS, EXAMPLES, NO_PARTNER, NO_SIDE, Pair, found, paired


@pytest.mark.parametrize(
    ("front", "back", "card"),
    [
        ("ana/front.jpg", "ana/back.jpg", "ana"),
        ("ana_front.jpg", "ana_back.jpg", "ana"),
        ("ana-front.jpg", "ana-back.jpg", "ana"),
        ("ana frente.jpg", "ana reverso.jpg", "ana"),
        ("ana_anverso.jpg", "ana_reverso.jpg", "ana"),
        ("ana_frontside.jpg", "ana_backside.jpg", "ana"),
        ("ana_1.jpg", "ana_2.jpg", "ana"),
        ("1/2/ana_1.jpg", "1/2/ana_2.jpg", "1/2/ana"),
        ("front_7.jpg", "back_7.jpg", "7"),
        ("ana_front_front.jpg", "ana_front_back.jpg", "ana_front"),
        ("ana_FRENTE.JPG", "ana_Reverso.WebP", "ana"),
        ("2026-11-24_front.jpeg", "2026-11-24_back.png", "2026-11-24"),
        ("frontera_front.jpg", "frontera_back.jpg", "frontera"),
        ("front.jpg", "back.jpg", "."),
        ("año/Peña_frente.jpg", "año/Peña_reverso.jpg", "año/Peña"),
    ],
)
def test_two_sides_of_a_card_are_a_pair(front: str, back: str, card: str) -> None:
    assert paired([back, front]) == ([Pair(card, front, back)], {})


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["ana_front.jpg"], NO_PARTNER),
        (["ana_front.jpg", "beto_back.jpg"], NO_PARTNER),
        (["ana/front.jpg", "beto/back.jpg"], NO_PARTNER),
        (["ana_front.jpg", "Ana_back.jpg"], NO_PARTNER),
        (["ana_1.jpg"], NO_PARTNER),
        (["ana_front.jpg", "ana_front.png", "ana_back.jpg"], AMBIGUOUS),
        (["ana_front.jpg", "ana-frente.jpg"], AMBIGUOUS),
        (["ana_front.jpg", "ana_back.jpg", "ana_1.jpg", "ana_2.jpg"], AMBIGUOUS),
        (["ana/front.jpg", "ana/back.jpg", "ana_front.jpg", "ana_back.jpg"], AMBIGUOUS),
        (["scan_1.jpg", "scan_2.jpg", "scan_3.jpg"], AMBIGUOUS),
        (["IMG_2025.jpg", "IMG_2026.jpg"], AMBIGUOUS),
        (["ana.jpg", "front7.jpg", "1.jpg", "2.jpg", "afront.jpg", "_1x.jpg"], NO_SIDE),
    ],
)
def test_what_is_no_pair_is_named_with_the_reason(names: list[str], reason: str) -> None:
    assert paired(names) == ([], dict.fromkeys(names, reason))


def test_numbered_fronts_and_backs_are_not_mixed_up() -> None:
    cards, unpaired = paired(["front_1.jpg", "front_2.jpg", "back_1.jpg", "back_2.jpg"])
    assert [(pair.front, pair.back) for pair in cards] == [
        ("front_1.jpg", "back_1.jpg"),
        ("front_2.jpg", "back_2.jpg"),
    ]
    assert not unpaired


def test_the_examples_are_pairs() -> None:
    for example in EXAMPLES.split(", "):
        cards, _ = paired(example.split(" and "))
        assert len(cards) == 1


def test_pictures_are_found_at_any_depth_and_nothing_else(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    for name in ("front.JPG", "expected.json", "front", "back.gif"):
        (inner / name).touch()
    (inner / "folder.jpg").mkdir()
    (inner / "dangling.jpg").symlink_to("nowhere")
    (inner / "loop").symlink_to(tmp_path)
    assert found(tmp_path) == ["a/b/front.JPG"]


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_folder_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=name):
        found(tmp_path / name)
