import pytest

from validators.errors import InvalidFormat
from validators.positions import compact, misfits, require


def test_a_text_that_fits_is_returned() -> None:
    assert require("A1", ("AB", "12")) == "A1"


@pytest.mark.parametrize("text", ["", "A", "A12", "1A", "a1", "A१"])
def test_any_other_is_refused(text: str) -> None:
    with pytest.raises(InvalidFormat) as refusal:
        require(text, ("AB", "12"), part="piece")
    assert refusal.value.part == "piece"


def test_misfits_compare_as_far_as_both_go() -> None:
    assert misfits("AxB", ("A", "A", "A", "A")) == (1, 2)


def test_groups_are_joined() -> None:
    assert compact(" hrgrjn 820506-02 h900\n") == "HRGRJN82050602H900"
