"""A shop's customers at Youzan Cloud, as strict as its gateway is said to be.

Checked: the application, the token (in the address alone; one at a time, seven days), JSON, names
and versions of methods, permissions, mobile numbers, tags of 32 characters, 20 a call, and that a
tag to be removed exists. The status is 200 for every error of Youzan's own.
"""

import re

from tests.fakes.crm.server import FakeCrm, RefusedError, Reply

CLIENT_ID, CLIENT_SECRET, KDT_ID = "3c0d9b8a7f", "a secret of the application", "42583152"
WEEK_S = 7 * 86_400
_MOBILE = re.compile(r"1[3-9]\d{9}")
_FIELDS = {"name", "remark", "gender", "birthday"}
_TYPES = {"Mobile", "YzOpenId", "FansID", "YouZanAccount", "OpenUserId", "WeiXinOpenId"}


def gateway(code, words="…"):
    return Reply(200, {"gw_err_resp": {"trace_id": "yz7-1", "err_code": code, "err_msg": words}})


def business(code, words="a value: 13912345678"):
    return Reply(200, {"code": code, "data": None, "success": False, "message": words})


def good(data):
    words = {"trace_id": "yz7-1", "success": True, "message": "successful"}
    return Reply(200, {**words, "code": 200, "data": data})


class Youzan(FakeCrm):
    def __init__(self, clock, tags=()):
        super().__init__()
        self.clock = clock
        self.tags = set(tags)
        self.customers = {}
        self.permitted = True
        self.tokens = 0
        self.ends = 0.0
        self.number = 0

    @property
    def token(self):
        return f"774ae7b675f8db2aa65d38bf5de7{self.tokens:04}"

    def end_token(self):
        self.ends = 0.0

    def answer(self, request):
        if request.headers.get("content-type") != "application/json":
            return Reply(200, {"success": False, "code": 1000, "data": None, "message": "JSON"})
        if request.path == "/auth/token":
            return self._sign_in(request.json)
        found = re.fullmatch(r"/api/([a-z.]+)/(\d\.\d\.\d)", request.path)
        if not found:
            return gateway(4001, "非法请求地址")
        method = self._methods().get(found.groups())
        if method is None:
            return gateway(4005, "非法的API")
        self._admit(request)
        return method(request.json)

    def _methods(self):
        return {
            ("youzan.scrm.customer.create", "3.0.0"): self._create,
            ("youzan.scrm.customer.update", "3.0.0"): self._update,
            ("youzan.scrm.tag.relation.add", "4.0.0"): self._tag,
            ("youzan.scrm.tag.relation.delete", "4.0.0"): self._untag,
        }

    def _sign_in(self, asked):
        def no(code, words):
            return Reply(200, {"success": False, "code": code, "data": None, "message": words})

        if asked["client_id"] != CLIENT_ID:
            return no(1103, "Client 不存在")
        if asked["client_secret"] != CLIENT_SECRET:
            return no(1000, "应用信息错误")
        if asked["authorize_type"] != "silent":
            return no(1105, "不支持的应用类型")
        if asked["grant_id"] != KDT_ID or not isinstance(asked["refresh"], bool):
            return no(1103, "授权关系不存在")
        now = self.clock().timestamp()
        if asked["refresh"] or now >= self.ends:
            self.tokens += 1
            self.ends = now + WEEK_S
        data = {"access_token": self.token, "expires": int(self.ends * 1000), "scope": "scrm"}
        return Reply(200, {"success": True, "code": 200, "message": None, "data": data})

    def _admit(self, request):
        given = request.query.get("access_token")
        if not given:
            raise RefusedError(gateway(4201, "非法的请求凭证"))
        if given != self.token:
            raise RefusedError(gateway(4203, "Token 不存在"))
        if self.clock().timestamp() >= self.ends:
            raise RefusedError(gateway(4202, "请求凭证过期"))
        if not self.permitted:
            raise RefusedError(gateway(4204, "无权限访问"))

    def _create(self, asked):
        mobile = asked["mobile"]
        if not _MOBILE.fullmatch(mobile) or asked.get("country_code", "+86") != "+86":
            return business(141500101)
        if asked["customer_create"].keys() - _FIELDS:
            return business(141500101)
        if mobile in self.customers:
            return business(143001027, "customer already exist")
        self.number += 1
        self.customers[mobile] = {**asked["customer_create"], "tags": set()}
        return good({"account_id": str(self.number), "account_type": "YouZanAccount"})

    def _update(self, asked):
        customer = self._customer(**asked["account"])
        if not asked["customer_update"] or asked["customer_update"].keys() - _FIELDS:
            return business(141500101)
        customer.update(asked["customer_update"])
        return good({"is_success": True})

    def _customer(self, account_id, account_type):
        if account_type not in _TYPES or not isinstance(account_id, str):
            raise RefusedError(gateway(5001, "系统异常"))
        if account_type != "Mobile" or account_id not in self.customers:
            raise RefusedError(business(141502108, "customer not exist"))
        return self.customers[account_id]

    def _names(self, asked):
        names = [each["tag_name"] for each in asked["tags"]]
        if not 1 <= len(names) <= 20 or any(not 1 <= len(name) <= 32 for name in names):
            raise RefusedError(business(141500101))
        return names

    def _tag(self, asked):
        names = self._names(asked)
        customer = self._customer(asked["account_id"], asked["account_type"])
        self.tags.update(names)
        customer["tags"].update(names)
        return good(data=True)

    def _untag(self, asked):
        names = self._names(asked)
        customer = self._customer(asked["account_id"], asked["account_type"])
        if set(names) - self.tags:
            return business(142400101, "tag not exist")
        customer["tags"].difference_update(names)
        return good(data=True)
