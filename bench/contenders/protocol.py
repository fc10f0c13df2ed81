"""A contender's side of the line protocol (see protocol.mjs), for those that run in Python."""

import json
import resource
import struct
import sys
import threading
import time

GIVEN = dict(each.split("=", 1) for each in sys.argv[1:])
ROLE = GIVEN.get("role", "receive")
INTERFACES = GIVEN.get("ifaces", "vcan0").split(",")
FD = GIVEN.get("fd") == "1"
LATENCY = GIVEN.get("latency") == "1"
FILTERS = int(GIVEN.get("filters", "0"))


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def cpu_us():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return round((usage.ru_utime + usage.ru_stime) * 1e6)


def status(field):
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))


class Tally:
    def __init__(self):
        self.count = 0
        self.target = float("inf")
        self.times = []
        self.touched = 0
        self.cpu = 0
        self.reported = False
        self.block_ms = 0

    def frame(self, identifier, data):
        self.touched += identifier + data[0]
        self.count += 1
        if LATENCY:
            self.times.append(time.monotonic_ns() - struct.unpack_from("<Q", data)[0])
        if self.count >= self.target:
            self.report()
        if self.block_ms:
            end = time.monotonic() + self.block_ms / 1000
            self.block_ms = 0
            while time.monotonic() < end:
                pass

    def mark(self, target):
        self.count = 0
        self.times = []
        self.reported = False
        self.target = target
        say("MARKED")
        self.cpu = cpu_us()

    def report(self):
        cpu, at = cpu_us() - self.cpu, time.monotonic_ns()
        if self.reported:
            return
        self.reported = True
        self.target = float("inf")
        times = sorted(self.times)

        def quantile(q):
            return times[int((len(times) - 1) * q)] / 1000 if times else 0

        result = {"frames": self.count, "cpuUs": cpu, "atNs": str(at), "rssKiB": status("VmRSS")}
        result |= {"threads": status("Threads"), "p50": quantile(0.5), "p99": quantile(0.99)}
        result |= {"p999": quantile(0.999), "max": quantile(1)}
        say("RESULT " + json.dumps(result))


def contend(receive, send, pong):
    """receive(tally) and pong() never return; send(n) sends n frames."""
    if ROLE == "send":
        say("READY")
        for line in sys.stdin:
            if not line.startswith("GO"):
                return
            n = int(line.split()[1])
            cpu, begin = cpu_us(), time.monotonic_ns()
            send(n)
            ns = time.monotonic_ns() - begin
            say("RESULT " + json.dumps({"frames": n, "ns": ns, "cpuUs": cpu_us() - cpu}))
        return
    tally = Tally()

    def obey():
        for line in sys.stdin:
            word, _, value = line.strip().partition(" ")
            if word == "MARK":
                tally.mark(int(value))
            elif word == "STAT":
                tally.report()
            elif word == "BLOCK":
                tally.block_ms = int(value)
                say("ARMED")
            else:
                break
        import os

        os._exit(0)

    threading.Thread(target=obey, daemon=True).start()
    say("READY")
    pong() if ROLE == "pong" else receive(tally)
