# The SciPy side of bench/fft.mjs.
import json
import sys
import time

import numpy as np
import scipy
import scipy.fft

try:
    import statsmodels
    from statsmodels.tsa.stattools import acf
except ImportError:
    statsmodels = None

made = {}


def noise(shape, kind):
    if (shape, kind) not in made:
        made.clear()
        random = np.random.default_rng(1)
        x = random.random(shape) - 0.5
        made[shape, kind] = x + 1j * random.random(shape) if kind == "complex" else x
    return made[shape, kind]


for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "version":
        version = {"scipy": scipy.__version__, "statsmodels": statsmodels and statsmodels.__version__}
        print(json.dumps(version), flush=True)
        continue
    n = request["n"]
    if request["do"] == "fft":
        x, run = noise((n,), "complex"), lambda v: scipy.fft.fft(v, workers=1)
    elif request["do"] == "rfft":
        x, run = noise((n,), "real"), lambda v: scipy.fft.rfft(v, workers=1)
    elif request["do"] == "fft2":
        x, run = noise((n, n), "complex"), lambda v: scipy.fft.fft2(v, workers=1)
    else:
        x, run = noise((n,), "real"), lambda v: acf(v, nlags=request["lags"], fft=True)
    start = time.perf_counter()
    for _ in range(request["repeat"]):
        run(x)
    print(json.dumps({"seconds": (time.perf_counter() - start) / request["repeat"]}), flush=True)
