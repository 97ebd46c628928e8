"""Imports every table, so that `Base.metadata` is whole. For migrations and tests."""

from core.models import (
    api_token,
    audit_entry,
    crm_line,
    crm_proof,
    crm_record,
    outbox_event,
    sign_in,
    user,
)
from hq.models import (
    access_token,
    binding,
    chain,
    erasure_order,
    inbox,
    proof,
    pushed_version,
    receipt,
    region_day,
    sms_send,
    store,
    store_anchor,
    store_health,
    traffic,
    user_region,
    wechat_login,
    withdrawal,
    withdrawal_order,
)
from hq.models.base import Base

TABLES = (
    access_token.AccessToken,
    binding.Binding,
    chain.ChainIdentity,
    chain.ChainLink,
    chain.ChainMember,
    erasure_order.ErasureOrder,
    inbox.InboxBatch,
    inbox.InboxEvent,
    inbox.ParkedEvent,
    proof.Proof,
    pushed_version.PushedAudience,
    pushed_version.PushedVersion,
    pushed_version.SigningKey,
    receipt.Receipt,
    region_day.RegionDay,
    sms_send.SmsSend,
    store.Store,
    store.StoreKey,
    store.StoreMinute,
    store_anchor.StoreAnchor,
    store_health.StoreHealth,
    traffic.StoreDay,
    traffic.StoreHour,
    user_region.UserRegion,
    wechat_login.WechatLogin,
    withdrawal.Withdrawal,
    withdrawal_order.WithdrawalOrder,
)

# Tables that a store has as well, of the same form: read and written by the same classes.
LENT = (
    api_token.ApiToken,
    audit_entry.AuditEntry,
    audit_entry.AuditHead,
    crm_line.CrmLine,
    crm_proof.CrmProof,
    crm_record.CrmRecord,
    outbox_event.OutboxEvent,
    sign_in.FailedSignIn,
    sign_in.SignIn,
    user.User,
)

metadata = Base.metadata
for model in LENT:
    model.metadata.tables[model.__tablename__].to_metadata(metadata)
