"""A delay line between two network devices: delay.py DEVICE DEVICE MILLISECONDS LOSS.

Frames travel with the header that says which checksums and segments are still to be made (the
kernel's struct virtio_net_hdr), so that large ones need not be cut here. Like a wire, it keeps the
order of frames and loses a share LOSS of them.
"""

import collections
import random
import select
import socket
import sys
import time

ALL_FRAMES = 0x0003  # ETH_P_ALL
SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
LARGEST_FRAME = 1 << 17
QUEUED_FRAMES = 4096


def device(name):
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    frames.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    frames.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    frames.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    frames.bind((name, ALL_FRAMES))
    frames.setblocking(False)
    return frames


class Line:
    """One direction."""

    def __init__(self, source, target, delay, loss):
        self.source, self.target, self.delay, self.loss = source, target, delay, loss
        self.under_way = collections.deque()

    def take(self):
        try:
            while True:
                frame = self.source.recv(LARGEST_FRAME)
                if random.random() >= self.loss and len(self.under_way) < QUEUED_FRAMES:
                    self.under_way.append((time.monotonic() + self.delay, frame))
        except BlockingIOError:
            pass

    def give(self, now):
        while self.under_way and self.under_way[0][0] <= now:
            try:
                self.target.send(self.under_way.popleft()[1])
            except OSError:
                pass  # A full queue loses frames, like that of any network device.


def main():
    near, far = device(sys.argv[1]), device(sys.argv[2])
    delay, loss = float(sys.argv[3]) / 1000, float(sys.argv[4])
    lines = {near: Line(near, far, delay, loss), far: Line(far, near, delay, loss)}
    while True:
        due = [line.under_way[0][0] for line in lines.values() if line.under_way]
        pause = max(0, min(due) - time.monotonic()) if due else 1
        for source in select.select(list(lines), [], [], pause)[0]:
            lines[source].take()
        now = time.monotonic()
        for line in lines.values():
            line.give(now)


if __name__ == "__main__":
    main()
