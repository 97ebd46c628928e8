"""The CRMs that Doorman speaks to in their own language, one group each."""

import enum
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from core.setting_groups.base import Group, Url

_FieldName = Annotated[str, StringConstraints(pattern="^[A-Za-z][A-Za-z0-9_]{0,99}$")]


def _sendable(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not (text.isascii() and text.isprintable() and text == text.strip()):
        raise ValueError("only printable ASCII, without blanks at its ends")
    return secret


_Secret = Annotated[SecretStr, AfterValidator(_sendable)]
"""One that goes in a header or an address."""


class FieldType(enum.StrEnum):
    """How a value is written; each CRM's connector knows the form that it wants."""

    TEXT = "text"
    BOOLEAN = "boolean"
    NUMBER = "number"
    TIME = "time"
    DATE = "date"


class FieldRule(Group):
    """One of our fields and where it goes, or a constant."""

    field: str = Field(default="", max_length=64)
    """Ours (docs/crm.md lists them all). Empty for a constant."""
    to: str = Field(default="", max_length=100)
    """The CRM's. Empty: the field is not sent."""
    type: FieldType | None = None
    """How it is written, if not as is usual for the field."""
    value: str = Field(default="", max_length=200)
    """The constant, the same for every member."""


class CrmGroup(Group):
    """One CRM's settings."""

    @property
    def account(self) -> tuple[str, ...]:
        """Where its records are. What is remembered of one account says nothing of another."""
        raise NotImplementedError


class TrytonSettings(CrmGroup):
    url: str = ""
    """Where `trytond` answers, https."""
    database: str = Field(default="", pattern="^[A-Za-z0-9_.-]{0,63}$")
    """The name of its database."""
    key: _Secret = SecretStr("")
    """Key of a user application of the kind `rest`, which an administrator has validated."""
    fields: tuple[FieldRule, ...] = ()
    """What goes where, over what docs/crm.md lists: `field`, `to`, `type`, `value`."""

    @property
    def account(self) -> tuple[str, ...]:
        return self.url, self.database


class HubspotSettings(CrmGroup):
    access_token: _Secret = SecretStr("")
    """Of a private app (`pat-…`) that may read and write contacts."""
    member_property: _FieldName = "doorman_member"
    """The property of contacts, with unique values, that holds a member's id."""
    hub_id: str = Field(default="", pattern=r"^[0-9]{0,20}$")
    """Number of the account (Hub ID). Set it before a change of account: what is remembered of one
    says nothing of another."""
    opt_out_properties: tuple[_FieldName, ...] = Field(default=("hs_email_optout",), max_length=3)
    """Properties of contacts, true or false, by which people opt out of marketing there. Empty:
    HubSpot is not asked."""
    fields: tuple[FieldRule, ...] = ()
    """What goes where, over what docs/crm.md lists: `field`, `to`, `type`, `value`."""
    url: Url = "https://api.hubapi.com"
    """Where the API is."""

    @property
    def account(self) -> tuple[str, ...]:
        return self.url, self.hub_id


class SalesforceSettings(CrmGroup):
    url: str = ""
    """The organisation's own domain: `https://….my.salesforce.com`."""
    client_id: str = ""
    """Consumer key of a connected app with the client credentials flow."""
    client_secret: _Secret = SecretStr("")
    """Its consumer secret."""
    object: _FieldName = "Contact"
    """What a member is there."""
    member_field: _FieldName = "Doorman_Member__c"
    """The external id field, unique, that holds a member's id."""
    merged_field: _FieldName = "Doorman_Merged_Into__c"
    """The external id field, not unique, that says who a contact turned out to be."""
    last_name: str = Field(default="Wi-Fi member", min_length=1, max_length=80)
    """Last name of new contacts, since Salesforce makes none without. One that is there stays."""
    opt_out_fields: tuple[_FieldName, ...] = Field(default=("HasOptedOutOfEmail",), max_length=5)
    """Checkboxes by which people opt out of marketing there. Empty: Salesforce is not asked."""
    api_version: str = Field(default="62.0", pattern=r"^[1-9][0-9]\.0$")
    """Version of the REST API; 46.0 at least."""
    fields: tuple[FieldRule, ...] = ()
    """What goes where, over what docs/crm.md lists: `field`, `to`, `type`, `value`."""

    @property
    def account(self) -> tuple[str, ...]:
        return self.url, self.object


class YouzanSettings(CrmGroup):
    client_id: str = ""
    """Of an application of one's own (自用型应用) that the shop has authorised."""
    client_secret: _Secret = SecretStr("")
    """Its secret."""
    kdt_id: str = Field(default="", pattern=r"^[0-9]{0,20}$")
    """The shop's id (店铺 ID); of a chain, that of its head office (总部)."""
    fields: tuple[FieldRule, ...] = ()
    """What goes where, over what docs/crm.md lists: `field`, `to`, `type`, `value`."""
    forget_tag: str = Field(default="门店Wi-Fi-请删除", min_length=1, max_length=32)
    """Tag of customers whom staff have to delete by hand, since Youzan's API cannot."""
    tags_per_second: int = Field(default=5, ge=1, le=1000)
    """Most tags set or removed in a second, as Youzan recommends."""
    url: Url = "https://open.youzanyun.com"
    """Where the API is."""

    @property
    def account(self) -> tuple[str, ...]:
        return self.url, self.kdt_id


class Guide(Group):
    """A sales guide, as known here and at WeCom."""

    code: str = Field(min_length=1, max_length=16)
    """What their QR code carries."""
    userid: str = Field(min_length=1, max_length=64)
    """The staff member at WeCom."""


class WecomSettings(CrmGroup):
    corp_id: str = ""
    """企业 ID of the company, verified (已认证)."""
    secret: _Secret = SecretStr("")
    """Of an application of one's own that may use 客户联系."""
    app_id: str = Field(default="", pattern="^[A-Za-z0-9]{0,32}$")
    """AppID by which shoppers log in, of a mini-program that is bound to the company. Empty: no
    member is looked up."""
    guides: tuple[Guide, ...] = ()
    """Sales guides who shall have a contact way (联系我): `code`, `userid`."""
    fields: tuple[FieldRule, ...] = ()
    """What goes where, over what docs/crm.md lists: `field`, `to`, `type`, `value`."""
    url: Url = "https://qyapi.weixin.qq.com"
    """Where the API is."""

    @property
    def account(self) -> tuple[str, ...]:
        return self.url, self.corp_id
