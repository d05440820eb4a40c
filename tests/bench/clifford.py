"""Clifford circuits here and in Stim, on the same circuits: times and their ratio.

    pip install stim
    python3 tests/bench/clifford.py

Stim runs on one thread; ours on one and on all.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import stim

ROOT = pathlib.Path(__file__).resolve().parents[2]


def best(repeat, f):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return min(times)


def ours(folder, threads):
    command = ["cargo", "run", "-q", "--release", "-p", "stabilizer", "--features", "parallel", "--example", "time", "--", folder]
    environment = dict(os.environ)
    if threads:
        environment["RAYON_NUM_THREADS"] = str(threads)
    out = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
    return {tuple(line.split()[:2]): float(line.split()[2]) for line in out.splitlines()}


def theirs(folder, name, case):
    circuit = stim.Circuit.from_file(f"{folder}/{name}.stim")
    if case == "one":
        return best(10, lambda: stim.TableauSimulator().do(circuit))
    if case == "million":
        return best(3, lambda: circuit.compile_sampler().sample(1_000_000, bit_packed=True))
    sampler = circuit.compile_detector_sampler()
    return best(5, lambda: sampler.sample(100_000, bit_packed=True))


def main():
    with tempfile.TemporaryDirectory() as folder:
        one, all_threads = ours(folder, 1), ours(folder, None)
        print(f"stim {stim.__version__}; seconds, best of several; ratio to Stim")
        print(f"{'case':<24} {'Stim':>10} {'1 thread':>10} {'ratio':>6} {'threads':>10} {'ratio':>6}")
        worst = 0.0
        for (name, case), seconds in one.items():
            peer = theirs(folder, name, case)
            many = all_threads[name, case]
            worst = max(worst, seconds / peer)
            print(f"{name + ' ' + case:<24} {peer:>10.5f} {seconds:>10.5f} {seconds / peer:>6.2f} {many:>10.5f} {many / peer:>6.2f}")
    return 0 if worst <= 3 else 1


if __name__ == "__main__":
    sys.exit(main())
