"""A household meter that pushes SML at 9600 Bd 8N1 over the wire of wire.py, written from the description of SML 1.04; made
and ended as meter.py is. It never listens.

Scenario:
  everyMs   from the start of one transmission to the start of the next, 1000
  loses     of each so many transmissions a byte is lost in one; 0: of none
  number    eight digits behind 1OHU00
"""

import json
import sys
import time

from wire import Wire, log, run_ahead_of_others

BAUD = 9600


def crc(data):
    """CRC-16/X-25 (ISO/IEC 13239), bit by bit."""
    value = 0xFFFF
    for byte in data:
        for bit in range(8):
            differs = (value ^ byte >> bit) & 1
            value >>= 1
            if differs:
                value ^= 0x8408
    return (value ^ 0xFFFF).to_bytes(2, "little")


def field(kind, length):
    return bytes([kind << 4 | length]) if length < 16 else bytes([0x80 | kind << 4 | length >> 4, length & 15])


def octets(data):
    own = 1 if len(data) < 15 else 2
    return field(0, len(data) + own) + data


def unsigned(value, size):
    return field(6, size + 1) + value.to_bytes(size, "big")


def signed(value, size):
    return field(5, size + 1) + value.to_bytes(size, "big", signed=True)


def many(*items):
    return field(7, len(items)) + b"".join(items)


NONE = b"\x01"


def message(number, tag, body):
    head = field(7, 6) + octets(bytes([number])) + unsigned(0, 1) + unsigned(0, 1) + many(unsigned(tag, 4), body)
    return head + b"\x63" + crc(head) + b"\x00"


def entry(code, value, status=NONE, unit=NONE, scaler=NONE):
    return many(octets(bytes(code)), status, NONE, unit, scaler, value, NONE)


def transmission(number, count):
    server = b"\x0a\x01OHU\x00" + number.to_bytes(4, "big")
    at = many(unsigned(1, 1), unsigned(1000 + count, 4))
    watt, hour = unsigned(27, 1), unsigned(30, 1)
    values = many(
        entry((1, 0, 96, 50, 1, 1), octets(b"OHU")),
        entry((1, 0, 96, 1, 0, 255), octets(server)),
        entry((1, 0, 1, 8, 0, 255), unsigned(0x1B1B1B1B + count, 8), unsigned(0x1C0104, 3), hour, signed(-1, 1)),
        entry((1, 0, 16, 7, 0, 255), signed(-250 - count, 2), NONE, watt, signed(0, 1)),
    )
    payload = (
        message(1, 0x0101, many(NONE, NONE, octets(b"\x01"), octets(server), at, NONE))
        + message(2, 0x0701, many(NONE, octets(server), NONE, at, values, NONE, NONE))
        + message(3, 0x0201, many(NONE))
    )
    data = b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01" + payload.replace(b"\x1b" * 4, b"\x1b" * 8)
    fill = -len(data) % 4
    data += bytes(fill) + b"\x1b\x1b\x1b\x1b\x1a" + bytes([fill])
    return data + crc(data)


def main():
    scenario = json.loads(sys.stdin.readline())
    every = scenario.get("everyMs", 1000) / 1000
    loses = scenario.get("loses", 0)
    number = int(scenario.get("number", "20030040"))
    wire = Wire(seven_bit=False)
    log("ready", path=wire.path, realtime=run_ahead_of_others())
    at = time.monotonic() + every
    count = 0
    while True:
        wire.pause(at)
        at += every
        if not wire.open:
            continue
        data = transmission(number, count)
        count += 1
        if loses and count % loses == 0:
            data = data[: len(data) // 2] + data[len(data) // 2 + 1 :]
        log("data", text=data.hex().upper(), **wire.send(data, BAUD))


main()
