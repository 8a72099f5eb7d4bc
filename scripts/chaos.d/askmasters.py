"""Asks masters who leads, or has one lead: askmasters.py ADDRESS,ADDRESS,... [LEADER TO].

The command `cairn masters` does the same, but starts a JVM for it, which costs more than everything
else on a machine that is busy. Questions are frames of dev.cairn.rpc.unary, messages those of
masters.proto. Prints a JSON list of what each master said; null for one that did not.
"""

import json
import socket
import struct
import sys
import threading

PREFACE = 0x43524E55
OK = 0
ANSWER_SECONDS = 5
MOVE_SECONDS = 30
ROLES = ("starting", "following", "leading", "standing", "removed")


def ask(address, method, message=b"", seconds=ANSWER_SECONDS):
    """The answer's fields, or an OSError."""
    host, port = address.rsplit(":", 1)
    name = f"cairn.MastersService/{method}".encode()
    body = struct.pack(">QB", 1, len(name)) + name + message
    with socket.create_connection((host, int(port)), timeout=seconds) as connection:
        connection.sendall(struct.pack(">II", PREFACE, len(body)) + body)
        length = struct.unpack(">I", exactly(connection, 4))[0]
        answer = exactly(connection, length)
    if answer[8] != OK:
        raise OSError(answer[13:].decode(errors="replace"))
    return fields(answer[9:])


def exactly(connection, count):
    content = b""
    while len(content) < count:
        part = connection.recv(count - len(content))
        if not part:
            raise OSError("the connection is closed")
        content += part
    return content


def varint(content, at):
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(content):
    """A message's fields, as {number: [values]}; only numbers and byte strings are known here."""
    found, at = {}, 0
    while at < len(content):
        key, at = varint(content, at)
        value, at = varint(content, at)
        if key & 7 == 2:
            value, at = content[at : at + value], at + value
        found.setdefault(key >> 3, []).append(value)
    return found


def text(message, number):
    return message.get(number, [b""])[0].decode()


def member(message):
    return {
        "address": text(message, 1),
        "role": ROLES[message.get(3, [0])[0]],
        "last": message.get(4, [0])[0],
        "applied": message.get(5, [0])[0],
        "reachable": bool(message.get(6, [0])[0]),
    }


def masters(address):
    reply = ask(address, "GetMasters")
    return {
        "asked": address,
        "leader": text(reply, 2),
        "term": reply.get(3, [0])[0],
        "members": [member(fields(each)) for each in reply.get(1, [])],
    }


def move(leader, to):
    address = to.encode()
    message = b"\x0a" + bytes([len(address)]) + address
    return text(ask(leader, "MoveLeadership", message, MOVE_SECONDS), 1)


def main(addresses, leader=None, to=None):
    if leader:
        print(json.dumps(move(leader, to)))
        return
    said = {}

    def listen(address):
        try:
            said[address] = masters(address)
        except OSError:
            said[address] = None

    threads = [threading.Thread(target=listen, args=(address,)) for address in addresses.split(",")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(list(said.values())))


if __name__ == "__main__":
    main(*sys.argv[1:])
