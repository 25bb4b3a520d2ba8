#!/bin/bash
# Runs a script in a root file system, in its own mount and process namespaces: what the script
# mounts or leaves running is gone when this ends or is killed.
#
#   enter.sh ROOT SCRIPT
set -euo pipefail
root=$1
cp "$2" "$root/root/work.sh"
for file in /etc/resolv.conf /etc/hosts; do
  # The root file system's own may be a link to somewhere.
  rm -f "$root$file"
  cp --dereference "$file" "$root$file"
done

variables=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
  DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical)
for name in http_proxy https_proxy ftp_proxy no_proxy; do
  [[ -z ${!name:-} ]] || variables+=("$name=${!name}")
done
# shellcheck disable=SC2016 # expanded inside
exec unshare --mount --pid --fork --kill-child bash -c '
  mount -t proc -o nosuid,nodev,noexec proc "$1/proc"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
  shift
  exec chroot "$@"' - "$root" "$root" env --ignore-environment "${variables[@]}" bash /root/work.sh
