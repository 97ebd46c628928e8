"""Who may see and do what in the store's dashboard. No Flask.

docs/dashboard.md shows the same table to people, and a test holds the two together.
"""

from analytics.dashboard.rights import Log, Right, Rights
from core.models.user import Role

_MANAGER, _MARKETER, _IT, _AUDITOR, _PRIVACY = Role
_ALL = frozenset(Role)
_MARKETING = frozenset({_MANAGER, _MARKETER})
_FLOOR = frozenset({_MANAGER, _IT})
_OVERSIGHT = frozenset({_MANAGER, _AUDITOR, _PRIVACY})
# Not the manager: whom the log is asked about is no business of the store's.
_LAW = frozenset({_PRIVACY})

RIGHTS = Rights(
    (
        Right(
            "traffic",
            ("today.page", "live.stream", "traffic.page", "traffic.csv", "figures.page"),
            _ALL,
        ),
        Right(
            "history",
            ("history.page", "history.csv", "heat.page", "heat.csv", "notes.page", "notes.one"),
            _ALL,
        ),
        Right("reports", ("reports.page", "reports.file"), _ALL),
        Right("change_notes", ("notes.add", "notes.change", "notes.remove"), _MARKETING, Log.EACH),
        Right("funnel", ("funnel.page", "funnel.csv"), frozenset({_MANAGER, _MARKETER, _AUDITOR})),
        Right("status", ("status.page", "sensor.page", "sign.page", "sign.qr_code"), _ALL),
        Right("sync", ("sync.page",), frozenset({_MANAGER, _IT, _AUDITOR})),
        Right(
            "change_sync",
            ("sync.send_all_again", "sync.send_again", "sync.let_go"),
            _FLOOR,
            Log.EACH,
        ),
        Right("calibration", ("calibration.page", "walks.page", "counting.page"), _FLOOR),
        Right(
            "walk",
            ("walks.begin", "walks.station", "walks.accept", "walks.withdraw"),
            _FLOOR,
            Log.EACH,
        ),
        Right(
            "count",
            ("counting.start", "counting.stop", "counting.remove", "calibration.take_file"),
            _FLOOR,
            Log.EACH,
        ),
        Right("count_on", ("counting.add",), _FLOOR, Log.FIRST),
        Right("online", ("online.page",), _FLOOR, Log.FIRST),
        Right("cut", ("online.cut",), _FLOOR, Log.EACH),
        Right("guests", ("guests.page",), _FLOOR, Log.FIRST),
        Right("let_in", ("guests.decide",), _FLOOR, Log.EACH),
        Right("vouchers", ("vouchers.page",), _FLOOR),
        Right("print_vouchers", ("vouchers.sheet",), _FLOOR, Log.EACH),
        Right("make_vouchers", ("vouchers.make", "vouchers.revoke"), _FLOOR, Log.EACH),
        Right("members", ("members.page",), _MARKETING, Log.EACH),
        Right("ask_reveal", ("members.ask_reveal",), frozenset({_MANAGER}), Log.EACH),
        Right("reveal", ("members.reveal",), frozenset({_MANAGER}), Log.EACH),
        Right("ask_will", ("will.page",), frozenset({_MANAGER}), Log.EACH),
        Right(
            "withdraw",
            ("will.withdraw_marketing", "will.withdraw_visits"),
            frozenset({_MANAGER}),
            Log.EACH,
        ),
        Right("export", ("will.export",), frozenset({_MANAGER}), Log.EACH),
        Right("ask_erase", ("members.ask_erase",), frozenset({_MANAGER}), Log.EACH),
        Right("erase", ("members.erase",), frozenset({_MANAGER}), Log.EACH),
        Right(
            "campaigns",
            (
                "campaigns.page",
                "campaigns.new",
                "campaigns.edit",
                "campaigns.preview",
                "campaigns.preview_draft",
                "campaigns.style",
                "campaigns.picture",
            ),
            _MARKETING,
        ),
        Right("change_campaigns", ("campaigns.save", "campaigns.end"), _MARKETING, Log.EACH),
        Right("sources", ("sources.page", "sources.sheet", "sources.qr_code"), _MARKETING),
        Right("change_sources", ("sources.add", "sources.end"), _MARKETING, Log.EACH),
        Right("coupons", ("coupons.page",), _MARKETING),
        Right("redeem", ("coupons.redeem",), _MARKETING, Log.EACH),
        Right("surveys", ("surveys.page",), _MARKETING),
        Right("change_surveys", ("surveys.add", "surveys.end"), _MARKETING, Log.EACH),
        Right("groups", ("groups.page",), _MARKETING),
        Right("change_groups", ("groups.extend", "groups.remove"), _MARKETING, Log.EACH),
        Right("tokens", ("tokens.page",), _FLOOR),
        Right("make_tokens", ("tokens.make", "tokens.revoke"), _FLOOR, Log.EACH),
        Right("access_log", ("access_log.page",), _LAW, Log.EACH),
        Right("ask_access_log", ("access_log.ask", "access_log.file"), _LAW, Log.EACH),
        Right("decide_access_log", ("access_log.approve", "access_log.refuse"), _LAW, Log.EACH),
        Right("audit", ("audit.page",), _OVERSIGHT, Log.EACH),
        Right(
            "account", ("account.page", "account.totp", "account.totp_qr", "sign_in.sign_out"), _ALL
        ),
        Right(
            "change_account",
            (
                "account.change_password",
                "account.begin_totp",
                "account.confirm_totp",
                "account.totp_off",
            ),
            _ALL,
            Log.EACH,
        ),
    )
)
