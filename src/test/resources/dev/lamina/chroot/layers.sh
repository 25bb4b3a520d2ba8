#!/bin/bash
# Makes three layers below DIRECTORY: base (a Debian root file system), adds, and replaces, which
# deletes and replaces names of the two below it with the marks of kernel overlayfs.
#
#   layers.sh BASE_TAR DIRECTORY
set -euo pipefail
tar=$1
cd "$2"
umask 022

mkdir base adds replaces
tar --extract --file="$tar" --directory=base --numeric-owner --xattrs --xattrs-include='*' \
  --preserve-permissions

(
  cd adds
  mkdir -p etc opt/app/{bin,lib,share} usr/sbin usr/share/doc/app var/spool
  # Services are not started in a chroot.
  printf '#!/bin/sh\nexit 101\n' >usr/sbin/policy-rc.d
  printf '#!/bin/sh\necho tool\n' >opt/app/bin/tool
  chmod 755 usr/sbin/policy-rc.d opt/app/bin/tool
  for name in one two three; do
    echo "$name" >opt/app/lib/$name
  done
  seq 200000 >opt/app/share/data
  echo linked >opt/app/share/link-a
  ln opt/app/share/link-a opt/app/share/link-b
  ln -s lib opt/app/current
  ln -s /opt/app/bin/tool opt/app/run
  # Not text in any encoding.
  echo bytes >$'opt/app/lib/\xff\xfe\n name'
  echo secret >etc/app.conf
  chmod 640 etc/app.conf
  chown 1234:5678 etc/app.conf opt/app/lib/one
  setfattr --name=user.app --value=yes opt/app/lib/two
  mkdir --mode=2775 var/spool/app
  chgrp 5678 var/spool/app
  chmod 2775 var/spool/app
  mkfifo var/spool/app/fifo
  echo about >usr/share/doc/app/README
)

(
  cd replaces
  mkdir -p etc opt/app/lib opt/app/bin/tool usr/share/doc
  # Deleted: a file, a symbolic link, a whole directory.
  mknod etc/motd c 0 0
  mknod opt/app/current c 0 0
  mknod usr/share/man c 0 0
  # Replaced: a directory by another, a file by a directory, a directory by a file, content.
  setfattr --name=trusted.overlay.opaque --value=y usr/share/doc
  echo 'All that is left' >usr/share/doc/README
  setfattr --name=trusted.overlay.opaque --value=y opt/app/bin/tool
  echo 'was a file' >opt/app/bin/tool/inside
  echo 'was a directory' >opt/app/share
  echo public >etc/app.conf
  # Merged: one name hidden, one new.
  mknod opt/app/lib/three c 0 0
  echo four >opt/app/lib/four
  # A fixed time, so that what is copied up can be told from what is new.
  find . -exec touch --no-dereference --date=@1700000000.123456789 {} +
)
find adds -exec touch --no-dereference --date=@1600000000.987654321 {} +
