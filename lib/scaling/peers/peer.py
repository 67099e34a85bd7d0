# The peers that are Python: numpy, scipy, numba, and python itself. One argument says which. Reads lines of JSON and
# answers each with one, see lib/scaling/messages.ts: a set-up, and then runs that are timed here.
import ctypes
import json
import os
import re
import sys
import time

name = sys.argv[1]
tasks = {}


def task(peer, *names):
    """Registers a function that gets the set-up message and returns what is timed."""

    def keep(prepare):
        for each in names:
            tasks[peer, each] = prepare
        return prepare

    return keep


def symmetric(n):
    import numpy as np

    r = np.random.default_rng(1).random((n, n))
    return r * r.T


@task("numpy", "inverse")
def numpy_inverse(setting, given):
    import numpy as np

    a = symmetric(setting.get("size") or 4000)
    return lambda: np.linalg.inv(a)


@task("scipy", "inverse")
def scipy_inverse(setting, given):
    import scipy.linalg

    a = symmetric(setting.get("size") or 4000)
    return lambda: scipy.linalg.inv(a, check_finite=False)


@task("numpy", "matmul")
def numpy_matmul(setting, given):
    import numpy as np

    r = np.random.default_rng(1)
    n = setting.get("size") or 4000
    a, b, c = r.random((n, n)), r.random((n, n)), np.empty((n, n))
    return lambda: np.matmul(a, b, out=c)


def system(setting):
    import numpy as np

    n = setting.get("size") or 4000
    return np.random.default_rng(1).random((n, n)), np.cos(np.arange(n))


@task("numpy", "solve")
def numpy_solve(setting, given):
    import numpy as np

    a, b = system(setting)
    return lambda: np.linalg.solve(a, b)


@task("scipy", "solve")
def scipy_solve(setting, given):
    import scipy.linalg

    a, b = system(setting)
    return lambda: scipy.linalg.solve(a, b, check_finite=False)


@task("numpy", "eigh")
def numpy_eigh(setting, given):
    import numpy as np

    a = symmetric(setting.get("size") or 1500)
    return lambda: np.linalg.eigh(a)


@task("scipy", "eigh")
def scipy_eigh(setting, given):
    import scipy.linalg

    # Divide and conquer, as all others here: faster than the default when all vectors are wanted.
    a = symmetric(setting.get("size") or 1500)
    return lambda: scipy.linalg.eigh(a, driver="evd", check_finite=False)


@task("numpy", "svd")
def numpy_svd(setting, given):
    import numpy as np

    n = setting.get("size") or 1500
    a = np.random.default_rng(1).random((n, n))
    return lambda: np.linalg.svd(a, full_matrices=False)


@task("scipy", "svd")
def scipy_svd(setting, given):
    import numpy as np
    import scipy.linalg

    n = setting.get("size") or 1500
    a = np.random.default_rng(1).random((n, n))
    return lambda: scipy.linalg.svd(a, full_matrices=False, check_finite=False)


def pairs(n):
    import numpy as np

    r = np.random.default_rng(1)
    return r.random(n) + 1j * r.random(n)


@task("numpy", "fft")
def numpy_fft(setting, given):
    import numpy as np

    x = pairs(setting.get("points") or 2**22)
    return lambda: np.fft.fft(x)


@task("scipy", "fft")
def scipy_fft(setting, given):
    import scipy.fft

    x = pairs(setting.get("points") or 2**22)
    workers = setting["threads"]
    return lambda: scipy.fft.fft(x, workers=workers)


@task("numpy", "integral")
def numpy_integral(setting, given):
    import numpy as np

    n = int(setting.get("bins") or 10**8)
    h = 1.0 / n
    chunk = 1 << 16  # half a megabyte: what fits the second cache is fastest
    base = np.arange(chunk) + 0.5

    def run():
        total = 0.0
        for begin in range(0, n, chunk):
            x = (base[: min(chunk, n - begin)] + begin) * h
            total += float(np.sum(x**1.5))
        return total * h

    return run


@task("numba", "integral")
def numba_integral(setting, given):
    import numba

    @numba.njit(fastmath=True, parallel=True)
    def total(n):
        h, s = 1.0 / n, 0.0
        for i in numba.prange(n):
            s += ((i + 0.5) * h) ** 1.5
        return s * h

    n = int(setting.get("bins") or 10**8)
    total(10)
    return lambda: total(n)


@task("python", "integral")
def python_integral(setting, given):
    n = int(setting.get("bins") or 10**8)
    h = 1.0 / n
    return lambda count=n: sum(((i + 0.5) * h) ** 1.5 for i in range(count)) * h


def ids_of(given):
    import numpy as np

    return np.fromfile(given["ids"], dtype=np.uint32), np.array(given["wanted"], dtype=np.uint32)


lags = 100


@task("numpy", "acf")
def numpy_acf(setting, given):
    import numpy as np

    ids, wanted = ids_of(given)

    def run():
        mean = np.zeros(lags)
        for word in wanted:
            mask = np.zeros(len(ids) + lags, dtype=bool)
            mask[: len(ids)] = ids == word
            at = np.flatnonzero(mask)
            mean += np.array([np.count_nonzero(mask[at + t]) for t in range(lags)]) / len(at)
        return mean / len(wanted)

    return run


@task("numba", "acf")
def numba_acf(setting, given):
    import numba
    import numpy as np

    @numba.njit(parallel=True)
    def correlate(ids, wanted):
        values = np.zeros((len(wanted), lags))
        for w in numba.prange(len(wanted)):
            occurrences = 0
            for i in range(len(ids)):
                if ids[i] != wanted[w]:
                    continue
                occurrences += 1
                for t in range(min(lags, len(ids) - i)):
                    if ids[i + t] == wanted[w]:
                        values[w, t] += 1
            values[w] /= occurrences
        return values.sum(axis=0) / len(wanted)

    ids, wanted = ids_of(given)
    correlate(ids, wanted)
    return lambda: correlate(ids, wanted)


@task("python", "wordcount")
def python_wordcount(setting, given):
    from collections import Counter

    with open(given["text"], "rb") as file:
        text = file.read()
    word = re.compile(r"\w+")
    return lambda: Counter(word.findall(text.decode().lower())).most_common()


def blas():
    """OpenBLAS as it tells of itself, or the files of whatever BLAS is loaded; with its thread count."""
    with open("/proc/self/maps") as file:
        paths = {line.split()[-1] for line in file if re.search(r"blas|mkl|blis", line)}
    for path in sorted(paths):
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        for prefix in ("", "scipy_"):
            for suffix in ("", "64_", "_64"):
                try:
                    threads = getattr(library, f"{prefix}openblas_get_num_threads{suffix}")()
                    config = getattr(library, f"{prefix}openblas_get_config{suffix}")
                    core = getattr(library, f"{prefix}openblas_get_corename{suffix}")
                except AttributeError:
                    continue
                config.restype = core.restype = ctypes.c_char_p
                version = " ".join(config().decode().split()[:2])
                return f"{version}, {core().decode()} kernels", threads
    return ", ".join(sorted(os.path.basename(path) for path in paths)), None


def about(kind, threads):
    """Version, BLAS and threads of this peer for a task."""
    if name == "python":
        return f"Python {sys.version.split()[0]}", "", 1
    if name == "numba":
        import numba

        svml = "" if getattr(numba.config, "USING_SVML", False) else ", no SVML"
        return f"Numba {numba.__version__}{svml}", numba.threading_layer(), numba.get_num_threads()
    import numpy as np

    np.ones((8, 8)) @ np.ones((8, 8))
    library, used = blas()
    if name == "scipy":
        import scipy

        version = f"SciPy {scipy.__version__}"
    else:
        version = f"NumPy {np.__version__}"
    if kind in ("inverse", "matmul", "solve", "eigh", "svd"):
        return version, library, used
    # What does not use BLAS runs on one thread, but for SciPy's transforms.
    return version, "", threads if name == "scipy" else 1


def set_up(message):
    kind, setting = message["task"], message["setting"]
    prepare = tasks.get((name, kind))
    if prepare is None:
        return None, {"type": "absent", "message": f"has no {kind}"}
    try:
        run = prepare(setting, message["input"])
        version, library, threads = about(kind, setting["threads"])
    except ImportError as error:
        return None, {"type": "absent", "message": f"is not installed ({error})"}
    answer = {"type": "set", "size": 0, "threads": threads, "version": version, "blas": library}
    if (name, kind) == ("python", "integral"):
        start = time.perf_counter()
        run(10**5)
        answer["estimate"] = (time.perf_counter() - start) * int(setting.get("bins") or 10**8) / 10**5
    return run, answer


run = None
for line in sys.stdin:
    if line.isspace():
        continue
    message = json.loads(line)
    try:
        if message["type"] == "set-up":
            run, answer = set_up(message)
        else:
            start = time.perf_counter()
            for _ in range(message["batch"]):
                run()
            answer = {"type": "ran", "seconds": time.perf_counter() - start}
    except Exception as error:  # told to the parent, which decides what becomes of the run
        answer = {"type": "failed", "message": f"{type(error).__name__}: {error}"}
    # The parent knows answers by how they begin.
    print(json.dumps({"type": answer.pop("type"), **answer}, separators=(",", ":")), flush=True)
