# The NumPy and SciPy side of bench/linalg.mjs: answers each request { do, n, repeat } with its seconds.
import json
import re
import sys
import time

import numpy as np
import scipy
import scipy.linalg as sl

made = {}


def matrices(kind, n):
    if (kind, n) not in made:
        made.clear()
        rng = np.random.default_rng(1)
        a = rng.random((10000, n, n)) if kind == "stack" else rng.random((n, n))
        if kind in ("symmetric", "definite"):
            a = a * a.T
        if kind == "definite":
            a = a + n * np.eye(n)
        s = a + a.transpose(0, 2, 1) + 2 * n * np.eye(n) if kind == "stack" else None
        made[kind, n] = (a, rng.random((n, n)), rng.random(n), s)
    return made[kind, n]


tasks = {
    "matmul": ("general", lambda a, b, x, s: a @ b),
    "gram": ("general", lambda a, b, x, s: a.T @ a),
    "solve": ("general", lambda a, b, x, s: np.linalg.solve(a, x)),
    "solve-symmetric": ("symmetric", lambda a, b, x, s: sl.solve(a, x)),
    "solve-definite": ("definite", lambda a, b, x, s: sl.solve(a, x, assume_a="pos")),
    "cholesky": ("definite", lambda a, b, x, s: np.linalg.cholesky(a)),
    "lu": ("general", lambda a, b, x, s: sl.lu_factor(a)),
    "ldl": ("symmetric", lambda a, b, x, s: sl.ldl(a)),
    "qr": ("general", lambda a, b, x, s: np.linalg.qr(a)),
    "eigh": ("symmetric", lambda a, b, x, s: np.linalg.eigh(a)),
    "eigvalsh": ("symmetric", lambda a, b, x, s: np.linalg.eigvalsh(a)),
    "eig": ("general", lambda a, b, x, s: np.linalg.eig(a)),
    "svd": ("general", lambda a, b, x, s: np.linalg.svd(a)),
    "svdvals": ("general", lambda a, b, x, s: np.linalg.svd(a, compute_uv=False)),
    "expm": ("general", lambda a, b, x, s: sl.expm(a)),
    "batch-inv": ("stack", lambda a, b, x, s: np.linalg.inv(a)),
    "batch-solve": ("stack", lambda a, b, x, s: np.linalg.solve(a, a)),
    "batch-cholesky": ("stack", lambda a, b, x, s: np.linalg.cholesky(s)),
    "batch-det": ("stack", lambda a, b, x, s: np.linalg.det(a)),
    "batch-eigh": ("stack", lambda a, b, x, s: np.linalg.eigh(s)),
    "batch-svd": ("stack", lambda a, b, x, s: np.linalg.svd(a)),
    "batch-matmul": ("stack", lambda a, b, x, s: a @ a),
    "sync-matmul": ("general", lambda a, b, x, s: a @ b),
    "sync-solve": ("general", lambda a, b, x, s: np.linalg.solve(a, x)),
    "sync-inv": ("general", lambda a, b, x, s: np.linalg.inv(a)),
    "sync-det": ("general", lambda a, b, x, s: np.linalg.det(a)),
    "sync-lu": ("general", lambda a, b, x, s: sl.lu_factor(a)),
    "sync-cholesky": ("definite", lambda a, b, x, s: np.linalg.cholesky(a)),
    "sync-eigvalsh": ("symmetric", lambda a, b, x, s: np.linalg.eigvalsh(a)),
    "sync-svdvals": ("general", lambda a, b, x, s: np.linalg.svd(a, compute_uv=False)),
}

for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "version":
        sl.lu_factor(np.eye(64))
        blas = sorted({part.split()[-1] for part in open("/proc/self/maps") if re.search("openblas|mkl", part)})
        print(json.dumps({"numpy": np.__version__, "scipy": scipy.__version__, "blas": blas}), flush=True)
        continue
    kind, run = tasks[request["do"]]
    given = matrices(kind, request["n"])
    repeat = request.get("repeat", 1)
    start = time.perf_counter()
    for _ in range(repeat):
        run(*given)
    print(json.dumps({"seconds": (time.perf_counter() - start) / repeat}), flush=True)
