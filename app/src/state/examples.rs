//! Circuits to begin with. The first is what a first visit shows.

/// A name in the menu and a program.
pub struct Example {
    pub name: &'static str,
    pub text: &'static str,
}

pub const EXAMPLES: &[Example] = &[
    Example {
        name: "GHZ",
        text: "\
OPENQASM 3.0;
include \"stdgates.inc\";

qubit[3] q;
bit[3] c;

h q[0];
cx q[0], q[1];
cx q[1], q[2];
c = measure q;
",
    },
    Example {
        name: "Bell",
        text: "\
OPENQASM 3.0;
include \"stdgates.inc\";

qubit[2] q;

h q[0];
cx q[0], q[1];
",
    },
    Example {
        name: "Teleportation",
        text: "\
OPENQASM 3.0;
include \"stdgates.inc\";

qubit[3] q;
bit[2] m;
bit out;

ry(pi/3) q[0];
h q[1];
cx q[1], q[2];
cx q[0], q[1];
h q[0];
m[0] = measure q[0];
m[1] = measure q[1];
if (m[1]) x q[2];
if (m[0]) z q[2];
out = measure q[2];
",
    },
    Example {
        name: "Grover, 3 qubits",
        text: "\
OPENQASM 3.0;
include \"stdgates.inc\";

qubit[3] q;
bit[3] c;

h q;
x q[1];
h q[2];
ccx q[0], q[1], q[2];
h q[2];
x q[1];
h q;
x q;
h q[2];
ccx q[0], q[1], q[2];
h q[2];
x q;
h q;
c = measure q;
",
    },
    Example {
        name: "Fourier transform, 4 qubits",
        text: "\
OPENQASM 3.0;
include \"stdgates.inc\";

qubit[4] q;

x q[0];
x q[2];
h q[3];
cp(pi/2) q[2], q[3];
cp(pi/4) q[1], q[3];
cp(pi/8) q[0], q[3];
h q[2];
cp(pi/2) q[1], q[2];
cp(pi/4) q[0], q[2];
h q[1];
cp(pi/2) q[0], q[1];
h q[0];
swap q[0], q[3];
swap q[1], q[2];
",
    },
];
