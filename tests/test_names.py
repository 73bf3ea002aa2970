"""The names of types in one artifact are as many as the types, whoever defines them and whatever they are called."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from generator import names

OWNERS = st.sampled_from([None, "a", "b", "a-b", "system"])
PLAIN = st.text("aAbBtT2", min_size=1, max_size=3) | st.sampled_from(["At", "ABt", "SystemT", "At2", "AAt", "ABt2"])
"""So few letters that owners and numbers before and after a name often make another."""


def reference(owner: str | None, plain: str) -> str:
    return f"{owner}.{plain}" if owner else plain


REFERENCES = st.lists(st.builds(reference, OWNERS, PLAIN), unique=True)


@given(REFERENCES, OWNERS)
@settings(deadline=None, derandomize=True, max_examples=1_000)
def test_no_two_types_get_one_name(references: list[str], owner: str | None) -> None:
    given = names.schema_names(references, owner)
    assert given.keys() == set(references)
    assert len({name.lower() for name in given.values()}) == len(references)


@given(REFERENCES, OWNERS, st.randoms(use_true_random=False))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_names_of_types_do_not_depend_on_their_order(references: list[str], owner: str | None, order: random.Random) -> None:
    expected = names.schema_names(references, owner)
    order.shuffle(references)
    assert names.schema_names([*references, *references], owner) == expected


def test_the_owner_stands_before_a_name_and_a_number_after_it() -> None:
    given = names.schema_names(["orders.Address", "orders.CustomersAddress", "customers.Address", "customers.Name", "Address"], "orders")
    assert given == {
        "orders.Address": "Address",
        "orders.CustomersAddress": "CustomersAddress",
        "Address": "SystemAddress",
        "customers.Address": "CustomersAddress2",
        "customers.Name": "Name",
    }
