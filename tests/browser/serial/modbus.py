"""Devices of Modbus RTU on a pair of wires, at true pace; made and ended as meter.py is. By the serial line guide: a
request ends with 3.5 silent characters, and with 1.5 between two of them it is none.

Scenario:
  baud         9600
  units        list of
    unit         unit address
    words        by function and first address in hex, "040000": the registers from there on; 03 is written by 06 and 10
    objects      what it says to 2B/0E, one object an answer; without them it refuses that
    reactionMs   between request and answer, 10; 3.5 characters at least
  wrongChecks  so many answers have a wrong check
  loses        the number of an answer that nobody receives
"""

import json
import sys

from wire import Wire, log, run_ahead_of_others

CHARACTER = 11  # bits, as the guide counts them
FOREVER = float("inf")


def check(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc.to_bytes(2, "little")


class Unit:
    def __init__(self, spec):
        self.unit = spec["unit"]
        self.reaction = spec.get("reactionMs", 10) / 1000
        self.objects = spec.get("objects", [])
        self.words = {
            (int(first[:2], 16), int(first[2:], 16) + offset): word
            for first, words in spec["words"].items()
            for offset, word in enumerate(words)
        }

    def answer(self, pdu):
        function = pdu[0]
        handler = {3: self.read, 4: self.read, 6: self.write_one, 16: self.write_many, 0x2B: self.identify}.get(function)
        body = handler(pdu) if handler else None
        return bytes([self.unit]) + (body or bytes([function | 0x80, 1 if handler is None else 2]))

    def read(self, pdu):
        address, count = int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
        words = [self.words.get((pdu[0], address + offset)) for offset in range(count)]
        if None in words or not 1 <= count <= 125:
            return None
        return bytes([pdu[0], 2 * count]) + b"".join(word.to_bytes(2, "big") for word in words)

    def write_one(self, pdu):
        return pdu[:5] if self.put(int.from_bytes(pdu[1:3], "big"), [int.from_bytes(pdu[3:5], "big")]) else None

    def write_many(self, pdu):
        data = pdu[6:6 + pdu[5]]
        words = [int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data), 2)]
        return pdu[:5] if self.put(int.from_bytes(pdu[1:3], "big"), words) else None

    def put(self, address, words):
        places = [(3, address + offset) for offset in range(len(words))]
        if any(place not in self.words for place in places):
            return False
        self.words.update(zip(places, words))
        return True

    def identify(self, pdu):
        first = pdu[3]
        if first >= len(self.objects):
            return None
        text = self.objects[first].encode("ascii")
        more = first + 1 < len(self.objects)
        head = bytes([0x2B, 0x0E, 1, 1, 0xFF if more else 0, first + 1 if more else 0, 1])
        return head + bytes([first, len(text)]) + text


class Bus:
    def __init__(self, scenario):
        self.baud = scenario.get("baud", 9600)
        self.units = [Unit(spec) for spec in scenario["units"]]
        self.wrong_checks = scenario.get("wrongChecks", 0)
        self.loses = scenario.get("loses", 0)
        self.answers = 0
        self.silence = 3.5 * CHARACTER / self.baud if self.baud <= 19200 else 0.00175
        self.wire = Wire(seven_bit=False)

    def run(self):
        log("ready", path=self.wire.path, realtime=run_ahead_of_others())
        while True:
            frame, end = self.hear()
            unit = next((unit for unit in self.units if unit.unit == frame[0]), None)
            if unit:
                self.send(unit, unit.answer(frame[1:-2]), end)

    def hear(self):
        """The next request, and when its last stop bit was over."""
        while True:
            frame = bytearray()
            start = end = FOREVER
            torn = False
            while (character := self.wire.character(end + self.silence)) is not None:
                gap = character.start - end if frame else 0
                torn = torn or character.baud != self.baud or gap > 1.5 * CHARACTER / self.baud + 0.001
                start = character.start if not frame else start
                end = character.end
                frame.append(character.byte)
            text = frame.hex().upper()
            if not torn and len(frame) >= 4 and check(frame[:-2]) == frame[-2:]:
                log("frame", text=text, start=start, end=end, baud=self.baud, characters=len(frame))
                return bytes(frame), end
            log("noise", reason="torn" if torn else "no request", text=text, characters=len(frame))

    def send(self, unit, answer, end):
        self.answers += 1
        frame = answer + check(answer)
        text = frame.hex().upper()
        if self.answers == self.loses:
            log("answer lost", text=text)
            return
        if self.wrong_checks > 0:
            self.wrong_checks -= 1
            frame = frame[:-1] + bytes([frame[-1] ^ 1])
        self.wire.pause(end + max(unit.reaction, self.silence))
        log("answer", text=text, **self.wire.send(frame, self.baud))


if __name__ == "__main__":
    Bus(json.loads(sys.stdin.readline())).run()
