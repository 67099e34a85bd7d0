# SciPy's quad on the integrals of test/support/integrals.json: one JSON line each. Run by bench/quad.mjs.
import json
import math
import sys
import warnings

from scipy.integrate import quad

warnings.simplefilter("ignore")
names = {k: getattr(math, k) for k in dir(math) if not k.startswith("_")}
names.update(abs=abs, min=min, max=max, Infinity=math.inf)


def value(text):
    return eval(text, {"__builtins__": {}}, dict(names))


def integrand(text):
    code = compile(text, "f", "eval")

    def f(x):
        try:
            return eval(code, {"__builtins__": {}}, dict(names, x=x))
        except OverflowError:
            return math.inf

    return f


out = []
for case in json.load(open(sys.argv[1])):
    exact = value(case["exact"])
    points = [value(p) for p in case.get("points", [])] or None
    tolerance = {"epsabs": float(sys.argv[2]), "epsrel": float(sys.argv[2])} if len(sys.argv) > 2 else {}
    try:
        got, error, info = quad(integrand(case["f"]), value(case["a"]), value(case["b"]),
                                points=points, full_output=1, **tolerance)[:3]
        out.append({"value": got, "error": error, "evaluations": info["neval"]})
    except Exception as problem:
        out.append({"value": None, "error": None, "evaluations": 0, "problem": str(problem)})
print(json.dumps(out).replace("NaN", "null").replace("Infinity", "null"))
