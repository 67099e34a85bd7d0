# The Python side of bench/integral.mjs: numba (prange, fastmath), numexpr and NumPy in chunks; each answers with its
# seconds, its value and the threads that it says it uses. One argument: which of the three.
import json
import math
import sys
import time

peer, threads = sys.argv[1], int(sys.argv[2])
CHUNK = 1 << 16  # half a megabyte an array: what fits the second cache level was fastest

try:
    import numpy as np

    version, used = np.__version__, 1
    if peer == "numexpr":
        import numexpr as ne

        ne.set_num_threads(threads)
        version = ne.__version__ + (" with VML" if ne.use_vml else " without VML")
        used = ne.nthreads
    elif peer == "numba":
        import numba

        numba.set_num_threads(threads)
        version = numba.__version__
        svml = getattr(numba.config, "USING_SVML", False)
        version += " with SVML" if svml else " without SVML"
        used = numba.get_num_threads()

        @numba.njit(fastmath=True, parallel=True)
        def numba_root(n):
            h, s = 1.0 / n, 0.0
            for i in numba.prange(n):
                s += ((i + 0.5) * h) ** 1.5
            return s * h

        @numba.njit(fastmath=True, parallel=True)
        def numba_smooth(n):
            h, s = 1.0 / n, 0.0
            for i in numba.prange(n):
                x = (i + 0.5) * h
                s += math.exp(-x * x) * math.cos(3 * x) / (1 + x**4)
            return s * h

except ImportError:
    sys.exit(0)


def chunks(n):
    base = np.arange(CHUNK) + 0.5
    for begin in range(0, n, CHUNK):
        yield (base[: min(CHUNK, n - begin)] + begin) * (1.0 / n)


def numexpr_sum(source, n):
    # Its own sum runs on one thread; NumPy's over the values is faster.
    return sum(float(np.sum(ne.evaluate(source, {"x": x}))) for x in chunks(n)) / n


def numpy_sum(smooth, n):
    total = 0.0
    for x in chunks(n):
        y = np.exp(-x * x) * np.cos(3 * x) / (1 + x**4) if smooth else x**1.5
        total += float(np.sum(y))
    return total / n


for line in sys.stdin:
    request = json.loads(line)
    if request.get("do") == "version":
        print(json.dumps({"version": version, "threads": used}), flush=True)
        continue
    source, n = request["source"], request["n"]
    smooth = "exp" in source
    start = time.perf_counter()
    if peer == "numba":
        value = (numba_smooth if smooth else numba_root)(n)
    elif peer == "numexpr":
        value = numexpr_sum(source.replace("(3/2)", "1.5"), n)
    else:
        value = numpy_sum(smooth, n)
    print(json.dumps({"seconds": time.perf_counter() - start, "value": value}), flush=True)
