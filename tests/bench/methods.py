"""Other simulators on noise, gradients and Clifford circuits, timed. `cargo xtask bench methods` runs it:

    python methods.py FOLDER THREADS

FOLDER holds the cases as `crates/runner/examples/noise.rs` and `crates/stabilizer/examples/time.rs` write them: a
JSON object with `n` and `gates`, or a circuit of Stim. For each case that an installed simulator can run one line:
`{"case", "peer", "version", "seconds", "check"}`, the least time of some runs and a number that must agree.

Building the simulator's own circuit is never part of the time.
"""

import json
import pathlib
import sys
import time
from importlib.metadata import PackageNotFoundError, version

FOLDER, THREADS = pathlib.Path(sys.argv[1]), int(sys.argv[2])

LAMBDA = 0.01


def case(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def least(repeat, run):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def tell(name, peer, package, seconds, check=None):
    line = {"case": name, "peer": peer, "version": f"{package} {version(package)}", "seconds": seconds, "check": check}
    print(json.dumps(line), flush=True)


def aer():
    from qiskit import QuantumCircuit
    from qiskit_aer import AerSimulator
    from qiskit_aer.noise import NoiseModel, depolarizing_error

    model = NoiseModel()
    model.add_all_qubit_quantum_error(depolarizing_error(LAMBDA, 1), ["rx", "rz"])
    model.add_all_qubit_quantum_error(depolarizing_error(LAMBDA, 2), ["cx"])
    simulator = AerSimulator(method="density_matrix", noise_model=model, max_parallel_threads=THREADS)
    for n in (8, 10, 12):
        name = f"density_{n}"
        found = case(name)
        circuit = QuantumCircuit(n)
        for gate, qubits, params in found["gates"]:
            getattr(circuit, gate)(*params, *qubits)
        circuit.save_probabilities()
        times, check = [], None
        for _ in range({8: 10, 10: 4, 12: 2}[n]):
            result = simulator.run(circuit, shots=1).result()
            if not result.success:
                raise RuntimeError(result.status)
            # Its own time: without the transfer of circuit and result.
            times.append(result.results[0].time_taken)
            check = float((result.data(0)["probabilities"] ** 2).sum())
        tell(name, "Aer", "qiskit-aer", min(times), check)


def qsim():
    import cirq
    import qsimcirq

    found = case("trajectories_f32")
    line = cirq.LineQubit.range(found["n"])
    circuit = cirq.Circuit()
    for gate, qubits, params in found["gates"]:
        on = [line[q] for q in qubits]
        circuit.append(cirq.CNOT(*on) if gate == "cx" else getattr(cirq, gate)(params[0])(*on))
        # Cirq counts the probability of an error.
        share = 3 / 4 if len(qubits) == 1 else 15 / 16
        circuit.append(cirq.depolarize(LAMBDA * share, n_qubits=len(qubits)).on(*on))
    circuit.append(cirq.measure(*line, key="m"))
    simulator = qsimcirq.QSimSimulator({"t": THREADS})
    tell("trajectories_f32", "qsim", "qsimcirq", least(3, lambda: simulator.run(circuit, repetitions=found["shots"])))


def qulacs():
    from qulacs import Observable, ParametricQuantumCircuit

    found = case("gradient")
    n = found["n"]
    circuit = ParametricQuantumCircuit(n)
    for gate, qubits, params in found["gates"]:
        if gate == "cx":
            circuit.add_CNOT_gate(*qubits)
        else:
            # Its rotations turn the other way.
            getattr(circuit, f"add_parametric_{gate.upper()}_gate")(qubits[0], -params[0])
    observable = Observable(n)
    for i in range(n - 1):
        observable.add_operator(1.0, f"Z {i} Z {i + 1}")
    check = sum(map(abs, circuit.backprop(observable)))
    tell("gradient", "Qulacs", "qulacs", least(20, lambda: circuit.backprop(observable)), check)


def stim():
    import stim

    def read(name):
        return stim.Circuit.from_file(str(FOLDER / f"{name}.stim"))

    for n in (100, 1000):
        circuit = read(f"clifford_{n}")
        tell(f"clifford_{n}_one", "Stim", "stim", least(10, lambda: stim.TableauSimulator().do(circuit)))
    circuit = read("clifford_100")
    million = least(3, lambda: circuit.compile_sampler().sample(1_000_000, bit_packed=True))
    tell("clifford_100_million", "Stim", "stim", million)
    circuit = read("surface_11")
    sampler = circuit.compile_detector_sampler()
    tell("surface_11_detectors", "Stim", "stim", least(5, lambda: sampler.sample(100_000, bit_packed=True)))


for package, run in (("qiskit-aer", aer), ("qsimcirq", qsim), ("qulacs", qulacs), ("stim", stim)):
    try:
        version(package)
    except PackageNotFoundError:
        continue
    # Stim has one thread.
    if package != "stim" or THREADS == 1:
        run()
