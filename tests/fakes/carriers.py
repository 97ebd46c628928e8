"""Aliyun, Tencent Cloud and Twilio Verify, as strict as they are.

    python -m tests.fakes.carriers PORT

Signatures, clock, template, limits and one-use codes are checked; what is wrong is answered with
the documented error. Aliyun's signature is checked by Aliyun's own library, and Tencent's own
client talks to this in `tests/portal/sms/test_tencent.py`. What a phone gets is in /inbox.

For tests: POST /control {"ahead_s": 60} lets time pass; {"carrier": "aliyun", "say": "isp.…"}
makes a carrier answer so once, {"carrier": "twilio", "status": 503} with a fault page once.
"""

import base64
import collections
import hashlib
import hmac
import json
import re
import secrets
import sys
import time

from alibabacloud_openapi_util.client import Client as AliyunUtil
from flask import Flask, request
from Tea.request import TeaRequest
from werkzeug.serving import make_server

KEY_ID, SECRET = "LTAI5tExample", "a secret of the account"
SIGN_NAME, TEMPLATE = "安福路店", "SMS_123456789"
APP_ID, TEMPLATE_ID = "1400006666", "449739"
ACCOUNT, SERVICE = "AC" + "0" * 32, "VA" + "1" * 32
# No message to a number that ends so arrives.
UNREACHABLE = "9999"

_CHINESE = re.compile(r"1[3-9]\d{9}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_LIMITS = ((60, 1, "触发分钟级流控Permits:1"), (3600, 5, "触发小时级流控Permits:5"))

app = Flask(__name__)
inbox: list[dict] = []
sent_at = collections.defaultdict(list)
nonces: set[str] = set()
verifications: dict[str, dict] = {}
faults: dict[str, dict] = {}
ahead_s = 0.0


def clock():
    return time.time() + ahead_s


@app.post("/control")
def control():
    global ahead_s  # noqa: PLW0603 - one process is one world
    ordered = request.get_json()
    if "carrier" in ordered:
        faults[ordered.pop("carrier")] = ordered
    ahead_s += ordered.get("ahead_s", 0)
    return {}


@app.get("/inbox")
def show_inbox():
    return inbox


def fault_page(carrier):
    if faults.get(carrier, {}).get("status"):
        return "<h1>fault</h1>", faults.pop(carrier)["status"]
    return None


@app.post("/")
def by_action():
    """Aliyun and Tencent both have one address for all actions."""
    return aliyun() if "x-acs-action" in request.headers else tencent()


def aliyun():
    broken = fault_page("aliyun") or aliyun_stranger()
    if broken:
        return broken
    action = request.headers["x-acs-action"]
    if action == "SendSms":
        code, message = aliyun_send()
        return {"Code": code, "Message": message, "BizId": inbox[-1]["id"] if code == "OK" else ""}
    number, biz_id = request.args["PhoneNumber"], request.args["BizId"]
    found = [each for each in inbox if each["id"] == biz_id and each["to"] == f"+86{number}"]
    if len(request.args["SendDate"]) != 8:
        return {"Code": "isv.INVALID_PARAMETERS", "Message": "SendDate"}
    rows = [
        {
            "SendStatus": 2 if number.endswith(UNREACHABLE) else 3,
            "ErrCode": "USER_STATUS_ERR" if number.endswith(UNREACHABLE) else "DELIVERED",
            "PhoneNum": number,
        }
        for _ in found
    ]
    details = {"SmsSendDetailDTO": rows or [{"SendStatus": 1, "PhoneNum": number}]}
    return {"Code": "OK", "Message": "OK", "TotalCount": 1, "SmsSendDetailDTOs": details}


def aliyun_stranger():  # noqa: PLR0911 - one answer for each way to be wrong
    headers = {name.lower(): value for name, value in request.headers.items()}
    found = re.fullmatch(
        r"ACS3-HMAC-SHA256 Credential=(.+),SignedHeaders=(.+),Signature=([0-9a-f]{64})",
        headers.get("authorization", ""),
    )
    if not found:
        return {"Code": "MissingAuthorization"}, 400
    key_id, names, _ = found.groups()
    if key_id != KEY_ID:
        return {"Code": "InvalidAccessKeyId.NotFound"}, 404
    asked = TeaRequest()
    asked.method, asked.pathname, asked.query = "POST", "/", request.args.to_dict()
    asked.headers = {name: headers[name] for name in names.split(";")}
    if {"host", "x-acs-action", "x-acs-content-sha256"} - asked.headers.keys():
        return {"Code": "SignedHeadersMissing"}, 400
    payload = hashlib.sha256(request.get_data()).hexdigest()
    right = AliyunUtil.get_authorization(asked, "ACS3-HMAC-SHA256", payload, KEY_ID, SECRET)
    if headers["authorization"] != right or headers["x-acs-content-sha256"] != payload:
        return {"Code": "SignatureDoesNotMatch"}, 400
    then = time.mktime(time.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    if abs(time.time() - then) > 900:
        return {"Code": "InvalidTimeStamp.Expired"}, 400
    if headers["x-acs-signature-nonce"] in nonces:
        return {"Code": "SignatureNonceUsed"}, 400
    nonces.add(headers["x-acs-signature-nonce"])
    return None


def aliyun_send():  # noqa: PLR0911 - as above
    asked = request.args
    if "aliyun" in faults:
        return faults.pop("aliyun")["say"], "as ordered"
    if asked.get("SignName") != SIGN_NAME:
        return "isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法"
    if asked.get("TemplateCode") != TEMPLATE:
        return "isv.SMS_TEMPLATE_ILLEGAL", "短信模版不合法"
    values = json.loads(asked.get("TemplateParam", "{}"))
    if set(values) != {"code"}:
        return "isv.TEMPLATE_MISSING_PARAMETERS", "模版缺少变量"
    if not _CHINESE.fullmatch(asked["PhoneNumbers"]):
        return "isv.MOBILE_NUMBER_ILLEGAL", "非法手机号"
    number = "+86" + asked["PhoneNumbers"]
    for seconds, most, text in _LIMITS:
        if sum(at > clock() - seconds for at in sent_at[number]) >= most:
            return "isv.BUSINESS_LIMIT_CONTROL", text
    keep("aliyun", number, f"【{SIGN_NAME}】验证码{values['code']}", values["code"])
    return "OK", "OK"


def tencent():
    broken = fault_page("tencent")
    if broken:
        return broken
    error = tencent_stranger()
    if error:
        return {"Response": {"Error": {"Code": error, "Message": error}, "RequestId": "r"}}
    asked, action = request.get_json(), request.headers["X-TC-Action"]
    if action == "SendSms":
        return {"Response": {"SendStatusSet": [tencent_send(asked)], "RequestId": "r"}}
    found = [each for each in inbox if each["to"] == asked["PhoneNumber"]]
    begin, end = asked["BeginTime"], asked["EndTime"]
    if not begin <= end or end - begin > 7 * 86_400 or asked["Limit"] > 100:
        error = {"Code": "InvalidParameterValue.BeginTimeVerifyFail", "Message": ""}
        return {"Response": {"Error": error, "RequestId": "r"}}
    lost = asked["PhoneNumber"].endswith(UNREACHABLE)
    rows = [
        {
            "SerialNo": each["id"],
            "PhoneNumber": each["to"],
            "ReportStatus": "FAIL" if lost else "SUCCESS",
            "Description": "UNDELIV" if lost else "DELIVRD",
        }
        for each in found
    ]
    return {"Response": {"PullSmsSendStatusSet": rows, "RequestId": "r"}}


def tencent_stranger():
    headers = request.headers
    found = re.fullmatch(
        r"TC3-HMAC-SHA256 Credential=(.+)/(\d{4}-\d\d-\d\d)/sms/tc3_request, "
        r"SignedHeaders=content-type;host, Signature=([0-9a-f]{64})",
        headers.get("Authorization", ""),
    )
    if not found or headers.get("X-TC-Version") != "2021-01-11":
        return "AuthFailure.InvalidAuthorization"
    secret_id, day, signature = found.groups()
    if secret_id != KEY_ID:
        return "AuthFailure.SecretIdNotFound"
    stamp = int(headers["X-TC-Timestamp"])
    if abs(time.time() - stamp) > 300 or day != time.strftime("%Y-%m-%d", time.gmtime(stamp)):
        return "AuthFailure.SignatureExpire"
    digest = hashlib.sha256(request.get_data()).hexdigest()
    canonical = (
        f"POST\n/\n\ncontent-type:{headers['Content-Type']}\nhost:{headers['Host']}\n\n"
        f"content-type;host\n{digest}"
    )
    scope = f"{day}/sms/tc3_request"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = hmac.digest(f"TC3{SECRET}".encode(), day.encode(), "sha256")
    key = hmac.digest(hmac.digest(key, b"sms", "sha256"), b"tc3_request", "sha256")
    if hmac.new(key, text.encode(), "sha256").hexdigest() != signature:
        return "AuthFailure.SignatureFailure"
    return None


def tencent_send(asked):
    (number,) = asked["PhoneNumberSet"]
    code, message = "Ok", "send success"
    values = asked.get("TemplateParamSet", [])
    if "tencent" in faults:
        code = faults.pop("tencent")["say"]
    elif asked["SmsSdkAppId"] != APP_ID:
        code = "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
    elif asked["SignName"] != SIGN_NAME:
        code = "FailedOperation.SignatureIncorrectOrUnapproved"
    elif asked["TemplateId"] != TEMPLATE_ID or len(values) != 2:
        code = "FailedOperation.TemplateIncorrectOrUnapproved"
    elif not _E164.fullmatch(number):
        code = "InvalidParameterValue.IncorrectPhoneNumber"
    elif sum(at > clock() - 30 for at in sent_at[number]):
        code = "LimitExceeded.PhoneNumberThirtySecondLimit"
    serial = ""
    if code == "Ok":
        text = f"【{SIGN_NAME}】{values[0]}为您的验证码，{values[1]}分钟内有效"
        serial = keep("tencent", number, text, values[0])
    return {"SerialNo": serial, "PhoneNumber": number, "Fee": 1, "Code": code, "Message": message}


@app.post("/v2/Services/<service>/Verifications")
def twilio_send(service):
    broken = fault_page("twilio") or twilio_stranger(service)
    if broken:
        return broken
    number = request.form["To"]
    if not _E164.fullmatch(number) or request.form["Channel"] != "sms":
        return twilio_error(60200, 400)
    if "twilio" in faults:
        return twilio_error(faults.pop("twilio")["say"], 403)
    known = verifications.get(number)
    if not known or known["until"] < clock() or known["approved"]:
        known = {
            "sid": "VE" + secrets.token_hex(16),
            "code": f"{secrets.randbelow(10**6):06}",
            "until": clock() + 600,
            "sends": 0,
            "checks": 0,
            "approved": False,
        }
        verifications[number] = known
    known["sends"] += 1
    if known["sends"] > 5:
        return twilio_error(60203, 429)
    keep("twilio", number, f"Your code is {known['code']}", known["code"])
    return {"sid": known["sid"], "status": "pending", "to": number}, 201


@app.post("/v2/Services/<service>/VerificationCheck")
def twilio_check(service):
    broken = fault_page("twilio") or twilio_stranger(service)
    if broken:
        return broken
    known = verifications.get(request.form["To"])
    if not known or known["until"] < clock() or known["approved"]:
        return twilio_error(20404, 404)
    known["checks"] += 1
    if known["checks"] > 5:
        return twilio_error(60202, 429)
    known["approved"] = known["code"] == request.form["Code"]
    return {"sid": known["sid"], "status": "approved" if known["approved"] else "pending"}


def twilio_stranger(service):
    right = base64.b64encode(f"{ACCOUNT}:{SECRET}".encode()).decode()
    if request.headers.get("Authorization") != f"Basic {right}":
        return twilio_error(20003, 401)
    return None if service == SERVICE else twilio_error(20404, 404)


def twilio_error(code, status):
    return {"code": code, "message": "…", "status": status}, status


def keep(carrier, number, text, code):
    sent_at[number].append(clock())
    message_id = f"{carrier}-{len(inbox) + 1}"
    inbox.append({"id": message_id, "carrier": carrier, "to": number, "text": text, "code": code})
    return message_id


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True).serve_forever()
