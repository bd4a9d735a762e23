"""A meter with an optical head, IEC 62056-21 modes A, B, C and D, at the pace of a real one.

Usage: the scenario comes as one line of JSON on stdin; the program ends when stdin is closed. Every line on stdout is an
event with a monotonic time in ms; the first one, "ready", carries the path of the terminal that the host has to open.

Scenario (all but mode, identification and data may be left out):
  mode            "A", "B", "C" or "D"
  identification  "/XXXZ..." without CR LF; Z and the case of X decide rate and reaction time
  data            the data block up to and including "!" CR LF
  address         answers "/?!" and this address
  request         answers this exact text instead (without CR LF), such as "/#!"
  initialBaud     300; mode D: the rate of the push, 2400
  reactionMs      the meter's reaction time, 200 (20 with a lower-case third letter)
  hostReactionMs  what the host has to keep before it answers; characters that come earlier are not heard. As reactionMs
  fallbackMs      mode C: wait for the acknowledge before the readout at the initial rate, 2000
  nakMs           wait for a request to repeat after the data, 1500
  pushMs          mode D: silence between two pushes, 1000
  framing         "7E1" or "8N1"
  frame           false: data without STX, ETX and BCC (always so in mode D)
  wakeUp          {"nuls": n, "pauseMs": ms}: deaf until it saw n NULs without a gap, and this pause after them
  echo            the head reflects what the host sends
  wrongBccs       so many data messages get a wrong BCC
  staysAtInitial  announces its rate but sends the data at the initial one
  vanishAfter     the port is lost after so many characters of the data
"""

import json
import re
import sys
import time

from wire import Wire, log, run_ahead_of_others

SOH, STX, ETX, ACK, NAK = 0x01, 0x02, 0x03, 0x06, 0x15
GAP = 1.5  # longest gap between two characters of a message, seconds
NUL_GAP = 0.005
RATES_B = {letter: 600 << power for power, letter in enumerate("ABCDEF")}
RATES_C = {digit: 300 << power for power, digit in enumerate("0123456")}
FOREVER = float("inf")


def block_check(data):
    check = 0
    for byte in data:
        check ^= byte
    return check & 0x7F


class Meter:
    def __init__(self, scenario):
        self.mode = scenario["mode"]
        self.identification = scenario["identification"]
        self.data = scenario["data"].encode("latin-1")
        fast = 0.020 if self.identification[3:4].islower() else 0.200

        def seconds(name, default):
            return scenario[name] / 1000 if name in scenario else default

        self.reaction = seconds("reactionMs", fast)
        self.host_reaction = seconds("hostReactionMs", fast)
        self.fallback = seconds("fallbackMs", 2.0)
        self.nak_window = seconds("nakMs", 1.5)
        self.push_pause = seconds("pushMs", 1.0)
        self.initial = scenario.get("initialBaud", 2400 if self.mode == "D" else 300)
        self.requests = [scenario["request"]] if "request" in scenario else ["/?!", f"/?{scenario.get('address', '')}!"]
        self.framed = scenario.get("frame", True)
        self.wake_up = scenario.get("wakeUp")
        self.wrong_bccs = scenario.get("wrongBccs", 0)
        self.stays = scenario.get("staysAtInitial", False)
        self.vanish_after = scenario.get("vanishAfter")
        self.wire = Wire(seven_bit=scenario.get("framing", "7E1") == "7E1", echo=scenario.get("echo", False))
        self.quiet_until = 0.0  # the host may not begin before

    def run(self):
        log("ready", path=self.wire.path, realtime=run_ahead_of_others())
        while True:
            if self.mode == "D":
                self.push()
            else:
                self.dialogue()

    def push(self):
        self.wire.pause(time.monotonic() + self.push_pause)
        self.send("identification", f"{self.identification}\r\n\r\n".encode("latin-1"), self.initial)
        self.send_data(self.data, self.initial)

    def dialogue(self):
        request_end = self.hear_request()
        self.wire.pause(request_end + self.reaction)
        end = self.send("identification", f"{self.identification}\r\n".encode("latin-1"), self.initial)
        self.quiet_until = end + self.host_reaction
        character = self.identification[4:5]
        baud = self.initial
        if self.mode == "B":
            baud = RATES_B[character]
        if self.mode == "C":
            end, accepted = self.hear_acknowledge(character, end + self.fallback)
            baud = RATES_C[character] if accepted else self.initial
        self.readout(end + self.reaction, self.initial if self.stays else baud)

    def hear_request(self):
        """Waits for a request that is meant for this meter and gives the time it ended."""
        asleep = self.wake_up is not None
        while True:
            text, start, end = self.hear_message(self.initial, FOREVER)
            nuls = len(text) - len(text.lstrip("\0"))
            if nuls:
                woken, start = self.check_wake_up(text, nuls)
                asleep = asleep and not woken
            request = text.lstrip("\0").removesuffix("\r\n")
            understood = request in self.requests
            name = "asleep" if asleep else "request" if understood else "not for me"
            log(name, text=request, start=start, end=end, baud=self.initial, characters=len(request) + 2)
            if name == "request":
                return end

    def check_wake_up(self, text, nuls):
        train = self.times[:nuls]
        request_start = self.times[nuls][0] if len(text) > nuls else train[-1][1]
        gap = max((after[0] - before[1] for before, after in zip(train, train[1:])), default=0.0)
        pause = request_start - train[-1][1]
        log("wake-up", nuls=nuls, start=train[0][0], end=train[-1][1], longestGap=gap, pause=pause)
        wanted = self.wake_up or {"nuls": 0, "pauseMs": 0}
        woken = nuls >= wanted["nuls"] and gap <= NUL_GAP and pause * 1000 >= wanted["pauseMs"] - 1
        return woken, request_start

    def hear_message(self, baud, until):
        """Characters up to LF, or what came before a gap; NULs in front have no gap limit (the pause after a wake-up)."""
        text, self.times = "", []
        while True:
            only_nuls = not text.strip("\0")
            limit = until if not text else self.times[-1][1] + (2 * GAP if only_nuls else GAP)
            character = self.hear(baud, limit)
            if character is None:
                if not text:
                    return "", until, until
                return text, self.times[0][0], self.times[-1][1]
            text += chr(character.byte)
            self.times.append((character.start, character.end))
            if text.endswith("\n") or text.endswith("\x01B0\x03q"):
                return text, self.times[0][0], character.end

    def hear_acknowledge(self, rate_character, until):
        """Gives when to count the reaction from, and whether the higher rate was asked for."""
        text, start, end = self.hear_message(self.initial, until)
        if not re.fullmatch("\x06[012][0-9]0\r\n", text):
            log("no acknowledge", text=text)
            self.wire.pause(until)
            return until, False
        accepted = text[2] == rate_character
        log("acknowledge", text=text[:4], accepted=accepted, start=start, end=end, baud=self.initial, characters=len(text))
        return end, accepted

    def readout(self, start, baud):
        block = self.data
        if self.framed:
            block = bytes([STX]) + self.data + bytes([ETX])
            block += bytes([block_check(block[1:])])
        while True:
            self.wire.pause(start)
            wrong = self.framed and self.wrong_bccs > 0
            self.wrong_bccs -= wrong
            end = self.send_data(block[:-1] + bytes([block[-1] ^ 0x11]) if wrong else block, baud)
            self.quiet_until = end + self.host_reaction
            character = self.hear(baud, end + self.nak_window)
            if character is None or character.byte != NAK:
                return
            log("repeat", start=character.start, end=character.end, baud=baud, characters=1)
            start = character.end + self.reaction

    def hear(self, baud, until):
        """The next character at this rate with right parity that keeps the host's reaction time."""
        while True:
            character = self.wire.character(until)
            if character is None:
                return None
            if character.baud != baud:
                reason = f"at {character.baud} Bd instead of {baud}"
            elif not character.parity_ok:
                reason = "parity"
            elif character.start < self.quiet_until - 0.5 / baud:  # half a bit
                reason = "before the reaction time"
            else:
                return character
            log("noise", reason=reason, characters=1, byte=character.byte)

    def send_data(self, block, baud):
        if self.vanish_after is None or len(block) <= self.vanish_after:
            return self.send("data", block, baud)
        self.send("data", block[: self.vanish_after], baud)
        self.wire.hang_up()
        log("hangup")
        sys.exit()

    def send(self, event, data, baud):
        sent = self.wire.send(data, baud)
        log(event, **sent)
        return sent["end"]


if __name__ == "__main__":
    Meter(json.loads(sys.stdin.readline())).run()
