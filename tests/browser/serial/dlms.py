"""A DLMS/COSEM meter over HDLC at 9600 Bd, at true pace; made and ended as meter.py is. Written from the standards alone:
server 1/17, any client, logical names, no security.

Scenario:
  values   A-XDR in hex by attribute, "00010000600100FF02": class, name, number; what is written by SET stays
  signOn   identification "/XXX5\\2..." of mode E: the meter is at 300 Bd until its acknowledge comes; absent: HDLC at once
  block    longer values come in blocks of so many bytes, 100
"""

import json
import sys
import time

from wire import Wire, log, run_ahead_of_others

FIRST, FAST = 300, 9600
REACTION = 0.03
OWN = bytes([0x02, 0x23])  # 1/17
NOT_SET, DENIED = 4, 3


def fcs(data):
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return (crc ^ 0xFFFF).to_bytes(2, "little")


def frame(client, control, info=b""):
    length = 2 + 1 + len(OWN) + 1 + 2 + (len(info) + 2 if info else 0)
    head = bytes([0xA0 | length >> 8, length & 0xFF, client]) + OWN + bytes([control])
    body = head + fcs(head) + info if info else head
    return b"\x7e" + body + fcs(body) + b"\x7e"


class Meter:
    def __init__(self, scenario):
        self.values = {key.upper(): bytes.fromhex(value) for key, value in scenario["values"].items()}
        self.sign_on = scenario.get("signOn")
        self.block = scenario.get("block", 100)
        self.wire = Wire(seven_bit=self.sign_on is not None)
        self.rest, self.number = b"", 0

    def run(self):
        log("ready", path=self.wire.path, realtime=run_ahead_of_others())
        while True:
            if self.sign_on is not None:
                self.open_in_mode_e()
            self.hdlc()

    def open_in_mode_e(self):
        self.wire.seven_bit = True
        text = ""
        while not text.endswith("/?!\r\n"):
            character = self.wire.character(float("inf"))
            text = (text + chr(character.byte))[-40:] if character.baud == FIRST and character.parity_ok else ""
        log("request", text=text.strip())
        self.wire.pause(time.monotonic() + 0.2)
        self.wire.send(f"{self.sign_on}\r\n".encode("latin-1"), FIRST)
        text, until = "", time.monotonic() + 2.0
        while not text.endswith("\r\n"):
            character = self.wire.character(until)
            if character is None:
                return self.open_in_mode_e()
            text += chr(character.byte) if character.baud == FIRST else ""
        log("acknowledge", text=text[:4])
        if text != "\x06252\r\n":
            return self.open_in_mode_e()
        self.wire.pause(time.monotonic() + 0.25)
        self.wire.send(text.encode("latin-1"), FAST)
        self.wire.seven_bit = False

    def hdlc(self):
        """Frame after frame; with a sign-on up to the end of the connection."""
        expected = sent = 0
        while True:
            got = self.hear_frame()
            if got is None:
                return
            client, control, info, end = got
            log("frame", text=f"{control:02X} {info.hex().upper()}")
            if control & 0xEF == 0x83:  # SNRM
                expected = sent = 0
                answer = frame(client, 0x73, bytes.fromhex("8180120501800601800704000000010804" "00000001"))
            elif control & 0xEF == 0x43:  # DISC
                self.answer(frame(client, 0x73), end)
                if self.sign_on is not None:
                    return
                continue
            elif control & 1 == 0:  # I
                expected = (expected + 1) % 8
                message = self.apply(info[3:])
                answer = frame(client, expected << 5 | 0x10 | sent << 1, b"\xe6\xe7\x00" + message)
                sent = (sent + 1) % 8
            else:
                answer = frame(client, expected << 5 | 0x11)
            self.answer(answer, end)

    def answer(self, data, end):
        self.wire.pause(end + REACTION)
        log("answer", text=data.hex().upper(), **self.wire.send(data, FAST))

    def hear_frame(self):
        data = b""
        while True:
            until = time.monotonic() + (120.0 if not data else 0.2)
            character = self.wire.character(until)
            if character is None:
                if not data and self.sign_on is not None:
                    return None
                data = b""
                continue
            if character.baud != FAST:
                continue
            if not data and character.byte == 0x7E:
                continue
            data += bytes([character.byte])
            length = (data[0] & 7) << 8 | data[1] if len(data) > 1 else 0xFFFF
            if len(data) < length:
                continue
            whole, data = data, b""
            at = 2
            while not whole[at] & 1:
                at += 1
            server, client, control = whole[2:at + 1], whole[at + 1], whole[at + 2]
            if fcs(whole[:-2]) != whole[-2:] or server != OWN:
                continue
            return client, control, whole[at + 5:-2], character.end

    def apply(self, message):
        tag = message[0]
        if tag == 0x60:
            return bytes.fromhex(
                "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000101D00800007"
            )
        if tag == 0x62:
            return bytes.fromhex("6303800100")
        kind, invocation = message[1], message[2:3]
        if tag == 0xC0 and kind == 1:
            value = self.values.get(message[3:12].hex().upper())
            if value is None:
                return b"\xc4\x01" + invocation + bytes([1, NOT_SET])
            if len(value) <= self.block:
                return b"\xc4\x01" + invocation + b"\x00" + value
            self.rest, self.number = value, 0
            return self.next_block(invocation)
        if tag == 0xC0 and kind == 2 and int.from_bytes(message[3:7], "big") == self.number:
            return self.next_block(invocation)
        if tag == 0xC1 and kind == 1:
            key = message[3:12].hex().upper()
            if key in self.values:
                self.values[key] = message[13:]
            return b"\xc5\x01" + invocation + bytes([0 if key in self.values else DENIED])
        return bytes.fromhex("D80102")

    def next_block(self, invocation):
        part, self.rest = self.rest[:self.block], self.rest[self.block:]
        self.number += 1
        last = 0 if self.rest else 1
        return b"\xc4\x02" + invocation + bytes([last]) + self.number.to_bytes(4, "big") + bytes([0, len(part)]) + part


if __name__ == "__main__":
    Meter(json.loads(sys.stdin.readline())).run()
