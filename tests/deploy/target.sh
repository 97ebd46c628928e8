#!/bin/sh
# Boots a Debian from the image of its disk, in mounts of its own: whatever ends this leaves none.
#
#   unshare --mount --propagation private target.sh NAME IMAGE FOLDER NAMESPACE PACKAGES
set -eu
name=$1 image=$2 folder=$3 namespace=$4 packages=$5

# The one hierarchy that systemd needs, whatever this machine has there.
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir "/sys/fs/cgroup/$name"
mount -o loop "$image" "$folder"

export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
# The rules and addresses of its namespace are its own to change.
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
status=0
sh -c 'echo $$ >"$0"; exec "$@"' "/sys/fs/cgroup/$name/cgroup.procs" \
    systemd-nspawn --quiet --boot --directory="$folder" --machine="$name" \
    --register=no --keep-unit --link-journal=no --console=passive \
    --network-namespace-path="/run/netns/$namespace" --capability=CAP_NET_ADMIN,CAP_NET_RAW \
    --resolv-conf=off --timezone=off --rlimit=MEMLOCK=infinity --bind-ro="$packages:/srv/packages" || status=$?

# Killed is not gone yet.
while grep -q "populated 1" "/sys/fs/cgroup/$name/cgroup.events"; do sleep 0.05; done
umount "$folder"
find "/sys/fs/cgroup/$name" -depth -type d -exec rmdir {} +
rmdir "/run/systemd/nspawn/propagate/$name" 2>/dev/null || true
exit "$status"
