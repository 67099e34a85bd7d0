# The NumPy side of bench/inverse.mjs: answers each request for an inverse, or for the dgemm roof, with its seconds.
import json
import re
import sys
import time

import numpy as np

kind, made = None, {}


def matrix(kind, n):
    key = (kind, n)
    if key not in made:
        made.clear()
        r = np.random.default_rng(1).random((n, n))
        if kind == "symmetric":
            r = r * r.T
        elif kind == "positive-definite":
            r = r * r.T + n * np.eye(n)
        made[key] = r
    return made[key]


for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "version":
        np.ones((64, 64)) @ np.ones((64, 64))
        blas = sorted({part.split()[-1] for part in open("/proc/self/maps") if re.search("blas", part)})
        print(json.dumps({"numpy": np.__version__, "blas": blas}), flush=True)
        continue
    a = matrix(request["kind"], request["n"])
    repeat = request.get("repeat", 1)
    start = time.perf_counter()
    for _ in range(repeat):
        if request["do"] == "dgemm":
            a @ a
        else:
            np.linalg.inv(a)
    print(json.dumps({"seconds": (time.perf_counter() - start) / repeat}), flush=True)
