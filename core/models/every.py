"""Imports every table, so that `Base.metadata` is whole. For migrations and tests."""

from core.models import (
    code_send,
    consent,
    counter_reading,
    device,
    grant,
    identity,
    login,
    member,
    outbox_event,
    temporary_pass,
    traffic,
    user,
)
from core.models.base import Base

TABLES = (
    code_send.CodeSend,
    consent.Consent,
    counter_reading.CounterReading,
    device.Device,
    grant.Grant,
    identity.Identity,
    login.Login,
    member.Member,
    outbox_event.OutboxEvent,
    temporary_pass.TemporaryPass,
    traffic.TrafficDay,
    traffic.TrafficHour,
    user.User,
)

metadata = Base.metadata
