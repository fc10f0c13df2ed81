"""python-can with its socketcan interface (Debian: python3-can)."""

import can

import protocol

FILTERS = [{"can_id": i, "can_mask": 0x7FF, "extended": False} for i in range(protocol.FILTERS)]
buses = [
    can.Bus(name, interface="socketcan", fd=protocol.FD, can_filters=FILTERS or None)
    for name in protocol.INTERFACES
]
LENGTH = 64 if protocol.FD else 8


def message(identifier, data):
    return can.Message(
        arbitration_id=identifier, data=data, is_extended_id=False, is_fd=protocol.FD
    )


def receive(tally):
    if len(buses) > 1:
        can.Notifier(buses, [lambda each: tally.frame(each.arbitration_id, each.data)])
        while True:
            protocol.time.sleep(1000)
    while True:
        each = buses[0].recv()
        if each is not None:
            tally.frame(each.arbitration_id, each.data)


def send(n):
    for i in range(n):
        buses[0].send(message(0x100 + (i & 0xFF), i.to_bytes(LENGTH, "little")))


def pong():
    while True:
        each = buses[0].recv()
        if each is not None:
            buses[0].send(message(0x200, each.data))


protocol.contend(receive, send, pong)
