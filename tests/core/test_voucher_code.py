import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import voucher_code


def test_codes_have_no_look_alikes_and_differ():
    made = {voucher_code.make() for _ in range(200)}

    assert len(made) == 200
    assert not set("".join(made)) & set("ILOUilou")


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("70AB-C1D2", id="as printed"),
        pytest.param("70abc1d2", id="small letters"),
        pytest.param("7oab-cid2", id="O for 0, I for 1"),
        pytest.param("7OAB CLD2", id="L for 1, a blank"),
        pytest.param(" ７０ＡＢ－Ｃ１Ｄ２ ", id="wide, as Chinese keyboards give them"),
        pytest.param("70AB–C1D2", id="another dash"),
    ],
)
def test_what_is_meant_is_read(typed):
    assert voucher_code.read(typed) == "70ABC1D2"


@pytest.mark.parametrize("typed", ["", "70ABC1D", "70ABC1D22", "70ABC1DU", "汉字汉字汉字汉字"])
def test_what_can_be_no_code_is_none(typed):
    assert voucher_code.read(typed) is None


@given(st.text(max_size=60))
def test_anything_may_be_typed(typed):
    code = voucher_code.read(typed)

    assert code is None or voucher_code.read(voucher_code.printed(code)) == code
