"""Python's own socket module, as its documentation of CAN has it: recv() and send() with struct."""

import select
import socket
import struct

import protocol

sockets = []
for name in protocol.INTERFACES:
    each = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
    if protocol.FD:
        each.setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FD_FRAMES, 1)
    if protocol.FILTERS:
        rules = b"".join(struct.pack("=II", i, 0xC00007FF) for i in range(protocol.FILTERS))
        each.setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FILTER, rules)
    each.bind((name,))
    sockets.append(each)

HEADER = struct.Struct("=IB3x")
LENGTH = 64 if protocol.FD else 8
one = sockets[0]


def take(sock, tally):
    packet = sock.recv(72)
    identifier, length = HEADER.unpack_from(packet)
    tally.frame(identifier & 0x1FFFFFFF, packet[8 : 8 + length])


def receive(tally):
    if len(sockets) == 1:
        while True:
            take(one, tally)
    poll = select.poll()
    by_fd = {each.fileno(): each for each in sockets}
    for fd in by_fd:
        poll.register(fd, select.POLLIN)
    while True:
        for fd, _ in poll.poll():
            take(by_fd[fd], tally)


def send(n):
    for i in range(n):
        one.send(HEADER.pack(0x100 + (i & 0xFF), LENGTH) + i.to_bytes(LENGTH, "little"))


def pong():
    while True:
        packet = one.recv(72)
        one.send(HEADER.pack(0x200, LENGTH) + packet[8:])


protocol.contend(receive, send, pong)
