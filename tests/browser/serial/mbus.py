"""A bus of M-Bus slaves (EN 13757-2 and -3) behind a level converter, at true pace; made and ended as meter.py is.

Scenario:
  baud    2400
  slaves  list of
    identification  eight digits
    manufacturer    three letters
    version         1
    medium          7, water
    primary         primary address, 0
    telegrams       of every telegram of a readout its volumes in liters; the storage number counts on through all of
                    them, and each telegram but the last ends with 1F: more records follow
    reactionMs      between request and answer, 20
    loses           the number of a telegram whose first sending nobody receives

A pty knows no parity, so characters are 8N1. What several slaves send at once overlaps bit by bit: whoever draws
current makes a space, so that a 1 is seen only where all of them send one.
"""

import json
import sys
import time
from bisect import bisect_left, bisect_right

from wire import BITS, Wire, log, run_ahead_of_others

ACKNOWLEDGE = b"\xe5"
SND_NKE, REQ_UD1, REQ_UD2, FCB = 0x40, 0x5A, 0x5B, 0x20
SELECT, RESPONSE = 0x52, 0x72  # control information
SELECTED, TEST, BROADCAST = 253, 254, 255
IDLE_BITS = 33  # after so many a slave takes what comes for a new frame
FOREVER = float("inf")


def bcd(digits):
    """Digits, or F, low byte first."""
    return bytes.fromhex(digits)[::-1]


def long_frame(control, address, information, data):
    body = bytes([control, address, information]) + data
    return bytes([0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) & 0xFF, 0x16])


def length_of(beginning):
    """Characters of the frame that begins so; None where none does. A beginning of 68 alone is taken for the shortest."""
    if beginning[0] == 0x10:
        return 5
    if beginning[0] != 0x68:
        return None
    if len(beginning) < 4:
        return 9
    _, length, again, start = beginning[:4]
    return length + 6 if length == again and start == 0x68 and length >= 3 else None


def is_sound(frame):
    body = frame[4:-2] if frame[0] == 0x68 else frame[1:-2]
    return frame[-1] == 0x16 and frame[-2] == sum(body) & 0xFF


def volume(liters, storage):
    """One record: eight digits BCD, 10^-3 m3, with up to five bits of storage number."""
    dif = 0x0C | (storage & 1) << 6
    extension = storage >> 1
    head = bytes([dif | 0x80, extension]) if extension else bytes([dif])
    return head + b"\x13" + bcd(f"{liters:08}")


class Slave:
    def __init__(self, spec):
        self.identification = spec["identification"]
        letters = spec["manufacturer"]
        number = sum(ord(letter) - 64 << shift for letter, shift in zip(letters, (10, 5, 0)))
        self.kind = number.to_bytes(2, "little") + bytes([spec.get("version", 1), spec.get("medium", 7)])
        self.primary = spec.get("primary", 0)
        self.reaction = spec.get("reactionMs", 20) / 1000
        self.telegrams = self.records_of(spec["telegrams"])
        self.loses = spec.get("loses")
        self.selected = False
        self.access = 0
        self.reset_link()

    @staticmethod
    def records_of(telegrams):
        storage = iter(range(32))
        records = [b"".join(volume(liters, next(storage)) for liters in telegram) for telegram in telegrams]
        return [record + b"\x1f" for record in records[:-1]] + records[-1:]

    def reset_link(self):
        self.last_bit = self.last_answer = None
        self.telegram = -1

    def answer(self, frame):
        """What it sends after this frame; nothing: empty."""
        if frame[0] == 0x68 and frame[6] == SELECT:
            return self.answer_selection(frame[7:-2]) if frame[5] == SELECTED else b""
        control, address = frame[1:3] if frame[0] == 0x10 else frame[4:6]
        if not (self.selected if address == SELECTED else address in (self.primary, TEST, BROADCAST)):
            return b""
        reply = self.answer_request(control, address)
        return b"" if address == BROADCAST else reply

    def answer_selection(self, mask):
        digits = mask[3::-1].hex()
        fits = len(mask) == 8 and all(wanted in ("f", own) for wanted, own in zip(digits, self.identification))
        fits = fits and mask[4:6] in (b"\xff\xff", self.kind[:2])
        self.selected = fits and all(wanted in (0xFF, own) for wanted, own in zip(mask[6:], self.kind[2:]))
        if not self.selected:
            return b""
        self.reset_link()
        return ACKNOWLEDGE

    def answer_request(self, control, address):
        if control == SND_NKE:
            self.reset_link()
            self.selected = self.selected and address != SELECTED
            return ACKNOWLEDGE
        if control & ~FCB == REQ_UD1:
            return ACKNOWLEDGE  # no alarm
        return self.answer_data(control & FCB) if control & ~FCB == REQ_UD2 else b""

    def answer_data(self, bit):
        """The next telegram, or the last one once more where the frame count bit is that of the last request."""
        if bit != self.last_bit:
            self.last_bit = bit
            self.telegram = (self.telegram + 1) % len(self.telegrams)
            self.access = self.access + 1 & 0xFF
            head = bcd(self.identification) + self.kind + bytes([self.access, 0, 0, 0])
            self.last_answer = long_frame(0x08, self.primary, RESPONSE, head + self.telegrams[self.telegram])
        if self.loses != self.telegram + 1:
            return self.last_answer
        self.loses = None
        log("answer lost", text=self.last_answer.hex().upper())
        return b""


def overlapped(answers, baud):
    """What one receiver makes of `answers`, a list of (start, bytes): a list of (start, byte), times in seconds."""
    first = min(start for start, _ in answers)
    spaces = sorted(
        (start - first) * baud + position * BITS + bit
        for start, data in answers
        for position, byte in enumerate(data)
        for bit in range(BITS)
        if not (0x200 | byte << 1) >> bit & 1  # start bit, data from the lowest, stop bit
    )

    def space_at(moment):
        """The space that lasts at this bit time, if any."""
        index = bisect_right(spaces, moment) - 1
        return spaces[index] if index >= 0 and spaces[index] > moment - 1 else None

    characters = []
    moment = 0.0
    while (index := bisect_left(spaces, moment)) < len(spaces):
        start = spaces[index]
        byte = sum((space_at(start + bit + 1.5) is None) << bit for bit in range(8))
        characters.append((first + start / baud, byte))
        moment = start + BITS - 0.5
        while (space := space_at(moment)) is not None:
            moment = space + 1  # a wrong stop bit: the next start bit needs a mark before it
    return characters


def runs(characters, baud):
    """Characters that follow each other without a pause, put together: a list of (start, bytes)."""
    together = []
    for start, byte in characters:
        if together and abs(start - together[-1][0] - len(together[-1][1]) * BITS / baud) < 0.1 / baud:
            together[-1][1].append(byte)
        else:
            together.append((start, bytearray([byte])))
    return together


class Bus:
    def __init__(self, scenario):
        self.baud = scenario.get("baud", 2400)
        self.slaves = [Slave(spec) for spec in scenario["slaves"]]
        self.wire = Wire(seven_bit=False)

    def run(self):
        log("ready", path=self.wire.path, realtime=run_ahead_of_others())
        while True:
            frame, end = self.hear()
            answers = [(end + slave.reaction, answer) for slave in self.slaves if (answer := slave.answer(frame))]
            if answers:
                self.send(answers)

    def hear(self):
        """The next frame at the bus's rate, and when its last stop bit was over."""
        while True:
            beginning = bytearray()
            start = end = FOREVER
            wanted = 1
            while wanted is not None and len(beginning) < wanted:
                character = self.wire.character(end + IDLE_BITS / self.baud)
                if character is None or character.baud != self.baud:
                    break
                start = character.start if not beginning else start
                end = character.end
                beginning.append(character.byte)
                wanted = length_of(beginning)
            text = beginning.hex().upper()
            if len(beginning) == wanted and is_sound(beginning):
                log("frame", text=text, start=start, end=end, baud=self.baud, characters=wanted)
                return bytes(beginning), end
            log("noise", reason="no frame", text=text, characters=len(beginning))

    def send(self, answers):
        characters = overlapped(answers, self.baud)
        parts = []
        for start, data in runs(characters, self.baud):
            self.wire.pause(start)
            parts.append(self.wire.send(data, self.baud))
        total = {name: sum(part[name] for part in parts) for name in ("characters", "lost", "garbled")}
        text = bytes(byte for _, byte in characters).hex().upper()
        times = {"start": parts[0]["start"], "end": parts[-1]["end"]}
        log("answer", text=text, senders=len(answers), baud=self.baud, **times, **total)


if __name__ == "__main__":
    Bus(json.loads(sys.stdin.readline())).run()
