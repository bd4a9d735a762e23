"""An Arduino Uno with StandardFirmata 2.5 at the far end of a pseudo terminal, written from the description of Firmata 2.x
(github.com/firmata/protocol); made and ended as at.py is. What it does happens in its own time, in order, however late it
is run; bytes move at once, and what is sent at another rate than 57600 is noise.

Scenario:
  bootMs    from the opening of the port to the first word, 300
Lines on stdin after the first, JSON:
  {"analog": {"0": 512}}                                   what the converter of a channel says from now on
  {"level": {"3": true}}                                   how a pin is from now on: true is high
  {"pulses": {"pin": 2, "count": 5, "on": 30, "off": 30}}  low for so many ms, then high for so many; "data" when they are over
  {"vanish": true}                                         hangs up, as a board does that is pulled out
"""

import json
import os
import select
import sys
import termios
import time
import tty

from wire import OPEN_SPEED, RATES, log

BAUD = 57600
NAME = "StandardFirmata"
PINS = 20
FIRST_ANALOG = 14
INPUT, OUTPUT, ANALOG, PWM, SERVO, I2C, PULLUP = 0, 1, 2, 3, 4, 6, 11


def capabilities(pin):
    if pin < 2:
        return []
    kind = [(ANALOG, 10)] if pin >= FIRST_ANALOG else [(PWM, 8)] if pin in (3, 5, 6, 9, 10, 11) else []
    wires = [(I2C, 1)] if pin in (18, 19) else []
    return [(INPUT, 1), (PULLUP, 1), (OUTPUT, 1), *kind, (SERVO, 14), *wires]


def firmware():
    return [0xF0, 0x79, 2, 5, *(part for c in NAME.encode() for part in (c & 0x7F, c >> 7)), 0xF7]


class Board:
    """What the sketch does from one reset to the next."""

    def __init__(self, world, now, boot, send):
        self.world, self.send = world, send
        self.up_at = now + boot
        self.is_up = False
        self.modes = {}
        self.channels = set()
        self.ports = {}  # reported ports, and the levels reported last
        self.interval = 0.019
        self.tick_at = self.up_at
        self.command = []

    def run(self, until):
        """Everything up to that time, in order."""
        while True:
            edge = self.world.edges[0][0] if self.world.edges else until + 1
            due = min(edge, self.tick_at if self.is_up else self.up_at)
            if due > until:
                return
            if edge <= due:
                self.world.step()
                self.report_ports()
            elif not self.is_up:
                self.is_up = True
                self.send([0xF9, 2, 5, *firmware()])
            else:
                self.tick_at += self.interval
                for channel in sorted(self.channels):
                    value = self.world.analog.get(channel, 0)
                    self.send([0xE0 | channel, value & 0x7F, value >> 7])

    def report_ports(self):
        if not self.is_up:
            return
        for port, last in self.ports.items():
            pins = [port * 8 + bit for bit in range(8)]
            levels = sum(self.world.level(pin) << (pin & 7) for pin in pins if self.modes.get(pin) in (INPUT, PULLUP))
            if levels != last:
                self.ports[port] = levels
                self.send([0x90 | port, levels & 0x7F, levels >> 7])

    def receive(self, byte):
        if not self.is_up:
            return
        if byte >= 0x80 and not (byte == 0xF7 and self.command[:1] == [0xF0]):
            self.command = []
        self.command.append(byte)
        first, rest = self.command[0], self.command[1:]
        if first == 0xF0:
            if byte == 0xF7:
                self.sysex(rest[:-1])
                self.command = []
        elif len(rest) == {0xF9: 0, 0xFF: 0, 0xF4: 2}.get(first, 1 if first & 0xF0 in (0xC0, 0xD0) else 2):
            self.obey(first, rest)
            self.command = []

    def obey(self, first, rest):
        if first == 0xFF:
            log("noise", reason="a reset would make outputs of the pins")
        elif first == 0xF9:
            self.send([0xF9, 2, 5])
        elif first == 0xF4:
            self.modes[rest[0]] = rest[1]
        elif first & 0xF0 == 0xC0:
            (self.channels.add if rest[0] else self.channels.discard)(first & 0x0F)
        elif first & 0xF0 == 0xD0:
            self.ports.pop(first & 0x0F, None)
            if rest[0]:
                self.ports[first & 0x0F] = None
                self.report_ports()

    def sysex(self, data):
        log("frame", text=bytes(data).hex().upper())
        if data == [0x79]:
            self.send(firmware())
        elif data == [0x69]:
            channel = [0x7F if pin < FIRST_ANALOG else pin - FIRST_ANALOG for pin in range(PINS)]
            self.send([0xF0, 0x6A, *channel, 0xF7])
        elif data == [0x6B]:
            each = [[part for mode in capabilities(pin) for part in mode] + [0x7F] for pin in range(PINS)]
            self.send([0xF0, 0x6C, *(part for pin in each for part in pin), 0xF7])
        elif data[:1] == [0x7A]:
            self.interval = (data[1] | data[2] << 7) / 1000


class World:
    """What is connected to the pins. Contacts pull to ground; nothing does so at first."""

    def __init__(self):
        self.analog = {0: 512, 1: 0, 2: 1023}
        self.low = set()
        self.edges = []  # (time, pin, is high), and at the end of pulses (time, None, count)

    def level(self, pin):
        return pin not in self.low

    def step(self):
        _, pin, high = self.edges.pop(0)
        if pin is None:
            log("data", characters=high)
        else:
            (self.low.discard if high else self.low.add)(pin)

    def tell(self, order, now):
        self.analog.update({int(channel): value for channel, value in order.get("analog", {}).items()})
        for pin, high in order.get("level", {}).items():
            self.edges.append((now, int(pin), high))
        if pulses := order.get("pulses"):
            at = now
            for _ in range(pulses["count"]):
                self.edges.append((at, pulses["pin"], False))
                self.edges.append((at + pulses["on"] / 1000, pulses["pin"], True))
                at += (pulses["on"] + pulses["off"]) / 1000
            self.edges.append((at, None, pulses["count"]))
        self.edges.sort(key=lambda edge: edge[0])


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

    world = World()
    board = None
    boot = 0.3
    told = b""
    first = True

    def send(data):
        baud = RATES.get(termios.tcgetattr(master)[OPEN_SPEED])
        try:
            os.write(master, bytes(data if baud == BAUD else [byte * 37 + 0x95 & 0xFF for byte in data]))
        except OSError as error:
            log("lost", reason=error.strerror)

    while True:
        ready = dict(poller.poll(1))
        now = time.monotonic()
        flags = ready.get(master, 0)
        if flags & select.POLLHUP:
            time.sleep(0.001)  # a hung-up terminal is always ready
        if bool(flags & select.POLLHUP) != (board is None):
            # Opening the port resets an Uno.
            board = None if board else Board(world, now, boot, send)
            log("opened" if board else "closed")
        if flags & select.POLLIN:
            for byte in os.read(master, 65536):
                if board:
                    board.receive(byte)
        if board:
            board.run(now)
        if ready.get(sys.stdin.fileno(), 0):
            chunk = os.read(sys.stdin.fileno(), 1 << 16)
            if not chunk:
                return  # whoever started this program is gone
            *lines, told = (told + chunk).split(b"\n")
            for order in map(json.loads, lines):
                if first:
                    boot = order.get("bootMs", 300) / 1000
                first = False
                world.tell(order, now)
                if order.get("vanish"):
                    poller.unregister(master)
                    os.close(master)
                    log("hangup")
                    sys.stdin.read()
                    return


if __name__ == "__main__":
    main()
