import pytest

from validators import curp, date, elector_key, errors, mrz

LEAVES = [value for value in vars(errors).values() if isinstance(value, type) and value is not errors.ValidatorError]


def test_every_leaf_has_the_one_base() -> None:
    assert {leaf.__name__ for leaf in LEAVES} == {
        "InvalidFormat",
        "InvalidDate",
        "InvalidComponent",
        "InvalidCheckDigit",
    }
    assert all(leaf.__base__ is errors.ValidatorError for leaf in LEAVES)


@pytest.mark.parametrize("refuse", [curp.validate, elector_key.validate, date.parse_printed_date, mrz.check_digit])
def test_a_message_never_repeats_what_it_refuses(refuse: "object") -> None:
    assert callable(refuse)
    with pytest.raises(errors.ValidatorError) as refusal:
        refuse("SECRETO?")
    assert "SECRETO" not in str(refusal.value)
