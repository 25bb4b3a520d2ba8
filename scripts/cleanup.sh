# shellcheck shell=bash
# Sourced: takes away what a script has mounted and started, and nothing else.
#
# A daemon leaves its session and its parent, so neither a process group nor a process tree finds
# it again. It keeps its environment: LAMINA_RUN marks all that a script started.

mark_processes() {
  export LAMINA_RUN
  LAMINA_RUN=$1-$$-$(date +%s%N)
}

# Mount points at or below a directory, the last mounted first.
mounts_below() {
  local directory=$1 point
  local _id _parent _device _root _rest
  while read -r _id _parent _device _root point _rest; do
    point=$(printf '%b' "$point") # the kernel writes blanks as \040
    if [[ $point == "$directory" || $point == "$directory"/* ]]; then
      printf '%s\n' "$point"
    fi
  done </proc/self/mountinfo | tac
}

# A busy mount goes lazily: its daemon ends when the last user is gone.
unmount_below() {
  local point
  while read -r point; do
    # Without canonicalizing: a look at a mount whose daemon hangs would hang as well.
    timeout --kill-after=5 30 umount --no-canonicalize "$point" 2>/dev/null \
      || timeout --kill-after=5 30 umount --no-canonicalize --lazy "$point" \
      || echo "cannot unmount $point" >&2
  done < <(mounts_below "$1")
}

# Those of this run, without this shell: its own environment is from before the mark was set.
marked_processes() (
  mark=LAMINA_RUN=$LAMINA_RUN
  # Without the mark in their own environment, grep and cut do not find each other.
  unset LAMINA_RUN
  # Processes end while grep looks at them; it says so, and that is no error here.
  grep --null-data --files-with-matches --line-regexp --fixed-strings --no-messages \
    "$mark" /proc/[0-9]*/environ | cut -d / -f 3 || true
)

end_processes() {
  local pids signal
  for signal in TERM KILL; do
    mapfile -t pids < <(marked_processes)
    ((${#pids[@]})) || return 0
    kill -s "$signal" "${pids[@]}" 2>/dev/null || true # ended meanwhile
    for _ in {1..100}; do
      mapfile -t pids < <(marked_processes)
      ((${#pids[@]})) || return 0
      sleep 0.1
    done
  done
}

# Unmounts what is below a directory, ends this run's processes, deletes the directory.
clean_up() {
  local directory=$1
  # Nothing may interrupt this.
  trap '' INT TERM HUP
  unmount_below "$directory"
  end_processes
  if [[ -n $(mounts_below "$directory") ]]; then
    echo "still mounted, not deleted: $directory" >&2
    return 1
  fi
  rm -rf --one-file-system "$directory"
}
