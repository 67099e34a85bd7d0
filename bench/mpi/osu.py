"""The measurements of bench/mpi.mjs with mpi4py and NumPy: mpirun -np 2 python3 osu.py latency bandwidth ..."""

import json
import sys

import numpy as np
from mpi4py import MPI

BATCHES, WINDOW, MEGABYTE, LARGE = 21, 64, 1 << 20, 16_000_000

comm = MPI.COMM_WORLD
rank = comm.Get_rank()
other = 1 - rank
sent = np.ones(LARGE // 8)
received = np.ones(LARGE // 8)


def turns(give, take):
    """Rank 0 gives and takes, the other way round on rank 1."""
    return (lambda: (give(), take())) if rank == 0 else (lambda: (take(), give()))


def latency():
    # The form with a type saves mpi4py from asking the array for its own.
    out, into = [sent[:1], 1, MPI.DOUBLE], [received[:1], 1, MPI.DOUBLE]
    return turns(lambda: comm.Send(out, other, 1), lambda: comm.Recv(into, other, 1))


def awaited():
    out, into = [sent[:1], 1, MPI.DOUBLE], [received[:1], 1, MPI.DOUBLE]
    return turns(lambda: comm.Isend(out, other, 1).Wait(), lambda: comm.Irecv(into, other, 1).Wait())


def bandwidth():
    out, into = sent[: MEGABYTE // 8], received[: MEGABYTE // 8]
    if rank == 0:

        def once():
            MPI.Request.Waitall([comm.Isend(out, other, 1) for _ in range(WINDOW)])
            comm.Recv(received[:1], other, 2)
    else:

        def once():
            MPI.Request.Waitall([comm.Irecv(into, other, 1) for _ in range(WINDOW)])
            comm.Send(sent[:1], other, 2)

    return once


def small():
    count = 0

    def give():
        nonlocal count
        count += 1
        comm.send({"a": count, "b": 3.14, "c": [1, 2, 3]}, other, 1)

    return turns(give, lambda: comm.recv(source=other, tag=1))


def array():
    return turns(lambda: comm.send(sent, other, 1), lambda: comm.recv(source=other, tag=1))


def allreduce():
    out, into = sent[: MEGABYTE // 8], received[: MEGABYTE // 8]
    return lambda: comm.Allreduce(out, into)


def bcast():
    buffer = sent[: MEGABYTE // 8]
    return lambda: comm.Bcast(buffer, 0)


def rounds(once, iterations, ways):
    seconds = []
    for batch in range(-2, BATCHES):  # two to warm up
        comm.Barrier()
        start = MPI.Wtime()
        for _ in range(iterations):
            once()
        if batch >= 0:
            seconds.append((MPI.Wtime() - start) / iterations / ways)
    return float(np.median(seconds))


def collective(once, iterations):
    seconds = []
    for batch in range(-2, BATCHES):
        total = 0.0
        for _ in range(iterations):
            comm.Barrier()
            start = MPI.Wtime()
            once()
            total += MPI.Wtime() - start
        everywhere = comm.allreduce(total)
        if batch >= 0:
            seconds.append(everywhere / 2 / iterations)
    return float(np.median(seconds))


MEASURED = {
    "latency": lambda: rounds(latency(), 1000, 2),
    "awaited": lambda: rounds(awaited(), 1000, 2),
    "bandwidth": lambda: rounds(bandwidth(), 5, WINDOW),
    "object": lambda: rounds(small(), 1000, 2),
    "array": lambda: rounds(array(), 3, 2),
    "allreduce": lambda: collective(allreduce(), 20),
    "bcast": lambda: collective(bcast(), 20),
}

for name in sys.argv[1:]:
    if name == "version":
        if rank == 0:
            import mpi4py

            vendor, version = MPI.get_vendor()
            text = f"mpi4py {mpi4py.__version__} ({vendor} {'.'.join(map(str, version))}), NumPy {np.__version__}"
            print(json.dumps({"name": name, "version": text}), flush=True)
        continue
    seconds = MEASURED[name]()
    if rank == 0:
        print(json.dumps({"name": name, "seconds": seconds}), flush=True)
