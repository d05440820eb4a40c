//! Data tests over the whole stack: each module runs the files of a folder of `suite/`.

pub mod readers;

#[cfg(test)]
mod clifford_conformance;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod noise_conformance;
#[cfg(test)]
mod observable_conformance;
#[cfg(test)]
mod qasm_conformance;
#[cfg(test)]
mod run_conformance;
