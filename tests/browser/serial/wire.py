"""The far end of a pseudo terminal, made to behave like a wire with a UART at each end.

A pty moves bytes at once and knows no baud rate. Here every character takes its ten bits, in both directions; the host's
rate is read from its terminal settings at the moment it counts; what is sent at a rate the other side does not listen to
is noise, and what is sent while the host has the port closed is lost.

Times are monotonic seconds inside and milliseconds in the log.
"""

import collections
import json
import os
import re
import select
import sys
import termios
import time
import tty

BITS = 10  # start, seven data and parity or eight data, stop
RATES = {getattr(termios, name): int(name[1:]) for name in dir(termios) if re.fullmatch(r"B\d+", name)}
OPEN_SPEED = 5  # position of ospeed in the list that tcgetattr gives
STEP = 0.001  # the host's settings are looked at this often, in seconds
# A worker of the kernel carries a pty's bytes over: 0.2 ms late as a rule, some ms on a busy machine. What seems to have
# left by this much too late when the host switches has left in time. No rate has it forgive more than half a character.
LATENESS = 0.005

Character = collections.namedtuple("Character", "byte parity_ok start end baud")


def log(event, **details):
    """One JSON line on stdout; floats are monotonic seconds and are written as milliseconds."""
    line = {"event": event, "time": time.monotonic(), **details}
    print(json.dumps({k: round(v * 1000, 3) if isinstance(v, float) else v for k, v in line.items()}), flush=True)


def with_parity(byte):
    """The character with even parity in bit 7."""
    byte &= 0x7F
    return byte | 0x80 if bin(byte).count("1") % 2 else byte


def run_ahead_of_others():
    """A wire is never late, however busy the machine is. False where that is not allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    return True


class Wire:
    """Half-duplex line to a host that opens `path`. `echo`: the head reflects what the host sends."""

    def __init__(self, seven_bit=True, echo=False):
        self.seven_bit = seven_bit
        self.echo = echo
        self.received = collections.deque()  # characters that arrived, oldest first
        self.open = False
        self.baud = None
        self._flying = collections.deque()  # characters the host handed over that have not wholly left it
        self._host_free = 0.0
        self.master, slave = os.openpty()
        self.path = os.ttyname(slave)
        tty.setraw(slave)
        # Not kept open: only then does POLLHUP on this side tell that the host has the port closed.
        os.close(slave)
        os.set_blocking(self.master, False)
        self._poller = select.poll()
        self._poller.register(self.master, select.POLLIN)
        self._poller.register(sys.stdin, select.POLLIN)

    def character(self, until):
        """The next character that arrives before `until`, or None."""
        while not self.received and time.monotonic() < until:
            self._step(until)
        return self.received.popleft() if self.received else None

    def pause(self, until):
        while time.monotonic() < until:
            self._step(until)

    def send(self, data, baud):
        """Sends at `baud`, each character arriving when its stop bit does. Gives the log's details of what went out."""
        start = time.monotonic()
        lost = garbled = 0
        for position, byte in enumerate(data, 1):
            self.pause(start + position * BITS / baud)
            self._look()
            if not self.open:
                lost += 1
            elif self.baud != baud:
                garbled += 1
                self._deliver(byte * 37 + 0x95 & 0xFF)
            else:
                self._deliver(with_parity(byte) if self.seven_bit else byte)
        if self.received:
            # A meter that sends does not listen.
            log("noise", reason="while the meter was sending", characters=len(self.received))
            self.received.clear()
        return {"start": start, "end": start + len(data) * BITS / baud, "baud": baud, "characters": len(data),
                "lost": lost, "garbled": garbled}

    def hang_up(self):
        """The adapter is pulled out: the host's reads and writes fail from now on."""
        os.close(self.master)

    def _step(self, until):
        self._look()
        now = time.monotonic()
        if self._flying:
            until = min(until, self._arrival(self._flying[0]))
        wait = max(0.0, min(until - now, STEP))
        if self.open:
            select.select([self.master], [], [], wait)
        else:
            time.sleep(wait)  # a hung-up terminal is always readable
        self._look()

    def _look(self):
        """Takes in what the host did since the last look: wrote, closed, opened, changed the rate."""
        ready = dict(self._poller.poll(0))
        if ready.get(sys.stdin.fileno(), 0):
            sys.exit()  # whoever started this program is gone
        flags = ready.get(self.master, 0)
        is_open = not flags & select.POLLHUP
        baud = RATES.get(termios.tcgetattr(self.master)[OPEN_SPEED]) if is_open else None
        self._land()
        if (is_open, baud) != (self.open, self.baud):
            self._cut_short()
            log("closed" if not is_open else "rate" if self.open else "opened", baud=baud)
            self.open, self.baud = is_open, baud
        if flags & select.POLLIN:
            self._take_off()
            if not is_open:
                self._cut_short()

    def _cut_short(self):
        """What had not left when the port was closed or its rate changed arrives as nothing anyone can read."""
        self._land(forgiving=True)
        if self._flying:
            log("noise", reason="cut short by the host", characters=len(self._flying))
            self._flying.clear()
            self._host_free = 0.0

    def _take_off(self):
        now = time.monotonic()
        for byte in os.read(self.master, 4096):
            start = max(now, self._host_free)
            self._host_free = start + BITS / (self.baud or 300)
            self._flying.append((byte, start, self.baud))

    def _arrival(self, flying):
        _, start, baud = flying
        return start + (BITS - 0.5) / (baud or 300)  # a receiver is done in the middle of the stop bit

    def _land(self, forgiving=False):
        now = time.monotonic()
        while self._flying:
            byte, start, baud = self._flying[0]
            late = min(LATENESS, BITS / 2 / (baud or 300)) if forgiving else 0
            if self._arrival(self._flying[0]) > now + late:
                return
            self._flying.popleft()
            parity_ok = not self.seven_bit or byte == with_parity(byte)
            value = byte & 0x7F if self.seven_bit else byte
            self.received.append(Character(value, parity_ok, start, start + BITS / (baud or 300), baud))
            if self.echo:
                self._deliver(byte)

    def _deliver(self, byte):
        try:
            os.write(self.master, bytes([byte]))
        except OSError as error:
            # Nobody reads fast enough (EAGAIN) or the host closed this instant (EIO): as on a wire, the byte is gone.
            log("lost", reason=error.strerror)
