"""Tests of what a power cut does to a master's log."""

import os
import random
import tempfile
import unittest

from askmasters import varint
from quorum import CHECKSUM_BYTES, LOG_HEADER, tear


def entry(size):
    length, rest = b"", size
    while rest >= 0x80:
        length, rest = length + bytes([rest & 0x7F | 0x80]), rest >> 7
    return length + bytes([rest]) + b"e" * size + b"\0" * CHECKSUM_BYTES


class TearTest(unittest.TestCase):
    def test_half_an_entry_is_behind_whole_ones(self):
        whole = LOG_HEADER + entry(40) + entry(300)
        for seed in range(50):
            with tempfile.NamedTemporaryFile() as log:
                log.write(whole + bytes(4096))
                log.flush()
                torn = tear(log.name, random.Random(seed))
                log.seek(0)
                content = log.read()
            self.assertTrue(content.startswith(whole), seed)
            self.assertLess(torn, len(entry(300)), seed)
            self.assertEqual(content[len(whole) :].rstrip(b"\0"), entry(300)[:torn].rstrip(b"\0"), seed)

    def test_a_log_without_entries_is_left_alone(self):
        with tempfile.NamedTemporaryFile() as log:
            log.write(LOG_HEADER + bytes(100))
            log.flush()
            self.assertEqual(tear(log.name, random.Random(1)), 0)
            self.assertEqual(os.path.getsize(log.name), len(LOG_HEADER) + 100)

    def test_a_length_ends_with_its_last_byte(self):
        self.assertEqual(varint(b"\xac\x02rest", 0), (300, 2))


if __name__ == "__main__":
    unittest.main()
