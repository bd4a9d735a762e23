"""A program at the far end of a pseudo terminal that speaks AT to the app: it says what it is told, and tells what comes.

Lines on stdin after the first, JSON: {"say": text} sends; {"echo": true} gives back from now on whatever comes in; {"vanish": true} hangs
up, as an adapter does that is pulled out. Bytes move at once: this is about what is said, not about the wire.
"""

import json
import os
import select
import sys
import time
import tty

from wire import log


def main():
    master, slave = os.openpty()
    path = os.ttyname(slave)
    tty.setraw(slave)
    os.close(slave)  # only then does POLLHUP on this side tell that the host has the port closed
    os.set_blocking(master, False)
    poller = select.poll()
    poller.register(master, select.POLLIN)
    poller.register(sys.stdin, select.POLLIN)
    log("ready", path=path)

    echo = False
    is_open = False
    outgoing = b""
    told = b""
    skip = 1  # the first line is the scenario: there is nothing to set
    while True:
        ready = dict(poller.poll(5 if outgoing or not is_open else 50))
        flags = ready.get(master, 0)
        if flags & select.POLLHUP:
            time.sleep(0.005)  # a hung-up terminal is always ready
        if bool(flags & select.POLLHUP) == is_open:
            is_open = not is_open
            log("opened" if is_open else "closed")
        if flags & select.POLLIN:
            data = os.read(master, 65536)
            log("heard", text=data.decode("latin-1"))
            if echo:
                outgoing += data
        if ready.get(sys.stdin.fileno(), 0):
            chunk = os.read(sys.stdin.fileno(), 1 << 16)
            if not chunk:
                return  # whoever started this program is gone
            *lines, told = (told + chunk).split(b"\n")
            for line in lines[skip:]:
                order = json.loads(line)
                outgoing += order.get("say", "").encode("latin-1")
                echo = order.get("echo", echo)
                if order.get("vanish"):
                    poller.unregister(master)
                    os.close(master)
                    log("hangup")
                    sys.stdin.read()
                    return
            skip = 0 if lines else skip
        if outgoing and is_open:
            try:
                outgoing = outgoing[os.write(master, outgoing) :]
            except BlockingIOError:
                pass  # the host reads as fast as it can


main()
