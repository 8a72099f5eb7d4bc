"""Blocks that say what they are: which file's, where in it, and which version.

A block's bytes follow from these alone, so that any byte of a block that is neither one version nor
another can still be explained, or not.
"""

import dataclasses
import random
import struct
import zlib

HEADER = struct.Struct("<4sIIIII")
MAGIC = b"cRn!"


@dataclasses.dataclass(frozen=True)
class Block:
    """One block of the file numbered `file` of a run with a seed."""

    seed: int
    file: int
    index: int
    version: int
    size: int

    def content(self):
        key = f"{self.seed}/{self.file}/{self.index}/{self.version}/{self.size}"
        filler = random.Random(key).randbytes(self.size - HEADER.size - 4)
        body = self._header() + filler
        return body + struct.pack("<I", zlib.crc32(body))

    def _header(self):
        return HEADER.pack(MAGIC, self.seed, self.file, self.index, self.version, self.size)


def size_of(content):
    """The size of the file's blocks, as its first block says; 0 when it says nothing."""
    if len(content) < HEADER.size or not content.startswith(MAGIC):
        return 0
    return HEADER.unpack_from(content)[-1]


def begins_with(content, file, size, version):
    """Whether a file begins with a block of this size, of this version or a later one."""
    if len(content) < HEADER.size:
        return False
    magic, _, owner, index, found, length = HEADER.unpack_from(content)
    return (magic, owner, index, length) == (MAGIC, file, 0, size) and found >= version


def version_of(content, seed, file, index):
    """The version of a whole block of this file at this place, or None for any other bytes."""
    if len(content) < HEADER.size + 4:
        return None
    *identity, version, size = HEADER.unpack_from(content)
    fits = identity == [MAGIC, seed, file, index]
    checksum = struct.unpack("<I", content[-4:])[0]
    whole = size == len(content) and zlib.crc32(content[:-4]) == checksum
    return version if fits and whole else None


def explains(content, candidates):
    """Whether each byte is that of one of the candidates (blocks as bytes) at its place."""
    return all(
        any(at < len(candidate) and candidate[at] == byte for candidate in candidates)
        for at, byte in enumerate(content)
    )
