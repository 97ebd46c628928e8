"""Youzan (有赞): a member is a customer (客户) with the same mobile number; consents are tags.

Youzan Cloud (doc.youzanyun.com; youzan/open-sdk-php), an application of the chain's own:

    POST /auth/token               {"authorize_type": "silent", "grant_id": <shop>, "refresh": …}
                                   {"data": {"access_token", "expires": <ms since 1970>}}; 7 days
    POST /api/<name>/<version>?access_token=…
        youzan.scrm.customer.create/3.0.0      {"mobile", "country_code", "customer_create"}
        youzan.scrm.customer.update/3.0.0      {"account", "customer_update"}
        youzan.scrm.tag.relation.add/4.0.0     {"account_type", "account_id", "tags"}; makes tags
        youzan.scrm.tag.relation.delete/4.0.0  likewise; an error if the shop has no such tag

The status is 200 whatever happens. The gateway answers {"gw_err_resp": {"err_code"}}, the service
{"code": 200, "data"} or {"code": <an error>}. Of a customer there is neither batch nor deletion:
who is erased loses the tags and gets one by which staff find them (`crm.youzan.forget_tag`).
Whoever has no number of mainland China has no place there; they count as sent.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from core.log import Log
from core.outbox import EventType
from core.setting_groups.connectors import FieldType
from core.settings import SettingsError
from crm import masking, news
from crm.connectors.youzan_gateway import Call, YouzanGateway
from crm.event import Event
from crm.mapping import FieldMap
from crm.news import News, RefusedError
from crm.records import MEMBER, Record
from crm.setup import Setup
from crm.shape import Answer, Preview

DEFAULTS = {
    "consents.membership": "tag:门店Wi-Fi-会员",
    "consents.marketing": "tag:门店Wi-Fi-同意营销",
}

_TAG = "tag:"
_LONGEST_TAG = 32
_FIELDS = {"name", "remark"}
_MOBILE, _HERE = "Mobile", "+86"
_EXISTS = {143001027, 141502109}
_NOT_THERE = {141001107, 141502108, 142400105, 144100000, 144100001}

_log = Log("crm")


class YouzanCrm:
    at_once = 1

    def __init__(self, setup: Setup) -> None:
        """SettingsError if a setting is wrong."""
        self._found = setup.settings.crm.youzan
        self._gateway = YouzanGateway(setup)
        self._fields = FieldMap.of("crm.youzan.fields", DEFAULTS, self._found.fields)
        self._tags = _tags(self._fields)
        self._records = setup.records
        self.takes = self._fields.kinds | {EventType.MEMBER_MERGED, EventType.MEMBER_ERASED}

    def send(self, batch: Sequence[Event]) -> Mapping[str, Answer]:
        return news.one_by_one(news.of(batch, self._records), self._tell)

    def preview(self, batch: Sequence[Event]) -> Sequence[Preview]:
        found = news.of(batch, self._records)
        hidden = _hidden(found)
        shown = []
        for event in (*found.erased, *found.merged, *found.changed):
            for call in self._calls(event, hidden if masking.is_masked(event) else found):
                address = self._gateway.address(call)
                shown.append(Preview((event.id,), "POST", address, call.body))
        return shown

    def close(self) -> None:
        self._gateway.close()

    def _calls(self, event: Event, found: News) -> Iterable[Call]:
        """What is asked of a shop that does not have the customer yet."""
        mobile, known = _mobile(event), found.remote_id(news.member(event))
        match event.type:
            case EventType.MEMBER_ERASED:
                for each in self._known(event, found):
                    yield from self._forgetting(each)
            case EventType.MEMBER_MERGED:
                for each in self._known(event, found):
                    if each != known:
                        yield self._untag(each, self._tags)
            case EventType.MEMBER_ENROLLED | EventType.MEMBER_UPDATED:
                if known != mobile and self._is_own(known, event):
                    yield self._untag(known, self._tags)
                if mobile:
                    yield self._create(mobile, event)
                    yield from self._tagging(mobile, event, is_new=not known)
            case _:
                if known:
                    yield from self._updating(known, event)

    def _tell(self, event: Event, found: News) -> None:
        if event.type in {EventType.MEMBER_ENROLLED, EventType.MEMBER_UPDATED}:
            self._member(event, found)
            return
        ending = list(self._known(event, found))
        for call in self._calls(event, found):
            self._ask_about(call)
        if event.type == EventType.MEMBER_ERASED:
            self._records.release(ending)
            if not found.remembers(event):
                _log.warning("who is to be erased is not remembered", id=event.id)
            news.gone(self._records, event, (news.member(event), *news.absorbed(event)))
            return
        if event.type == EventType.MEMBER_MERGED:
            news.gone(self._records, event, news.absorbed(event))
        news.told(self._records, [event], {})

    def _member(self, event: Event, found: News) -> None:
        mobile, known = _mobile(event), found.remote_id(news.member(event))
        if known != mobile and self._is_own(known, event):
            self._ask_about(self._untag(known, self._tags))
        if mobile:
            is_new = self._made(self._create(mobile, event))
            # Before the tags: whatever becomes of them, they are known to be there.
            self._records.write(MEMBER, [Record(news.member(event), mobile)])
            self._records.hold(mobile, news.member(event))
            for call in self._tagging(mobile, event, is_new=is_new):
                self._gateway.ask(call)
            # After the tags: a withdrawal counts even if the rest is refused.
            for call in () if is_new else self._updating(mobile, event):
                self._gateway.ask(call)
        news.told(self._records, [event], {event.id: mobile})

    def _made(self, call: Call) -> bool:
        """Whether the customer is new."""
        try:
            self._gateway.ask(call)
        except RefusedError as error:
            if error.number in _EXISTS:
                return False
            raise
        return True

    def _known(self, event: Event, found: News) -> Iterable[str]:
        """The numbers by which Youzan knows those whom the event is about."""
        for each in (news.member(event), *news.absorbed(event)):
            if self._is_own(found.remote_id(each), event):
                yield found.remote_id(each)

    def _is_own(self, mobile: str, event: Event) -> bool:
        """Whether the number has not become somebody else's since."""
        people = {"", news.member(event), *news.absorbed(event)}
        return bool(mobile) and self._records.holder(mobile) in people

    def _ask_about(self, call: Call) -> None:
        """Ask about a customer who may be there no more, and need not be then."""
        try:
            self._gateway.ask(call)
        except RefusedError as error:
            if error.number not in _NOT_THERE:
                raise

    def _create(self, mobile: str, event: Event) -> Call:
        body = {"mobile": mobile, "country_code": _HERE, "customer_create": self._told(event)}
        return Call("youzan.scrm.customer.create", "3.0.0", body)

    def _updating(self, mobile: str, event: Event) -> Iterable[Call]:
        told = self._told(event)
        if told:
            yield self._update(mobile, told)

    def _update(self, mobile: str, told: Mapping[str, str]) -> Call:
        account = {"account_id": mobile, "account_type": _MOBILE}
        body = {"account": account, "customer_update": dict(told)}
        return Call("youzan.scrm.customer.update", "3.0.0", body)

    def _forgetting(self, mobile: str) -> Iterable[Call]:
        fields = {name: "" for name in self._fields.targets if name in _FIELDS}
        if fields:
            yield self._update(mobile, fields)
        yield self._untag(mobile, self._tags)
        yield self._tag(mobile, [self._found.forget_tag])

    def _tagging(self, mobile: str, event: Event, *, is_new: bool) -> Iterable[Call]:
        values = self._fields.values(event)
        on = [tag for tag in self._tags if values.get(_TAG + tag) is True]
        off = [tag for tag in self._tags if values.get(_TAG + tag) is False]
        if on:
            yield self._tag(mobile, on)
        if off and not is_new:
            yield self._untag(mobile, off)

    def _tag(self, mobile: str, tags: Sequence[str]) -> Call:
        return Call("youzan.scrm.tag.relation.add", "4.0.0", _tagged(mobile, tags), is_slow=True)

    def _untag(self, mobile: str, tags: Sequence[str]) -> Call:
        return Call("youzan.scrm.tag.relation.delete", "4.0.0", _tagged(mobile, tags), is_slow=True)

    def _told(self, event: Event) -> dict[str, str]:
        values = self._fields.values(event)
        return {name: str(values[name] or "") for name in sorted(_FIELDS & values.keys())}


def connect(setup: Setup) -> YouzanCrm:
    return YouzanCrm(setup)


def _tags(fields: FieldMap) -> tuple[str, ...]:
    """The tags that consents go to."""
    tags = []
    for target, kind in fields.targets.items():
        tag = target.removeprefix(_TAG)
        if target in _FIELDS:
            continue
        if tag == target or kind is not FieldType.BOOLEAN or not 0 < len(tag) <= _LONGEST_TAG:
            raise SettingsError(
                f"crm.youzan.fields: {target!r} is none of {', '.join(sorted(_FIELDS))}, nor"
                f" `tag:` and at most {_LONGEST_TAG} characters for a consent"
            )
        tags.append(tag)
    return tuple(tags)


def _hidden(found: News) -> News:
    """The same with the middle of each number hidden, for events whose values are."""
    members = {
        each: dataclasses.replace(record, remote_id=masking.phone(record.remote_id))
        for each, record in found.members.items()
        if record.remote_id
    }
    return dataclasses.replace(found, members=members)


def _tagged(mobile: str, tags: Sequence[str]) -> dict[str, object]:
    named = [{"tag_name": tag} for tag in tags]
    return {"account_type": _MOBILE, "account_id": mobile, "tags": named}


def _mobile(event: Event) -> str:
    """The number as Youzan writes those of mainland China; "" if there is none."""
    phone = str(event.data.get("phone") or "")
    return phone.removeprefix(_HERE) if phone.startswith(_HERE) else ""
