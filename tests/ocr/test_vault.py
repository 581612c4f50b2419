"""What is sealed opens with its key and its words alone; what is marked is found and not told."""

from pathlib import Path

import pytest

from apptenticate.keys import new_for_ring, ring
from ocr.vault import CannotOpen, Ring, Vault, key_of

FIRST, SECOND = (new_for_ring(name) for name in ("2025", "2026"))
PLAIN = "GARCÍA LÓPEZ".encode()


def vault(*keys: str, search: str = "s" * 32) -> Vault:
    return Vault(Ring(ring(" ".join(keys))), search)


def test_what_is_sealed_is_opened_and_not_readable() -> None:
    sealed = vault(FIRST).seal(PLAIN, "row 1")
    assert vault(FIRST).open(sealed, "row 1") == PLAIN
    assert PLAIN not in sealed
    assert vault(FIRST).seal(PLAIN, "row 1") != sealed


def test_it_opens_in_no_other_place() -> None:
    sealed = vault(FIRST).seal(PLAIN, "row 1")
    with pytest.raises(CannotOpen, match="damaged, or something else"):
        vault(FIRST).open(sealed, "row 2")


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    sealed = vault(FIRST).seal(PLAIN, "row 1")
    for place in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[place] ^= 1
        with pytest.raises(CannotOpen):
            vault(FIRST).open(bytes(damaged), "row 1")


@pytest.mark.parametrize(
    "sealed", [b"", b"\x01", b"\x01\x04", b"plain text", b"\x01\x042025", b"\x01\x042025 too short"]
)
def test_what_is_not_sealed_is_not_opened(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        vault(FIRST).open(sealed, "row 1")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old = vault(FIRST).seal(PLAIN, "row 1")
    both = vault(SECOND, FIRST)
    assert both.open(old, "row 1") == PLAIN
    assert key_of(both.seal(PLAIN, "row 1")) == "2026"
    assert (both.is_current(old), both.is_current(both.seal(PLAIN, ""))) == (False, True)
    with pytest.raises(CannotOpen, match="'2025', which is not here"):
        vault(SECOND).open(old, "row 1")


def test_another_key_of_the_same_name_opens_nothing() -> None:
    sealed = vault(FIRST).seal(PLAIN, "row 1")
    with pytest.raises(CannotOpen):
        vault(new_for_ring("2025")).open(sealed, "row 1")


def test_a_key_that_another_process_adds_is_used_at_once(tmp_path: Path) -> None:
    file = tmp_path / "data_keys"
    file.write_text(FIRST)
    kept = Vault(Ring(ring(FIRST), file), "s" * 32)
    old = kept.seal(PLAIN, "row 1")
    file.write_text(f"{SECOND} {FIRST}")
    assert key_of(kept.seal(PLAIN, "row 1")) == "2026"
    assert kept.open(old, "row 1") == PLAIN


def test_a_mark_is_the_same_for_the_same_alone() -> None:
    one = vault(FIRST)
    assert one.mark("curp", "A") == vault(SECOND).mark("curp", "A")
    assert len({one.mark("curp", "A"), one.mark("curp", "B"), one.mark("cic", "A"), one.mark("curp", "a")}) == 4
    assert vault(FIRST, search="t" * 32).mark("curp", "A") != one.mark("curp", "A")
    assert one.mark("curp", "") == ""


@pytest.mark.parametrize(
    "text", ["", "1", "1:", ":AAAA", "1:short", "a b", f"{FIRST} {FIRST}", f"{FIRST},x", "é:" + FIRST.partition(":")[2]]
)
def test_what_is_no_ring_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ID:KEY"):
        ring(text)


@pytest.mark.parametrize("between", [" ", ",", "\n", ", "])
def test_keys_may_be_parted_as_one_likes(between: str) -> None:
    assert list(ring(f"{SECOND}{between}{FIRST}")) == ["2026", "2025"]
