"""A meter with programming mode, IEC 62056-21 mode C with the commands of VDEW, at true pace; made and ended as meter.py is.

Scenario:
  identification  "/XXXZ..." without CR LF; the data goes at 9600 Bd (Z = 5)
  password        wanted in P1; a wrong one ends the session by a break
  registers       values by address; what is written by W5 stays
  profile         content of P.01: headers and rows
  block           P.01 comes by R6 in blocks of so many characters; 0: by R5 at once
  spoils          so many blocks have a wrong check character at first
"""

import json
import re
import sys
import time

from wire import Wire, log, run_ahead_of_others

SOH, STX, ETX, EOT, ACK, NAK = 0x01, 0x02, 0x03, 0x04, 0x06, 0x15
REACTION = 0.2
FIRST, FAST = 300, 9600
INACTIVITY = 60.0


def sealed(text):
    body = text.encode("latin-1")
    check = 0
    for byte in body[1:]:
        check ^= byte
    return body + bytes([check & 0x7F])


class Meter:
    def __init__(self, scenario):
        self.identification = scenario["identification"]
        self.password = scenario.get("password", "")
        self.registers = dict(scenario.get("registers", {}))
        self.profile = scenario.get("profile", "")
        self.block = scenario.get("block", 0)
        self.spoils = scenario.get("spoils", 0)
        self.wire = Wire(seven_bit=True)

    def run(self):
        log("ready", path=self.wire.path, realtime=run_ahead_of_others())
        while True:
            text, end = self.line(FIRST, float("inf"))
            if not text.endswith("/?!\r\n"):
                continue
            log("request", text=text.strip())
            self.say(f"{self.identification}\r\n".encode("latin-1"), FIRST, end)
            text, end = self.line(FIRST, time.monotonic() + 2.0)
            log("acknowledge", text=text.strip())
            if text == "\x06051\r\n":
                self.session(end)

    def line(self, baud, until):
        text, end = "", until
        while not text.endswith("\n"):
            character = self.wire.character(until)
            if character is None:
                return text, end
            if character.baud == baud and character.parity_ok:
                text += chr(character.byte)
                end = character.end
        return text, end

    def say(self, data, baud, after):
        self.wire.pause(after + REACTION)
        sent = self.wire.send(data, baud)
        self.last = data
        log("answer", text=data.decode("latin-1"), **sent)

    def session(self, end):
        self.is_open = False
        self.parts = []
        self.say(sealed("\x01P0\x02()\x03"), FAST, end)
        while True:
            command, end = self.command(time.monotonic() + INACTIVITY)
            log("heard", text=command)
            if command == "" or command.startswith("\x01B0"):
                return
            if command == "\x15":
                self.say(self.last, FAST, end)
            elif command == "\x06":
                self.next_part(end)
            elif command[:-1] and sealed(command[:-1])[-1] != ord(command[-1]):
                self.say(bytes([NAK]), FAST, end)
            elif not self.obey(command[1:3], command[4:-2], end):
                return

    def command(self, until):
        """A message with its check character, or ACK or NAK."""
        text = ""
        while True:
            character = self.wire.character(until)
            if character is None:
                return "", until
            if character.baud != FAST or not character.parity_ok:
                continue
            if text[-1:] in ("\x03", "\x04") and text.startswith("\x01"):
                return text + chr(character.byte), character.end
            text = chr(character.byte) if character.byte == SOH or not text else text + chr(character.byte)
            if text in ("\x06", "\x15"):
                return text, character.end
            if text[0] != "\x01":
                text = ""

    def obey(self, name, data, end):
        parts = re.fullmatch(r"([^()]*)\(([^()]*)\)(.*)", data)
        address, value, rest = parts.groups() if parts else ("", "", "")
        if name == "P1":
            if value != self.password:
                self.say(sealed("\x01B0\x03"), FAST, end)
                return False
            self.is_open = True
            self.say(bytes([ACK]), FAST, end)
        elif name == ("R6" if self.block else "R5") and address == "P.01":
            if not self.is_open:
                self.say(sealed("\x02P.01(ERROR)\x03"), FAST, end)
            else:
                size = self.block or len(self.profile)
                self.parts = [self.profile[at:at + size] for at in range(0, len(self.profile), size)]
                self.next_part(end)
        elif name == "R5" and address in self.registers:
            self.say(sealed(f"\x02{address}({self.registers[address]})\x03"), FAST, end)
        elif name == "W5" and address in self.registers and rest == f"({self.password})":
            self.registers[address] = value
            self.say(bytes([ACK]), FAST, end)
        elif name in ("R5", "W5"):
            self.say(sealed("\x02(ERROR)\x03"), FAST, end)
        else:
            self.say(bytes([NAK]), FAST, end)
        return True

    def next_part(self, end):
        if not self.parts:
            return
        part = self.parts.pop(0)
        whole = sealed(f"\x02{part}{chr(EOT) if self.parts else chr(ETX)}")
        if self.spoils > 0:
            self.spoils -= 1
            self.say(whole[:-1] + bytes([whole[-1] ^ 1]), FAST, end)
            self.last = whole
        else:
            self.say(whole, FAST, end)


if __name__ == "__main__":
    Meter(json.loads(sys.stdin.readline())).run()
