"""The recordings of bench/events: one row of events in every format that is read.

Formats that Ranvier does not write (AEDAT 2.0, AEDAT 3.1, DAT, EVT 2.0, EVT 2.1) are put together here, byte by byte, from
docs/reference/event-formats.md.
"""

import numpy as np
from ranvier import events

AEDAT31_EVENTS = 4096  # a packet


def repeated(path, least):
    """The events of a recording, again and again, at least so many in all; times go on."""
    once = events.read(path)
    copies = -(-least // len(once))
    many = np.tile(once, copies)
    length = int(once["t"][-1] - once["t"][0]) + 1
    many["t"] -= once["t"][0]
    many["t"] += np.repeat(np.arange(copies, dtype=np.int64) * length, len(once))
    return many


def small(given):
    """The same number of events as 40-bit files can hold: 8.3 s, 256 x 240 pixels (y = 240 marks time for some)."""
    made = given.copy()
    made["x"] %= 256
    made["y"] %= 240
    made["t"] = given["t"] * 8_300_000 // int(given["t"][-1] + 1)
    return made


def dvs128(given):
    """The same number of events on 128 x 128 pixels."""
    made = given.copy()
    made["x"] %= 128
    made["y"] %= 128
    return made


def evt2_bytes(given):
    high = given["t"] >> 6
    begins = np.flatnonzero(np.diff(high, prepend=-1))
    words = given["p"].astype(np.uint32) << 28 | ((given["t"] & 63) << 22).astype(np.uint32)
    words |= given["x"].astype(np.uint32) << 11 | given["y"]
    words = np.insert(words, begins, (8 << 28 | high[begins]).astype(np.uint32))
    return b"% evt 2.0\n% geometry 640x480\n% end\n" + words.astype("<u4").tobytes()


def evt21_bytes(given):
    """Runs of events that differ in x alone, within 32 pixels, are one word; in the word order that evutils reads."""
    t, x = given["t"], given["x"].astype(np.int64)
    column, low = x >> 5, (x & 31).astype(np.uint64)
    rest = (t & 63) << 22 | column << 16 | given["y"].astype(np.int64) << 1 | given["p"]
    begins = (np.diff(t >> 6, prepend=-1) != 0) | (np.diff(rest, prepend=-1) != 0)
    begins |= np.diff(x, prepend=-1) <= 0
    words = given["p"].astype(np.uint64) << np.uint64(60)
    words |= ((t & 63).astype(np.uint64) << np.uint64(54)) | column.astype(np.uint64) << np.uint64(
        48
    )
    words |= given["y"].astype(np.uint64) << np.uint64(32)
    first = np.flatnonzero(begins)
    words = words[first] | np.bitwise_or.reduceat(np.uint64(1) << low, first)
    high = t[first] >> 6
    times = np.flatnonzero(np.diff(high, prepend=-1))
    words = np.insert(words, times, (8 << 60) | high[times].astype(np.uint64) << np.uint64(32))
    words = words << np.uint64(32) | words >> np.uint64(32)
    header = (
        b"% endianness legacy\n% evt 2.1\n% format EVT21;endianness=legacy;height=480;width=640\n"
    )
    return header + b"% geometry 640x480\n% end\n" + words.astype("<u8").tobytes()


def dat_bytes(given):
    words = np.empty((len(given), 2), "<u4")
    words[:, 0] = given["t"]
    words[:, 1] = given["x"] | given["y"].astype(np.uint32) << 14
    words[:, 1] |= given["p"].astype(np.uint32) << 28
    return b"% Version 2\n% Width 640\n% Height 480\n" + bytes([0x0C, 8]) + words.tobytes()


def aedat2_bytes(given):
    words = np.empty((len(given), 2), ">u4")
    words[:, 0] = (127 - given["y"]).astype(np.uint32) << 8 | (127 - given["x"]) << 1 | ~given["p"]
    words[:, 0] &= 0x7FFF
    words[:, 1] = given["t"]
    return b"#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n" + words.tobytes()


def aedat31_bytes(given):
    words = np.empty((len(given), 2), "<u4")
    words[:, 0] = 1 | given["p"].astype(np.uint32) << 1 | given["y"].astype(np.uint32) << 2
    words[:, 0] |= given["x"].astype(np.uint32) << 17
    words[:, 1] = given["t"]
    parts = [b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"]
    for at in range(0, len(given), AEDAT31_EVENTS):
        packet = words[at : at + AEDAT31_EVENTS]
        n = len(packet)
        parts.append(np.array([1, 1], "<i2").tobytes())
        parts.append(np.array([8, 4, 0, n, n, n], "<i4").tobytes())
        parts.append(packet.tobytes())
    return b"".join(parts)


# name: (file, what becomes of the events, what makes the bytes or the options of ranvier.events.write)
RECORDINGS = {
    "EVT 2.0": ("evt2.raw", None, evt2_bytes),
    "EVT 2.1": ("evt21.raw", None, evt21_bytes),
    "EVT 3.0": ("evt3.raw", None, {"format": "evt3"}),
    "DAT": ("cd.dat", None, dat_bytes),
    "Event Stream": ("dvs.es", None, {}),
    "AEDAT 4 plain": ("none.aedat4", None, {"compression": "none"}),
    "AEDAT 4 LZ4": ("lz4.aedat4", None, {"compression": "lz4"}),
    "AEDAT 4 zstd": ("zstd.aedat4", None, {"compression": "zstd"}),
    "AEDAT 3.1": ("caer.aedat", dvs128, aedat31_bytes),
    "AEDAT 2.0": ("jaer.aedat", dvs128, aedat2_bytes),
    "40-bit .bin": ("atis.bin", small, {}),
    "HDF5 gzip": ("dsec.h5", None, {}),
    "CSV": ("events.csv", None, {}),
}


def make(folder, source, least):
    """Writes what is missing; returns {name: (path, events)}."""
    base = repeated(source, least)
    made = {}
    for name, (file, change, how) in RECORDINGS.items():
        given = change(base) if change else base
        path = folder / f"{len(base)}_{file}"
        if not path.exists():
            if callable(how):
                path.write_bytes(how(given))
            else:
                events.write(path, given, sensor=(640, 480), **how)
        made[name] = (path, given)
    return made
