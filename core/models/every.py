"""Imports every table, so that `Base.metadata` is whole. For migrations and tests."""

from core.models import (
    attribution,
    campaign,
    code_send,
    consent,
    counter_reading,
    coupon,
    device,
    grant,
    identity,
    login,
    member,
    member_group,
    outbox_event,
    survey,
    temporary_pass,
    traffic,
    user,
)
from core.models.base import Base

TABLES = (
    attribution.DeviceSource,
    attribution.MemberSource,
    attribution.Source,
    campaign.Campaign,
    campaign.CampaignDay,
    code_send.CodeSend,
    consent.Consent,
    counter_reading.CounterReading,
    coupon.Coupon,
    device.Device,
    grant.Grant,
    identity.Identity,
    login.Login,
    member.Member,
    member_group.GroupMember,
    member_group.MemberGroup,
    outbox_event.OutboxEvent,
    survey.Survey,
    survey.SurveyAnswer,
    survey.SurveyTurn,
    temporary_pass.TemporaryPass,
    traffic.TrafficDay,
    traffic.TrafficHour,
    user.User,
)

metadata = Base.metadata
