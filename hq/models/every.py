"""Imports every table, so that `Base.metadata` is whole. For migrations and tests."""

from hq.models import (
    access_token,
    binding,
    proof,
    receipt,
    store,
    wechat_login,
    withdrawal,
)
from hq.models.base import Base

TABLES = (
    access_token.AccessToken,
    binding.Binding,
    proof.Proof,
    receipt.Receipt,
    store.Store,
    wechat_login.WechatLogin,
    withdrawal.Withdrawal,
)

metadata = Base.metadata
