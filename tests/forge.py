"""forge.py FILE STATEMENT: changes a result as another program would (`file` is the h5py.File), and then computes once more all
checksums that can be computed from outside, those of the blocks and the seal, so that only what is simulated again can tell.

Of results without event tables, 64 simulations to a block, not compressed.
"""

import ctypes
import struct
import sys

import h5py
import numpy

LANES = 64
PIECE = 4096
xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_64bits.restype = ctypes.c_uint64
xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def checksum(data):
    return xxhash.XXH3_64bits(data, len(data)) or 1


def block_rows(file, variable, block):
    """What a block writes to a variable: from row, to row."""
    arms, patients = file["status"].shape
    first, end = block * LANES, min((block + 1) * LANES, arms * patients)
    if variable.shape[:2] == (arms, patients):
        return first, end
    if variable.name.startswith("/sample_"):
        number = file["sample_arm"][:] * patients + numpy.searchsorted(file["patient"][:], file["sample_patient"][:])
        return int((number < first).sum()), int((number < end).sum())
    if variable.shape[0] == patients and not variable.name.startswith("/block_"):
        return min(first, patients), min(end, patients)
    return block, block + 1


def sum_blocks(file):
    arms, patients = file["status"].shape
    sums = file["checksum"][:]
    for i, name in enumerate(file["checked_variable"][:]):
        if name.decode() not in file:
            continue
        variable = file[name.decode()]
        values = variable[()]
        if variable.shape[:2] == (arms, patients):
            values = values.reshape((arms * patients,) + values.shape[2:])
        for block in range(sums.shape[0]):
            first, end = block_rows(file, variable, block)
            sums[block, i] = checksum(values[first:end].tobytes())
    file["checksum"][:] = sums


def unseal(path):
    with open(path, "r+b") as file:
        data = file.read()
        if data[-8:] == b"KETSEAL1":
            file.truncate(struct.unpack("<Q", data[-32:-24])[0])


def seal(path):
    with open(path, "r+b") as file:
        data = file.read()
        piece = PIECE
        while len(data) // piece >= 1 << 16:
            piece *= 2
        pieces = [checksum(data[i : i + piece]) for i in range(0, len(data), piece)]
        words = [0, piece, len(pieces), *pieces]
        head = struct.pack(f"<{len(words) + 2}Q", *words, len(data), 8 * (len(words) + 4))
        file.write(head + struct.pack("<Q", checksum(head)) + b"KETSEAL1")


if __name__ == "__main__":
    unseal(sys.argv[1])
    with h5py.File(sys.argv[1], "r+") as file:
        exec(sys.argv[2])
        sum_blocks(file)
    seal(sys.argv[1])
