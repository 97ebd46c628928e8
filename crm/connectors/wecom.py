"""WeCom (企业微信): consents are tags on external contacts (外部联系人); guides get contact ways.

WeCom's API makes no contacts: a shopper becomes one by adding a member of staff. So all that can
be done is this (developer.work.weixin.qq.com/document/path/92577, 92114, 92118, 93274), with the
token of `gettoken` in the address:

    externalcontact/add_contact_way       {"type": 1, "scene": 2, "user": [one], "state"}: a QR code
                                          by which shoppers add that guide; `state`, here the
                                          guide's code, is kept with each contact made so
    externalcontact/list_contact_way      {"cursor", "limit"}, and get_contact_way {"config_id"}:
                                          the ways there are, since none must be made twice
    idconvert/unionid_to_external_userid  {"unionid", "openid", "subject_type": 0}: the contact that
                                          a member is, or a `pending_id` if they are none yet
    externalcontact/get                   who of the staff has the contact, with which tags
    externalcontact/mark_tag              {"userid", "external_userid", "add_tag", "remove_tag"}

Who is no contact has no place there, and counts as sent. Contacts cannot be deleted: of who is
erased our tags are removed.
"""

from collections.abc import Iterable, Mapping, Sequence

from core.log import Log
from core.outbox import EventType
from core.setting_groups.connectors import FieldType
from core.settings import SettingsError
from crm import masking, news
from crm.connectors.wecom_gateway import WecomGateway
from crm.event import Event
from crm.json_answer import Row, record, rows, text
from crm.mapping import FieldMap
from crm.news import News, RefusedError
from crm.records import MEMBER, Record
from crm.setup import Setup
from crm.shape import Answer, Preview

_WAY = "contact_way"
_TAG = "tag:"
_GUIDE = "guide"
_PAGE = 1000
# Errors about one contact: no contact of that member of staff, none at all, not valid.
_NOT_THERE = {84061, 40096}
# About a member of staff: is none any more, or out of sight.
_STAFF_GONE = {60011, 60111, 84074}
_NO_SUCH_TAG = {40068}

_ADD_WAY = "/cgi-bin/externalcontact/add_contact_way"
_LIST_WAYS = "/cgi-bin/externalcontact/list_contact_way"
_GET_WAY = "/cgi-bin/externalcontact/get_contact_way"
_CONVERT = "/cgi-bin/idconvert/unionid_to_external_userid"
_CONTACT = "/cgi-bin/externalcontact/get"
_MARK = "/cgi-bin/externalcontact/mark_tag"

_log = Log("crm")


class WecomCrm:
    at_once = 1

    def __init__(self, setup: Setup) -> None:
        """SettingsError if a setting is wrong."""
        found = setup.settings.crm.wecom
        self._app = found.app_id
        self._guides = {guide.code: guide.userid for guide in found.guides}
        self._gateway = WecomGateway(setup)
        self._fields = FieldMap.of("crm.wecom.fields", {}, found.fields)
        self._tags = _tags(self._fields)
        if self._tags and not self._app:
            raise SettingsError("crm.wecom.fields has tags for members: set crm.wecom.app_id")
        if not (self._tags or self._guides):
            raise SettingsError("crm.wecom needs guides, or fields with tags, to do anything")
        self._records = setup.records
        self.takes = frozenset({EventType.MEMBER_MERGED, EventType.MEMBER_ERASED})
        if self._tags:
            self.takes |= {EventType.MEMBER_ENROLLED, EventType.MEMBER_UPDATED}
        if self._guides:
            self.takes |= {EventType.ATTRIBUTION_CHANGED}

    def send(self, batch: Sequence[Event]) -> Mapping[str, Answer]:
        return news.one_by_one(news.of(batch, self._records), self._tell)

    def preview(self, batch: Sequence[Event]) -> Sequence[Preview]:
        """What it asks first: all that follows is by WeCom's answers."""
        found = news.of(batch, self._records)
        shown = []
        for event in (*found.erased, *found.merged):
            for contact in self._ending(event, found):
                path = f"{_CONTACT}?external_userid={masking.remote_id(event, contact)}"
                shown.append(self._shown(event, "GET", path, None))
        for event in found.changed:
            code = self._guide(event)
            if code and not self._has_way(code):
                shown.append(self._shown(event, "POST", _LIST_WAYS, _page("")))
                shown.append(self._shown(event, "POST", _ADD_WAY, self._way(code)))
            asked = self._question(event)
            if asked:
                shown.append(self._shown(event, "POST", _CONVERT, asked))
        return shown

    def close(self) -> None:
        self._gateway.close()

    def _shown(self, event: Event, method: str, path: str, body: object) -> Preview:
        return Preview((event.id,), method, self._gateway.address(path), body)

    def _tell(self, event: Event, found: News) -> None:
        match event.type:
            case EventType.MEMBER_ERASED:
                if not found.remembers(event):
                    _log.warning("who is to be erased is not remembered", id=event.id)
                self._mark_all(self._ending(event, found), set())
                news.gone(self._records, event, (news.member(event), *news.absorbed(event)))
            case EventType.MEMBER_MERGED:
                self._mark_all(self._ending(event, found), set())
                news.gone(self._records, event, news.absorbed(event))
                news.told(self._records, [event], {})
            case EventType.ATTRIBUTION_CHANGED:
                self._ensure_way(self._guide(event))
                news.told(self._records, [event], {})
            case _:
                self._member(event, found)

    def _ending(self, event: Event, found: News) -> list[str]:
        """Contacts that are nobody's from now on. After a merger, who stays keeps theirs."""
        own = found.remote_id(news.member(event))
        if event.type == EventType.MEMBER_ERASED:
            members: Iterable[str] = (news.member(event), *news.absorbed(event))
            own = ""
        else:
            members = news.absorbed(event)
        contacts = dict.fromkeys(found.remote_id(each) for each in members)
        return [contact for contact in contacts if contact not in {"", own}]

    def _member(self, event: Event, found: News) -> None:
        known, wanted = found.remote_id(news.member(event)), self._wanted(event)
        try:
            contact = self._contact(event)
        except RefusedError:
            # Whoever they are now: what they do not agree to any more ends at once.
            self._mark_all([known], wanted)
            raise
        if known != contact:
            self._mark_all([known], set())
        if contact:
            # Before the tags: whatever becomes of them, they are known to be there.
            self._records.write(MEMBER, [Record(news.member(event), contact)])
        self._mark_all([contact], wanted)
        news.told(self._records, [event], {event.id: contact})

    def _wanted(self, event: Event) -> set[str]:
        values = self._fields.values(event)
        return {tag for tag in self._tags if values.get(_TAG + tag) is True}

    def _question(self, event: Event) -> dict[str, object] | None:
        """By what WeCom knows a member: both names must come from the same app."""
        unionid, openids = event.data.get("unionid"), event.data.get("openids")
        if not (self._app and unionid and isinstance(openids, Sequence)):
            return None
        for each in openids:
            app, _, openid = str(each).partition(":")
            if app == self._app:
                return {"unionid": unionid, "openid": openid, "subject_type": 0}
        return None

    def _contact(self, event: Event) -> str:
        """Which contact a member is, "" if none (yet)."""
        asked = self._question(event)
        if asked is None:
            return ""
        return str(self._gateway.post(_CONVERT, asked).get("external_userid") or "")

    def _mark_all(self, contacts: Iterable[str], wanted: set[str]) -> None:
        for contact in contacts:
            if contact:
                self._mark(contact, wanted)

    def _mark(self, contact: str, wanted: set[str]) -> None:
        """Of our tags, the contact has those wanted alone, with all of the staff who have it."""
        for follower in self._followers(contact):
            tags = rows(follower.get("tags", []))
            present = {str(tag.get("tag_id")) for tag in tags} & set(self._tags)
            body: dict[str, object] = {
                "userid": text(follower, "userid"),
                "external_userid": contact,
            }
            if wanted - present:
                body["add_tag"] = sorted(wanted - present)
            if present - wanted:
                body["remove_tag"] = sorted(present - wanted)
            if wanted != present:
                self._about(_MARK, body)

    def _followers(self, contact: str) -> list[Row]:
        """Members of staff who have the contact, as far as this application may see them."""
        found: list[Row] = []
        cursor = ""
        while True:
            query = {"external_userid": contact, **({"cursor": cursor} if cursor else {})}
            try:
                answer = self._gateway.get(_CONTACT, query)
            except RefusedError as error:
                if error.number in _NOT_THERE:
                    return found
                raise
            found += rows(answer.get("follow_user", []))
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return found

    def _about(self, path: str, body: Mapping[str, object]) -> None:
        """Say something about a contact who may be none any more, and need not be then."""
        try:
            self._gateway.post(path, body, about_one=_STAFF_GONE)
        except RefusedError as error:
            if error.number in _NO_SUCH_TAG:
                _log.error("WeCom has no such tag", mend="crm.wecom.fields: tag:<id of a tag>")
            if error.number in _STAFF_GONE:
                _log.warning("contacts of somebody out of sight are left", reason=error.number)
            elif error.number not in _NOT_THERE:
                raise

    def _guide(self, event: Event) -> str:
        """The code of the guide who shall have a contact way, "" if there is none."""
        source = event.data.get("source")
        if event.type != EventType.ATTRIBUTION_CHANGED or not isinstance(source, Mapping):
            return ""
        code = str(source.get("code"))
        return code if source.get("kind") == _GUIDE and code in self._guides else ""

    def _ensure_way(self, code: str) -> None:
        if not code or self._has_way(code):
            return
        if not self._is_there(self._way(code)):
            answer = self._gateway.post(_ADD_WAY, self._way(code))
            # Nobody's personal data; WeCom shows ways made by programs nowhere else.
            _log.info("contact way made", guide=code, qr_code=answer.get("qr_code"))
        self._records.write(_WAY, [Record(code, self._guides[code])])

    def _has_way(self, code: str) -> bool:
        """Whether there is one with the member of staff who is that guide now."""
        found = self._records.find(_WAY, [code])
        return code in found and found[code].remote_id == self._guides[code]

    def _is_there(self, way: Row) -> bool:
        cursor = ""
        while True:
            answer = self._gateway.post(_LIST_WAYS, _page(cursor))
            for row in rows(answer.get("contact_way", [])):
                asked = {"config_id": text(row, "config_id")}
                found = record(self._gateway.post(_GET_WAY, asked).get("contact_way"))
                if all(found.get(name) == way[name] for name in ("state", "user")):
                    return True
            cursor = str(answer.get("next_cursor") or "")
            if not cursor:
                return False

    def _way(self, code: str) -> dict[str, object]:
        about = {"remark": f"Doorman {code}", "state": code, "user": [self._guides[code]]}
        return {"type": 1, "scene": 2, "skip_verify": True, **about}


def connect(setup: Setup) -> WecomCrm:
    return WecomCrm(setup)


def _tags(fields: FieldMap) -> tuple[str, ...]:
    """The tags (their ids) that consents go to."""
    for target, kind in fields.targets.items():
        if not target.startswith(_TAG) or kind is not FieldType.BOOLEAN or target == _TAG:
            raise SettingsError(
                f"crm.wecom.fields: {target!r} is not `tag:` and the id of a tag for a consent"
            )
    return tuple(target.removeprefix(_TAG) for target in fields.targets)


def _page(cursor: str) -> dict[str, object]:
    return {"limit": _PAGE, **({"cursor": cursor} if cursor else {})}
