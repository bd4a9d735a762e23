#!/bin/sh
# Chromium in a mount namespace of its own, where one harmless terminal counts as its only serial port and the page at
# $SERIAL_ORIGIN may use it. Everything mounted here is gone with the last process; nothing is left on the machine.
#
# Chromium lists the tty devices of sysfs whose major and minor number /proc/tty/drivers calls "serial", and opens the
# node that sysfs names. So the list is replaced by one line for $SERIAL_NODE (no real adapter of the machine is touched),
# and the harness binds a pty over that node. Policies are read from /etc, by Chromium and by Chrome for Testing.
#
# $SERIAL_RIG: a directory of the harness, with "drivers" in it; the process id, kept by every exec, is written to "pid".
set -eu
if [ -z "${SERIAL_INSIDE:-}" ]; then
  SERIAL_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"
fi
mkdir "$SERIAL_RIG/etc"
mount -t tmpfs tmpfs "$SERIAL_RIG/etc"
mkdir "$SERIAL_RIG/etc/upper" "$SERIAL_RIG/etc/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$SERIAL_RIG/etc/upper,workdir=$SERIAL_RIG/etc/work" /etc
for directory in /etc/chromium /etc/opt/chrome /etc/opt/chrome_for_testing; do
  mkdir -p "$directory/policies/managed"
  printf '{"SerialAllowAllPortsForUrls": ["%s"]}' "$SERIAL_ORIGIN" >"$directory/policies/managed/serial.json"
done
mount --bind "$SERIAL_RIG/drivers" /proc/tty/drivers
mount --bind /dev/null "$SERIAL_NODE"
echo $$ >"$SERIAL_RIG/pid"
# Ahead of whatever else runs: a meter with 20 ms reaction does not wait for a busy machine. The meter's program does the same.
if chrt --rr 1 true 2>/dev/null; then
  exec chrt --rr 1 "$SERIAL_CHROMIUM" "$@"
fi
exec nice -n -15 "$SERIAL_CHROMIUM" "$@"
