"""Who reads what in bench/events: ranvier and its peers, whole recordings and by blocks.

A reader is a function of a path. `whole` returns the columns (t, x, y, p) as arrays; `blocks` goes through the recording by
pieces and returns the number of events. Peers that are not installed are left out, with a word.
"""

import ctypes
import importlib
import importlib.metadata
from pathlib import Path

import numpy as np
from ranvier import events

BLOCK = 100_000  # events, where a peer asks


def memory(n_events):
    """(whole, blocks) that do what no reader can do without: read the file's bytes, write memory of the events' size."""

    def whole(path):
        pass_through(path)
        np.empty(2 * n_events, np.uint64).fill(1)

    def blocks(path):
        pass_through(path)
        block = np.empty(2 * BLOCK, np.uint64)
        for at in range(0, n_events, BLOCK):
            block[: 2 * (n_events - at)].fill(1)

    return whole, blocks


def pass_through(path):
    buffer = bytearray(1 << 18)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def lz4():
    """Unpacks a frame of LZ4 to an address where there is room for so many bytes; returns how many it has."""
    library = ctypes.CDLL("liblz4.so.1")
    context = ctypes.c_void_p()
    library.LZ4F_createDecompressionContext(ctypes.byref(context), 100)
    library.LZ4F_decompress.restype = ctypes.c_size_t
    stays = (ctypes.c_uint * 4)(1)  # LZ4F_decompressOptions_t: the output stays where it is

    def unpack(frame, address, room):
        written, read = ctypes.c_size_t(room), ctypes.c_size_t(len(frame))
        library.LZ4F_resetDecompressionContext(context)
        left = library.LZ4F_decompress(
            context,
            ctypes.c_void_p(address),
            ctypes.byref(written),
            frame,
            ctypes.byref(read),
            stays,
        )
        if left != 0 or read.value != len(frame):
            raise ValueError("a packet is no frame of LZ4")
        return written.value

    return unpack


def zstd():
    """As lz4()."""
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_createDCtx.restype = ctypes.c_void_p
    library.ZSTD_decompressDCtx.restype = ctypes.c_size_t
    context = ctypes.c_void_p(library.ZSTD_createDCtx())

    def unpack(frame, address, room):
        written = library.ZSTD_decompressDCtx(
            context,
            ctypes.c_void_p(address),
            ctypes.c_size_t(room),
            frame,
            ctypes.c_size_t(len(frame)),
        )
        if written > room:
            raise ValueError("a packet is no frame of Zstd")
        return written

    return unpack


LIBRARIES = {"AEDAT 4 LZ4": lz4, "AEDAT 4 zstd": zstd}


def library(recording, path, n_events):
    """(whole, blocks) that unpack a file's packets, held in memory, with the library that ranvier uses, and do no more."""
    unpack = LIBRARIES[recording]()
    frames = list(packets(path))
    room = 16 * n_events + 1024 * len(frames)  # the events, and what else is in a packet

    def whole(_):
        memory = np.empty(room, np.uint8)
        at = 0
        for frame in frames:
            at += unpack(frame, memory.ctypes.data + at, room - at)

    def blocks(_):
        memory = np.empty(1 << 20, np.uint8)
        for frame in frames:
            unpack(frame, memory.ctypes.data, len(memory))

    return whole, blocks


def packets(path):
    """The packets of an AEDAT 4 file that ranvier wrote, as they lie in it."""
    data = Path(path).read_bytes()

    def number(at, size=4):
        return int.from_bytes(data[at : at + size], "little")

    at, table = 18 + number(14), number(46, 8)
    while at < table:
        end = at + 8 + number(at + 4)
        yield data[at + 8 : end]
        at = end


def columns(array, t="t", x="x", y="y", p="p"):
    return array[t], array[x], array[y], array[p]


def ranvier_whole(path):
    return columns(events.read(path))


def ranvier_blocks(path):
    return sum(len(block) for block in events.open(path))


def faery_sides():
    import faery

    def stream(path):
        return faery.events_stream_from_file(path)

    def whole(path):
        return columns(stream(path).to_array(), p="on")

    return dict.fromkeys(
        ("EVT 2.0", "EVT 3.0", "DAT", "Event Stream", "AEDAT 4 plain", "AEDAT 4 LZ4"),
        (whole, blocks_of(stream)),
    ) | dict.fromkeys(("AEDAT 4 zstd", "CSV"), (whole, blocks_of(stream)))


def blocks_of(open_stream):
    return lambda path: sum(len(block) for block in open_stream(path))


def expelliarmus_sides():
    from expelliarmus import Wizard

    def side(encoding):
        def whole(path):
            return columns(Wizard(encoding, path).read())

        def blocks(path):
            wizard = Wizard(encoding, path, chunk_size=BLOCK)
            return sum(len(chunk) for chunk in wizard.read_chunk())

        return whole, blocks

    return {"EVT 2.0": side("evt2"), "EVT 3.0": side("evt3"), "DAT": side("dat")}


def evt3_sides():
    import evt3

    def whole(path):
        return columns_of(evt3.decode_file(str(path)))

    return {"EVT 3.0": (whole, blocks_of(lambda path: evt3.decode_file_batches(str(path))))}


def columns_of(found):
    return found.t, found.x, found.y, found.p


def evutils_sides():
    from evutils.io import EventReader

    def whole(path):
        return columns_of(EventReader(path, max_events=1 << 40, max_time=1 << 60).read_all())

    side = (whole, blocks_of(lambda path: EventReader(path, n_events=BLOCK)))
    names = ("EVT 2.0", "EVT 2.1", "EVT 3.0", "DAT", "AEDAT 4 plain", "AEDAT 3.1", "AEDAT 2.0")
    names += ("HDF5 gzip",)
    return dict.fromkeys(names, side)


def event_stream_sides():
    import event_stream

    def decoder(path):
        return event_stream.Decoder(path)

    def whole(path):
        events_of_all = decoder(path)
        t, x, y, p = columns(np.concatenate(list(events_of_all)), p="on")
        return t, x, events_of_all.height - 1 - y, p  # stored from the bottom

    return {"Event Stream": (whole, blocks_of(decoder))}


def aedat_sides():
    import aedat

    def packets(path):
        return (p["events"] for p in aedat.Decoder(path) if "events" in p)

    def whole(path):
        return columns(np.concatenate(list(packets(path))), p="on")

    names = ("AEDAT 4 plain", "AEDAT 4 LZ4", "AEDAT 4 zstd")
    return dict.fromkeys(names, (whole, blocks_of(packets)))


def dv_processing_sides():
    import dv_processing as dv

    def batches(path):
        recording = dv.io.MonoCameraRecording(str(path))
        while (batch := recording.getNextEventBatch()) is not None:
            yield batch.numpy()

    def whole(path):
        found = np.concatenate(list(batches(path)))
        return columns(found, t="timestamp", p="polarity")

    names = ("AEDAT 4 plain", "AEDAT 4 LZ4", "AEDAT 4 zstd")
    return dict.fromkeys(names, (whole, blocks_of(batches)))


def tonic_sides():
    from tonic import io

    def bin40(path):
        return columns(io.read_mnist_file(str(path), dtype=io.events_struct))

    def aedat31(path):
        return columns(io.read_dvs_ibm(str(path))[1])

    return {"40-bit .bin": (bin40, None), "AEDAT 3.1": (aedat31, None)}


def h5py_sides():
    import h5py

    def whole(path):
        with h5py.File(path) as file:
            group = file["events"]
            return tuple(group[name][:] for name in "txyp")

    def blocks(path):
        with h5py.File(path) as file:
            group = file["events"]
            n = len(group["t"])
            for at in range(0, n, BLOCK):
                for name in "txyp":
                    group[name][at : at + BLOCK]
        return n

    return {"HDF5 gzip": (whole, blocks)}


PEERS = {
    "faery": faery_sides,
    "expelliarmus": expelliarmus_sides,
    "evt3": evt3_sides,
    "evutils": evutils_sides,
    "event_stream": event_stream_sides,
    "aedat": aedat_sides,
    "dv-processing": dv_processing_sides,
    "tonic": tonic_sides,
    "h5py": h5py_sides,
}


def readers():
    """({format: {side: (whole, blocks)}}, {side: version or why it is left out})."""
    table, versions = {}, {}
    for name, sides_of in PEERS.items():
        try:
            importlib.import_module(name.replace("-", "_"))
            for recording, side in sides_of().items():
                table.setdefault(recording, {})[name] = side
            versions[name] = importlib.metadata.version(name)
        except ImportError as error:
            versions[name] = f"left out: {error}"
    return table, versions
