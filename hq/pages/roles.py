"""Who may see what of the fleet: one table. No Flask.

The roles are those of a store's users. docs/fleet-pages.md shows the table to people, and a
test holds the two together. Whose region is set (`hq.pages.scopes`) sees nothing of another.
"""

from analytics.dashboard.rights import Log, Right, Rights
from core.models.user import Role

_MANAGER, _MARKETER, _IT, _AUDITOR, _PRIVACY = Role
_ALL = frozenset(Role)

RIGHTS = Rights(
    (
        Right("fleet", ("fleet.page", "fleet.csv"), _ALL),
        Right("regions", ("regions.page", "regions.file"), _ALL),
        Right("map", ("map.page",), _ALL),
        Right("store", ("store.page", "store.csv"), _ALL),
        Right("health", ("health.page", "health.csv"), frozenset({_MANAGER, _IT})),
        Right("audit", ("audit.page",), frozenset({_MANAGER, _AUDITOR, _PRIVACY}), Log.EACH),
        Right(
            "account",
            ("account.page", "account.totp", "account.totp_qr", "sign_in.sign_out"),
            _ALL,
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
