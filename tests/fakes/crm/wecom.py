"""A company's external contacts at WeCom, as strict as its API is documented to be.

Checked: company and secret, the token in the address and its two hours, trusted addresses, who of
the staff may be used, lengths, tags that exist, pairs of unionid and openid of one app, and that
nobody is tagged for a member of staff who does not have the contact. Errors come with status 200.
"""

from tests.fakes.crm.server import FakeCrm, RefusedError, Reply

CORP_ID, SECRET = "ww1234567890abcdef", "a secret of the application"
TWO_HOURS_S = 7200
_CGI = "/cgi-bin"


def no(number):
    # WeCom's words repeat what was asked for; nothing of them may be kept.
    return Reply(200, {"errcode": number, "errmsg": "hint: [oCanaryUnionId], more info at …"})


def yes(**fields):
    return Reply(200, {"errcode": 0, "errmsg": "ok", **fields})


class Wecom(FakeCrm):
    def __init__(self, clock, staff=(), tags=()):
        super().__init__()
        self.clock = clock
        self.staff = set(staff)
        self.tags = set(tags)
        self.left = {}
        self.people = {}
        self.contacts = {}
        self.ways = {}
        self.trusted = True
        self.lasts_s = TWO_HOURS_S
        self.tokens = 0
        self.ends = 0.0
        self.page = 1000

    @property
    def token(self):
        return f"accesstoken{self.tokens:06}"

    def end_token(self):
        self.ends = 0.0

    def has_account(self, unionid, openid):
        """Somebody uses the app, and is nobody's contact."""
        self.people.setdefault(unionid, {"openid": openid, "contact": ""})

    def befriend(self, unionid, openid, *userids):
        """Somebody who uses the app adds staff; what the contact is called."""
        self.has_account(unionid, openid)
        person = self.people[unionid]
        if not person["contact"]:
            person["contact"] = f"wmAAAA{len(self.contacts):08}"
            self.contacts[person["contact"]] = {}
        for userid in userids:
            self.contacts[person["contact"]].setdefault(userid, set())
        return person["contact"]

    def answer(self, request):
        path = request.path.removeprefix(_CGI)
        if path == "/gettoken":
            return self._sign_in(request.query)
        self._admit(request.query)
        if (request.method, path) == ("GET", "/externalcontact/get"):
            return self._contact(request.query)
        calls = {
            "/externalcontact/add_contact_way": self._add_way,
            "/externalcontact/list_contact_way": self._list_ways,
            "/externalcontact/get_contact_way": self._get_way,
            "/externalcontact/mark_tag": self._mark,
            "/idconvert/unionid_to_external_userid": self._convert,
        }
        if request.method != "POST" or path not in calls:
            return no(43001) if path in calls else Reply(404, b"")
        return calls[path](request.json)

    def _sign_in(self, query):
        if query.get("corpid") != CORP_ID:
            return no(40013)
        if query.get("corpsecret") != SECRET:
            return no(40001)
        now = self.clock().timestamp()
        if now >= self.ends:
            self.tokens += 1
            self.ends = now + self.lasts_s
        return yes(access_token=self.token, expires_in=int(self.ends - now))

    def _admit(self, query):
        given = query.get("access_token")
        if not given:
            raise RefusedError(no(41001))
        if given != self.token:
            raise RefusedError(no(40014))
        if self.clock().timestamp() >= self.ends:
            raise RefusedError(no(42001))
        if not self.trusted:
            raise RefusedError(no(60020))

    def _add_way(self, asked):
        if asked.get("type") != 1 or asked.get("scene") != 2:
            return no(40058)
        if any(len(asked.get(name, "")) > 30 for name in ("state", "remark")):
            return no(40058)
        if len(asked.get("user", ())) != 1:
            return no(40058)
        if asked["user"][0] not in self.staff:
            return no(60111)
        config_id = f"config{len(self.ways):04}"
        self.ways[config_id] = asked
        return yes(config_id=config_id, qr_code=f"https://wework.qpic.cn/wwpic/{config_id}/0")

    def _list_ways(self, asked):
        if not 1 <= asked.get("limit", 100) <= 1000:
            return no(40058)
        start = int(asked.get("cursor", "0"))
        ids = list(self.ways)[start : start + self.page]
        more = start + self.page < len(self.ways)
        cursor = str(start + self.page) if more else ""
        return yes(contact_way=[{"config_id": each} for each in ids], next_cursor=cursor)

    def _get_way(self, asked):
        if asked["config_id"] not in self.ways:
            return no(40058)
        return yes(contact_way={"config_id": asked["config_id"], **self.ways[asked["config_id"]]})

    def _convert(self, asked):
        person = self.people.get(asked.get("unionid"))
        if asked.get("subject_type") != 0 or not asked.get("openid"):
            return no(40058)
        if person is None or person["openid"] != asked["openid"]:
            return no(40003)
        if not person["contact"]:
            return yes(pending_id=f"p{asked['openid']}")
        return yes(external_userid=person["contact"])

    def _followers(self, contact):
        if contact not in self.contacts:
            raise RefusedError(no(40096))
        if not self.contacts[contact]:
            raise RefusedError(no(84061))
        return self.contacts[contact]

    def _contact(self, query):
        contact = query["external_userid"]
        followers = self._followers(contact)
        start = int(query.get("cursor", "0"))
        shown = list(followers.items())[start : start + self.page]
        more = start + self.page < len(followers)
        return yes(
            external_contact={"external_userid": contact, "type": 1},
            follow_user=[
                {
                    "userid": userid,
                    "tags": [
                        {"group_name": "g", "tag_name": tag, "tag_id": tag, "type": 1}
                        for tag in sorted(tags)
                    ],
                }
                for userid, tags in shown
            ],
            next_cursor=str(start + self.page) if more else "",
        )

    def _mark(self, asked):
        add, remove = asked.get("add_tag", []), asked.get("remove_tag", [])
        if not add and not remove:
            return no(40058)
        followers = self._followers(asked["external_userid"])
        if asked["userid"] in self.left:
            return no(self.left[asked["userid"]])
        if asked["userid"] not in followers:
            return no(84061)
        if {*add, *remove} - self.tags:
            return no(40068)
        followers[asked["userid"]].update(add)
        followers[asked["userid"]].difference_update(remove)
        return yes()
