"""Codes and leaves must agree: one leaf per code, each code in its place in the order of the contract."""

import pytest

from ocr.pipeline import errors
from ocr.pipeline.errors import REPORTING_ORDER, ErrorCode, OcrError, RequestFault, ServiceFault

LEAVES = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, OcrError) and not kind.__subclasses__()
]


def test_every_code_has_one_leaf() -> None:
    assert sorted(leaf.code for leaf in LEAVES) == sorted(ErrorCode)


def test_the_order_names_every_code_once() -> None:
    assert sorted(REPORTING_ORDER) == sorted(ErrorCode)


def test_the_order_is_the_contracts() -> None:
    """contract.md, "Failures"; its first 816 is the parameter's, before any picture is read."""
    assert [int(code) for code in REPORTING_ORDER] == [
        850, 809, 810, 800, 852, 814, 816, 808, 802, 803, 804, 807, 806, 819, 851
    ]  # fmt: skip


def test_only_a_dead_reader_is_the_services_fault() -> None:
    assert [leaf for leaf in LEAVES if issubclass(leaf, ServiceFault)] == [errors.ReaderDown]


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_leaf_is_of_one_branch_and_says_what_it_is(leaf: type[OcrError]) -> None:
    assert issubclass(leaf, RequestFault) != issubclass(leaf, ServiceFault)
    assert leaf.__doc__


def test_what_is_caught_as_an_ocr_error_carries_its_code() -> None:
    with pytest.raises(OcrError) as caught:
        raise errors.MrzNotFound("nothing")
    assert (caught.value.code, int(caught.value.code)) == (ErrorCode.NO_MRZ, 814)
