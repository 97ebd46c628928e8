import pytest

from core.account import Account, AccountKind, AuthLevel


@pytest.mark.parametrize("kind", AccountKind)
def test_only_a_proven_number_is_a_real_name(kind):
    is_named = Account(kind, "x").level is AuthLevel.PHONE

    assert is_named == (kind is AccountKind.PHONE)
