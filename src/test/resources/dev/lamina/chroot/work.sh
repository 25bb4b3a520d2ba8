#!/bin/bash
# Work that people do in a container, done in a chroot: one function per step. Prints one line
# per step, and what a failed step said. All it leaves behind is the same every time.

steps=(
  "edit, replace and delete files of the image"
  "chown and chmod a tree"
  "apt-get update"
  "apt-get install"
  "installed programs run"
  "apt-get purge"
  "dpkg installs, upgrades and removes"
  "gcc compiles, links and runs"
  "python3 with sqlite and mmap"
  "tar out and in"
  "git init, commit, clone, status"
  "useradd, usermod, userdel"
  "hard links"
  "device nodes"
  "setuid and setgid programs"
  "extended attributes"
)

# Times and dates that programs would write into files.
export SOURCE_DATE_EPOCH=1700000000
export GIT_AUTHOR_DATE="1700000000 +0000" GIT_COMMITTER_DATE="1700000000 +0000"
work=/srv/work

same() {
  [[ $1 == "$2" ]] || {
    echo "expected $2, found $1"
    return 1
  }
}

edit__replace_and_delete_files_of_the_image() {
  # What the layers show to begin with.
  same "$(cat /etc/app.conf)" public
  same "$(cat /opt/app/share)" "was a directory"
  same "$(ls /opt/app/bin/tool)" inside
  same "$(ls /usr/share/doc)" README
  [[ ! -e /usr/share/man && ! -e /etc/motd && ! -L /opt/app/current ]]
  same "$(cd /opt/app/lib && printf '%q ' *)" "four one two \$'\377\376\n name' "

  echo appended >>/etc/app.conf
  sed -i 's/root:x:/root:x:/' /etc/passwd
  echo Welcome >/etc/motd
  mv /opt/app/lib/one /opt/app/lib/renamed
  # Gone, and made again: nothing of the old directory may come back.
  rm -rf /opt/app/bin/tool /etc/skel
  mkdir /opt/app/bin/tool /etc/skel
  same "$(find /opt/app/bin/tool /etc/skel -mindepth 1)" ""
  # Directories that are in the image's base only, moved and merged.
  mv /usr/share/bash-completion /usr/share/completion
  mv /usr/share/lintian /opt/app/lintian
  [[ ! -e /usr/share/lintian ]]
  : >/etc/issue
  rm -rf /usr/share/locale
  mv /opt/app/share /opt/app/shared
}

chown_and_chmod_a_tree() {
  cp -a /usr/share/perl5 /opt/perl
  chown -R 4321:8765 /opt/perl /usr/share/perl5
  chmod -R go-w,u+w /opt/perl
  chmod 700 /usr/share/perl5/Git.pm
  same "$(stat -c '%a %u:%g' /usr/share/perl5/Git.pm)" "700 4321:8765"
  diff -r /opt/perl /usr/share/perl5
}

apt_get_update() {
  apt-get update
}

apt_get_install() {
  apt-get install --yes --no-install-recommends cron hello sudo tree
}

installed_programs_run() {
  same "$(hello)" "Hello, world!"
  tree -d /opt/app
  [[ $(stat -c '%a %G' /usr/bin/crontab) == "2755 crontab" ]]
  same "$(dpkg --verify hello tree | grep -v /usr/share/doc)" ""
}

apt_get_purge() {
  apt-get purge --yes hello tree
  apt-get remove --yes cron
  [[ ! -e /usr/bin/hello && ! -e /usr/sbin/cron && -e /etc/crontab ]]
  apt-get purge --yes cron
  apt-get autoremove --yes --purge
  [[ ! -e /etc/crontab ]]
  apt-get clean
}

# A package with a configuration file, links and a directory that the next version replaces.
package() {
  local version=$1 tree=$work/package-$1
  mkdir -p "$tree"/{DEBIAN,etc,usr/lib/sample}
  printf 'Package: sample\nVersion: %s\nArchitecture: all\nMaintainer: none\nDescription: a sample\n' \
    "$version" >"$tree/DEBIAN/control"
  echo "/etc/sample.conf" >"$tree/DEBIAN/conffiles"
  echo "version $version" >"$tree/etc/sample.conf"
  echo "data $version" >"$tree/usr/lib/sample/data"
  ln "$tree/usr/lib/sample/data" "$tree/usr/lib/sample/link"
  ln -s data "$tree/usr/lib/sample/symlink"
  if [[ $version == 1 ]]; then
    mkdir "$tree/usr/lib/sample/plugins"
    echo plugin >"$tree/usr/lib/sample/plugins/one"
  else
    echo "no plugins" >"$tree/usr/lib/sample/plugins.txt"
  fi
  find "$tree" -exec touch --no-dereference --date=@1700000000 {} +
  dpkg-deb --root-owner-group --build "$tree" "$work/sample_$version.deb"
}

dpkg_installs__upgrades_and_removes() {
  mkdir -p $work
  package 1
  package 2
  dpkg -i $work/sample_1.deb
  same "$(cat /usr/lib/sample/plugins/one)" plugin
  same "$(stat -c %h /usr/lib/sample/data)" 2
  dpkg -i $work/sample_2.deb
  same "$(cat /usr/lib/sample/symlink /etc/sample.conf)" $'data 2\nversion 2'
  [[ ! -e /usr/lib/sample/plugins ]]
  dpkg -r sample
  [[ ! -e /usr/lib/sample && -e /etc/sample.conf ]]
  dpkg -P sample
  [[ ! -e /etc/sample.conf ]]
  dpkg -i $work/sample_1.deb
}

gcc_compiles__links_and_runs() {
  mkdir -p $work/c
  cd $work/c
  printf 'int answer(void) { return 42; }\n' >answer.c
  printf '#include <stdio.h>\nint answer(void);\nint main(void) { printf("%%d\\n", answer()); }\n' >main.c
  gcc -O1 -Wall -c answer.c
  ar rcsD libstatic.a answer.o
  gcc -shared -fPIC -o libanswer.so answer.c
  gcc -Wall -o static main.c libstatic.a
  gcc -Wall -o dynamic main.c -L. -lanswer -Wl,-rpath,$work/c
  same "$(./static)" 42
  same "$(./dynamic)" 42
  # The linker replaces a program that has just run.
  gcc -O2 -o static main.c libstatic.a
  same "$(./static)" 42
}

python3_with_sqlite_and_mmap() {
  mkdir -p $work/python
  cd $work/python
  cat >module.py <<'PYTHON'
import mmap, os, sqlite3, subprocess, tempfile

connection = sqlite3.connect("rows.db")
connection.execute("create table rows (n integer primary key, text)")
with connection:
    connection.executemany("insert into rows (text) values (?)", ((str(n),) for n in range(20000)))
with connection:
    connection.execute("delete from rows where n % 3 = 0")
connection.execute("vacuum")
assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
connection.close()

with open("mapped", "wb") as file:
    file.truncate(1 << 20)
with open("mapped", "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
    memory[4096:4100] = b"page"
    memory[-4:] = b"last"
    memory.flush()
with open("mapped", "rb") as file:
    file.seek(4096)
    assert file.read(4) == b"page"

# A file of the image, changed through a mapping.
with open("/usr/share/python3/debpython/version.py", "r+b") as file, \
        mmap.mmap(file.fileno(), 0) as memory:
    memory[0:1] = b"#"

with tempfile.TemporaryFile(dir=".") as file:
    file.write(b"unlinked")
    file.flush()
    assert os.fstat(file.fileno()).st_nlink == 0
assert subprocess.run(["/bin/true"]).returncode == 0
PYTHON
  python3 module.py
  python3 -m compileall -q --invalidation-mode unchecked-hash .
  same "$(python3 -c 'import json; print(json.dumps([1, 2]))')" "[1, 2]"
}

listing() {
  (cd "$1" && find etc opt/app -printf '%p %y %m %U %G %l %T@\n' | sort)
}

tar_out_and_in() {
  mkdir -p $work/tar/again
  cd $work/tar
  tar --create --file=etc.tar --format=posix --directory=/ --acls --xattrs etc opt/app
  tar --extract --file=etc.tar --directory=again --numeric-owner --preserve-permissions --acls --xattrs
  diff --recursive --no-dereference again/etc /etc
  same "$(listing again)" "$(listing /)"
  # The archive holds times of this run.
  rm etc.tar
}

git_init__commit__clone__status() {
  mkdir -p $work/git
  cd $work/git
  git config --global user.name "A person"
  git config --global user.email person@example.org
  git config --global init.defaultBranch main
  git config --global gc.auto 0
  git init -q origin
  cd origin
  for n in {1..50}; do
    echo "file $n" >"file-$n"
  done
  git add .
  git commit -q -m first
  git mv file-1 moved
  sed -i s/file/changed/ file-2
  git commit -q -a -m second
  git checkout -q -b topic HEAD~1
  echo topic >topic
  git add topic
  git commit -q -m topic
  git checkout -q main
  git merge -q -m merge topic
  git clone -q file://$work/git/origin $work/git/clone
  cd $work/git/clone
  same "$(git status --porcelain)" ""
  same "$(git log --format=%s | sort | tr '\n' ' ')" "first merge second topic "
  # More threads would pack differently.
  git -c pack.threads=1 gc -q
  git fsck
  rm file-3
  same "$(git status --porcelain)" " D file-3"
  git checkout -q file-3
}

useradd__usermod__userdel() {
  useradd --create-home --shell /bin/bash worker
  useradd --system --no-create-home daemon2
  groupadd crew
  usermod --append --groups crew worker
  same "$(id -nG worker)" "worker crew"
  same "$(stat -c '%U %a' /home/worker)" "worker 755"
  userdel daemon2
  echo "worker ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/worker
  chmod 440 /etc/sudoers.d/worker
  setpriv --reuid=worker --regid=worker --init-groups bash -c 'echo hello >~worker/note; ! touch /etc/denied'
  same "$(stat -c %U /home/worker/note)" worker
}

hard_links() {
  mkdir -p $work/links
  cd $work/links
  echo one >a
  ln a b
  ln b c
  echo two >>b
  same "$(cat a)" "$(cat c)"
  same "$(stat -c %h a b c | tr '\n' ' ')" "3 3 3 "
  same "$(stat -c %i a)" "$(stat -c %i c)"
  mv c d
  rm a
  same "$(stat -c %h b d | tr '\n' ' ')" "2 2 "
  # A file of the image gets a second name.
  ln /opt/app/lib/two two
  same "$(stat -c '%h %i' two)" "$(stat -c '%h %i' /opt/app/lib/two)"
  echo more >>two
  same "$(tail -n 1 /opt/app/lib/two)" more
  ln -s /opt/app/lib/two symlink
  ln symlink symlink2
  same "$(stat -c %h symlink2)" 2
}

device_nodes() {
  mkdir -p $work/devices
  cd $work/devices
  mknod null c 1 3
  mknod zero c 1 5
  mknod block b 7 200
  mkfifo fifo
  chmod 666 null zero
  echo gone >null
  same "$(wc -c <null)" 0
  same "$(head -c 100 zero | wc -c)" 100
  # The image's own nodes.
  echo gone >/dev/null
  same "$(head -c 8 /dev/urandom | wc -c)" 8
  (echo through >fifo) &
  same "$(cat fifo)" through
  wait
  # What looks like a whiteout cannot be made from inside.
  if mknod whiteout c 0 0; then
    return 1
  fi
  same "$(ls)" $'block\nfifo\nnull\nzero'
}

setuid_and_setgid_programs() {
  mkdir -p $work/setuid
  cd $work/setuid
  printf '#include <stdio.h>\n#include <unistd.h>\nint main(void) { printf("%%d %%d\\n", geteuid(), getegid()); }\n' >id.c
  gcc -Wall -o id id.c
  cp id plain
  chmod 6755 id
  same "$(setpriv --reuid=worker --regid=worker --init-groups ./id)" "0 0"
  same "$(setpriv --reuid=worker --regid=worker --init-groups ./plain)" "$(id -u worker) $(id -g worker)"
  same "$(setpriv --reuid=worker --regid=worker --init-groups sudo -n id -u)" 0
  # A change of owner takes the bits away, and so does a write by another user.
  chown worker plain
  chmod 6755 plain
  chown daemon plain
  same "$(stat -c %a plain)" 755
  chmod 6777 plain
  setpriv --reuid=worker --regid=worker --init-groups bash -c 'echo >>plain'
  same "$(stat -c %a plain)" 777
}

extended_attributes() {
  mkdir -p $work/xattrs
  cd $work/xattrs
  cat >set.py <<'PYTHON'
import os, struct

os.setxattr("/etc/app.conf", "user.edited", b"yes")
os.setxattr("/opt/app/lib/two", "trusted.app", b"\0\1\2")
os.removexattr("/opt/app/lib/two", "user.app")
os.setxattr("/usr/bin/env", "security.capability",
            struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0))
# user::rwx user:1234:r-- group::r-x mask::r-x other::---
entries = [(1, 7, 0xFFFFFFFF), (2, 4, 1234), (4, 5, 0xFFFFFFFF), (16, 5, 0xFFFFFFFF),
           (32, 0, 0xFFFFFFFF)]
acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
os.mkdir("acl")
os.setxattr("acl", "system.posix_acl_access", acl)
os.setxattr("acl", "system.posix_acl_default", acl)
open("acl/inherits", "w").close()
assert os.getxattr("/etc/app.conf", "user.edited") == b"yes"
assert "user.app" not in os.listxattr("/opt/app/lib/two")
PYTHON
  python3 set.py
}

function_of() {
  echo "${1//[^a-z0-9]/_}"
}

if (($#)); then
  set -euo pipefail
  umask 022
  "$(function_of "$1")"
  exit
fi

for step in "${steps[@]}"; do
  start=$EPOCHREALTIME
  output=$(timeout --kill-after=5 120 bash -x "$0" "$step" 2>&1 </dev/null)
  status=$?
  elapsed=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
  if ((status == 0)); then
    printf 'ok\t%s\t%d ms\n' "$step" "$elapsed"
  else
    printf 'failed (%d)\t%s\t%d ms\n' "$status" "$step" "$elapsed"
    tail -n 30 <<<"$output"
  fi
done
