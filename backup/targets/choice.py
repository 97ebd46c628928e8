"""Which place a setting names."""

from pathlib import Path

from backup.targets.folder import FolderTarget
from backup.targets.s3 import S3Target
from backup.targets.sftp import SftpTarget
from backup.targets.shape import Target
from core.setting_groups.backup import BackupSettings


def of(named: str, found: BackupSettings) -> Target:
    """`named` is a target as settings have it, and not empty."""
    if named.startswith("sftp://"):
        return SftpTarget.of(named, Path(found.sftp_key), Path(found.sftp_known_hosts))
    if named.startswith("s3://"):
        secret = found.s3_secret.get_secret_value()
        return S3Target.of(named, found.s3_endpoint, found.s3_region, found.s3_key_id, secret)
    return FolderTarget(Path(named))
