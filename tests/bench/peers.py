"""One other simulator in a process of its own, timed on request. `cargo xtask bench` starts it:

    python peers.py qulacs|lightning|aer|qsim THREADS

It answers each line of standard input, a JSON object, with one JSON object a line; the first line of
output, `{"ready": true, "version": ...}`, comes unasked. Requests, by `task`:

    circuit  path, variant, budget, most, check   seconds of each run
    shots    path, shots                          seconds beyond the state
    pauli    path, terms, [[weight, [[qubit, letter], ...]], ...]   seconds beyond the state, value
    qubits   n, rounds                            median seconds of one H on each qubit

Reading the program and building the simulator's own circuit is never part of the time, nor is an optimizer
that is called before the run; both favour the peer. With `check` the answer holds `ones`, P(1) of each
qubit, and `ipr`, the sum of all probabilities squared, so that each one is seen to have run the same circuit.
"""

import cmath
import json
import math
import re
import statistics
import sys
import time
from importlib.metadata import version

import numpy as np

STATEMENT = re.compile(r"(?P<name>[a-z][a-z0-9]*)(\((?P<params>.*)\))? (?P<qubits>q\[.*\]);$")


def read(path):
    """Number of qubits and the gates: (name, qubits, parameters)."""
    num_qubits, gates = 0, []
    with open(path) as lines:
        for line in map(str.strip, lines):
            if line.startswith("qreg"):
                num_qubits = int(line[line.index("[") + 1 : line.index("]")])
            elif not line.startswith(("OPENQASM", "include")):
                found = STATEMENT.match(line)
                params = [float(p) for p in (found["params"] or "").split(",") if p]
                qubits = [int(q) for q in re.findall(r"\d+", found["qubits"][1:])]
                gates.append((found["name"], qubits, params))
    return num_qubits, gates


def timed(request, run, seconds=None):
    """Times of `run`, called until the budget is spent; a short one once before, unseen.

    `seconds` reads the time from what `run` returns, where the peer measures itself."""
    budget, most = request.get("budget", 0.2), request.get("most", 100)
    begun, times, first = time.perf_counter(), [], True
    while not times or (len(times) < most and time.perf_counter() - begun < budget):
        start = time.perf_counter()
        result = run()
        took = time.perf_counter() - start if seconds is None else seconds(result)
        if not first or took >= budget / 4:
            times.append(took)
        first = False
    return times


def once(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def qubit_rounds(request, apply):
    """Median time of `apply(qubit)` for each qubit."""
    times = [[] for _ in range(request["n"])]
    for _ in range(request.get("rounds", 3)):
        for qubit, of_qubit in enumerate(times):
            of_qubit.append(once(lambda: apply(qubit)))
    return {"qubits": [statistics.median(t) for t in times]}


def checks(probabilities):
    """`probabilities` in index order, qubit 0 least significant."""
    n = len(probabilities).bit_length() - 1
    index = np.arange(len(probabilities))
    p = np.asarray(probabilities, dtype=np.float64)
    return {"ones": [float(p[index >> q & 1 == 1].sum()) for q in range(n)], "ipr": float((p**2).sum())}


def first_qubit_lowest(probabilities):
    """From an order in which qubit 0 is the most significant one."""
    n = len(probabilities).bit_length() - 1
    return np.asarray(probabilities).reshape([2] * n).transpose().reshape(-1)


class Qulacs:
    """Its signs: RX(t) is exp(+i t/2 X). Qubit 0 is least significant."""

    def __init__(self, threads):
        import qulacs

        self.q, self.version = qulacs, "qulacs " + version("qulacs")

    def gate(self, name, q, p):
        from qulacs import gate as g

        match name:
            case "rx" | "ry" | "rz":
                return getattr(g, name.upper())(q[0], -p[0])
            case "u3":
                return g.U3(q[0], *p)
            case "cp":
                phase = g.to_matrix_gate(g.U1(q[1], p[0]))
                phase.add_control_qubit(q[0], 1)
                return phase
            case "rzz":
                return g.PauliRotation(q, [3, 3], -p[0])
        own = {"cx": "CNOT", "ccx": "TOFFOLI", "sdg": "Sdag"}.get(name, name.upper())
        return getattr(g, own)(*q)

    def built(self, path):
        n, gates = read(path)
        circuit = self.q.QuantumCircuit(n)
        for gate in gates:
            circuit.add_gate(self.gate(*gate))
        return n, circuit

    def circuit(self, request):
        n, circuit = self.built(request["path"])
        if request.get("variant") == "light":
            from qulacs.circuit import QuantumCircuitOptimizer

            QuantumCircuitOptimizer().optimize_light(circuit)
        state = self.q.QuantumState(n)

        def run():
            state.set_zero_state()
            circuit.update_quantum_state(state)

        answer = {"seconds": timed(request, run)}
        if request.get("check"):
            answer |= checks(abs(state.get_vector()) ** 2)
        return answer

    def state(self, path):
        n, circuit = self.built(path)
        state = self.q.QuantumState(n)
        circuit.update_quantum_state(state)
        return n, state

    def shots(self, request):
        _, state = self.state(request["path"])
        return {"seconds": timed(request, lambda: state.sampling(request["shots"]))}

    def pauli(self, request):
        n, state = self.state(request["path"])
        observable = self.q.Observable(n)
        for weight, factors in request["terms"]:
            observable.add_operator(weight, " ".join(f"{letter} {q}" for q, letter in factors))
        value = observable.get_expectation_value(state)
        times = timed(request, lambda: observable.get_expectation_value(state))
        return {"seconds": times, "value": value}

    def qubits(self, request):
        from qulacs import gate as g

        state = self.q.QuantumState(request["n"])
        for q in range(request["n"]):
            g.RY(q, 0.3 + q).update_quantum_state(state)
        gates = [g.H(q) for q in range(request["n"])]
        return qubit_rounds(request, lambda q: gates[q].update_quantum_state(state))


class Lightning:
    """Its C++ kernels, called without PennyLane's own layers, on one thread: it has no more for them.

    Wire 0 is most significant, so qubits are handed over as they are and probabilities turned around."""

    NAMES = {
        "h": "Hadamard", "x": "PauliX", "y": "PauliY", "z": "PauliZ", "s": "S", "t": "T", "rx": "RX", "ry": "RY",
        "rz": "RZ", "p": "PhaseShift", "cp": "ControlledPhaseShift", "cx": "CNOT", "cz": "CZ", "swap": "SWAP",
        "ccx": "Toffoli", "rzz": "IsingZZ",
    }  # fmt: skip

    def __init__(self, threads):
        from pennylane_lightning import lightning_qubit_ops

        self.ops, self.version = lightning_qubit_ops, "lightning " + version("pennylane_lightning")

    def state(self, n, variant="f64"):
        return (self.ops.StateVectorC64 if variant == "f32" else self.ops.StateVectorC128)(n)

    def calls(self, state, gates):
        for name, q, p in gates:
            if name == "u3":
                # Rot(phi, theta, omega) is RZ(omega) RY(theta) RZ(phi): U3 up to its phase.
                yield state.Rot, q, False, [p[2], p[0], p[1]]
            else:
                inverse = name.endswith("dg")
                yield getattr(state, self.NAMES[name.removesuffix("dg")]), q, inverse, p

    def circuit(self, request):
        n, gates = read(request["path"])
        single = request.get("variant") == "f32"
        state = self.state(n, request.get("variant"))
        calls = list(self.calls(state, gates))

        def run():
            state.resetStateVector()
            for kernel, qubits, inverse, params in calls:
                kernel(qubits, inverse, params)

        answer = {"seconds": timed(request, run)}
        if request.get("check"):
            out = np.zeros(1 << n, dtype=np.complex64 if single else np.complex128)
            state.getState(out)
            answer |= checks(first_qubit_lowest(abs(out) ** 2))
        return answer

    def pauli(self, request):
        n, gates = read(request["path"])
        state = self.state(n)
        for kernel, qubits, inverse, params in self.calls(state, gates):
            kernel(qubits, inverse, params)
        known = self.ops.observables
        terms = []
        for _, factors in request["terms"]:
            named = [known.NamedObsC128("Pauli" + letter, [q]) for q, letter in factors]
            terms.append(named[0] if len(named) == 1 else known.TensorProdObsC128(named))
        weights = np.array([weight for weight, _ in request["terms"]])
        hamiltonian = known.HamiltonianC128(weights, terms)
        measurements = self.ops.MeasurementsC128(state)
        value = measurements.expval(hamiltonian)
        return {"seconds": timed(request, lambda: measurements.expval(hamiltonian)), "value": value}

    def qubits(self, request):
        state = self.state(request["n"])
        for q in range(request["n"]):
            state.RY([q], False, [0.3 + q])
        # Wire 0 is the highest one.
        top = request["n"] - 1
        return qubit_rounds(request, lambda q: state.Hadamard([top - q], False, []))


class Aer:
    """Times are its own `time_taken`: without the transfer of circuit and result."""

    # Fusion to fewer qubits, and gates on the lower 14 of them block by block: the best of those tried on
    # qft, qv, hea and qaoa.
    TUNED = {"fusion_max_qubit": 3, "blocking_enable": True, "blocking_qubits": 14}

    def __init__(self, threads):
        self.threads = threads
        self.version = f"qiskit-aer {version('qiskit-aer')} (qiskit {version('qiskit')})"

    def simulator(self, request):
        from qiskit_aer import AerSimulator

        options = {"method": "statevector", "max_parallel_threads": self.threads}
        if request.get("variant") == "tuned":
            options |= self.TUNED
            if request["n"] <= self.TUNED["blocking_qubits"]:
                options["blocking_enable"] = False
        return AerSimulator(**options)

    def built(self, path):
        from qiskit import QuantumCircuit

        n, gates = read(path)
        circuit = QuantumCircuit(n)
        for name, q, p in gates:
            getattr(circuit, "u" if name == "u3" else name)(*p, *q)
        return n, circuit

    @staticmethod
    def taken(result):
        if not result.success:
            raise RuntimeError(result.status)
        return result.results[0].time_taken

    def circuit(self, request):
        n, circuit = self.built(request["path"])
        simulator = self.simulator(request | {"n": n})
        if request.get("check"):
            probabilities = circuit.copy()
            probabilities.save_probabilities()
            found = checks(simulator.run(probabilities, shots=1).result().data(0)["probabilities"])
        else:
            found = {}
        # Something must be asked for, or the run is left out.
        circuit.save_amplitudes([0])
        times = timed(request, lambda: simulator.run(circuit, shots=1).result(), self.taken)
        return {"seconds": times} | found

    def beyond(self, request, with_it, without):
        """Median time of one circuit less that of another."""
        simulator = self.simulator(request)
        median = lambda c, s: statistics.median(
            self.taken(simulator.run(c, shots=s).result()) for _ in range(3)
        )
        return median(with_it, request.get("shots", 1)) - median(without, 1)

    def shots(self, request):
        _, circuit = self.built(request["path"])
        circuit.measure_all()
        return {"seconds": [self.beyond(request, circuit, circuit)]}

    def pauli(self, request):
        from qiskit.quantum_info import SparsePauliOp

        n, circuit = self.built(request["path"])
        terms = [("".join(l for _, l in f), [q for q, _ in f], w) for w, f in request["terms"]]
        operator = SparsePauliOp.from_sparse_list(terms, num_qubits=n)
        asked = circuit.copy()
        asked.save_expectation_value(operator, range(n))
        circuit.save_amplitudes([0])
        value = self.simulator(request).run(asked, shots=1).result().data(0)["expectation_value"]
        return {"seconds": [self.beyond(request, asked, circuit)], "value": float(value.real)}


class Qsim:
    """Gates fused to two qubits, its default in Python. The time holds fusion and the state's allocation."""

    def __init__(self, threads):
        self.threads = threads
        self.version = f"qsimcirq {version('qsimcirq')} (cirq {version('cirq-core')})"

    def operation(self, name, qubits, p):
        import cirq

        match name:
            case "rx" | "ry" | "rz":
                gate = getattr(cirq, name)(p[0])
            case "u3":
                c, s = math.cos(p[0] / 2), math.sin(p[0] / 2)
                phi, lam = cmath.exp(1j * p[1]), cmath.exp(1j * p[2])
                gate = cirq.MatrixGate(np.array([[c, -lam * s], [phi * s, phi * lam * c]]))
            case "p":
                gate = cirq.ZPowGate(exponent=p[0] / math.pi)
            case "cp":
                gate = cirq.CZPowGate(exponent=p[0] / math.pi)
            case "rzz":
                gate = cirq.ZZPowGate(exponent=p[0] / math.pi, global_shift=-0.5)
            case "sdg" | "tdg":
                gate = {"sdg": cirq.S, "tdg": cirq.T}[name] ** -1
            case _:
                gate = getattr(cirq, {"cx": "CNOT"}.get(name, name.upper()))
        return gate.on(*qubits)

    def circuit(self, request):
        import cirq
        import qsimcirq
        from qsimcirq.qsim_circuit import QSimCircuit

        n, gates = read(request["path"])
        line = cirq.LineQubit.range(n)
        circuit = cirq.Circuit(self.operation(g, [line[i] for i in q], p) for g, q, p in gates)
        options = qsimcirq.QSimOptions(max_fused_gate_size=2, cpu_threads=self.threads)
        simulator = qsimcirq.QSimSimulator(options)
        # As its own `simulate` does, with the translation taken out of the time.
        native, _ = simulator._translate_circuit(
            QSimCircuit(circuit), "translate_cirq_to_qsim", cirq.QubitOrder.explicit(line)
        )
        call = dict(simulator.qsim_options) | {"c": native, "s": 1}
        kept = [None]

        def run():
            kept[0] = None
            kept[0] = simulator._sim_module.qsim_simulate_fullstate(call, 0)

        answer = {"seconds": timed(request, run)}
        if request.get("check"):
            amplitudes = np.asarray(kept[0])
            if amplitudes.dtype == np.float32:
                amplitudes = amplitudes.view(np.complex64)
            answer |= checks(first_qubit_lowest(abs(amplitudes[: 1 << n]) ** 2))
        return answer


PEERS = {"qulacs": Qulacs, "lightning": Lightning, "aer": Aer, "qsim": Qsim}


def say(answer):
    print(json.dumps(answer), flush=True)


def main():
    try:
        peer = PEERS[sys.argv[1]](int(sys.argv[2]))
    except ImportError as error:
        return say({"error": f"not installed: {error}"})
    say({"ready": True, "version": peer.version})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(peer, request["task"])(request)
        except Exception as error:  # told, and the next request is served
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        say(answer)


if __name__ == "__main__":
    main()
