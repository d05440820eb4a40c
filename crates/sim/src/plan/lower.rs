//! Instructions become operations on bits of the vector.

use std::sync::Arc;

use circuit::{GateMatrix, Qubit, UnitaryInstruction};
use num_complex::Complex64;
use quantum_info::Matrix;
use smallvec::SmallVec;

use super::Tuning;
use super::fuse::{Matrix2, Pair, emit_one, is_diagonal, phase_under, product};
use super::op::{Action, Bits, Entries, Op};
use crate::SimError;
use crate::layout::Layout;
use crate::limits::MAX_QUBITS;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);
const ONE: Complex64 = Complex64::new(1.0, 0.0);

/// What a qubit's label points at; swaps exchange labels.
#[derive(Debug, Clone)]
struct Wire {
    /// Its bit, once it has one. Without, it is |0⟩ followed by `pending`.
    bit: Option<u8>,
    /// One-qubit gates not yet emitted, multiplied.
    pending: Option<Matrix2>,
    /// The pair that was the last to touch it.
    pair: Option<u32>,
}

/// A place in the list of operations.
enum Item {
    Op(Op),
    Pair(u32),
}

/// What is known of a wire without a bit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Zero,
    One,
    No,
}

/// How an operation acts on a wire.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touch {
    /// Only reads it in the Z basis: pending phases commute with that.
    Reads,
    Mixes,
}

pub(crate) struct Lowering {
    wires: Vec<Wire>,
    /// For each qubit its wire.
    wire_of: Vec<usize>,
    items: Vec<Item>,
    pairs: Vec<Pair>,
    num_bits: u8,
    phase: Complex64,
    tuning: Tuning,
    /// For finding repeated qubits: the last instruction that named each.
    seen: Vec<u32>,
    clock: u32,
}

type Wires = SmallVec<[usize; 4]>;

impl Lowering {
    pub(crate) fn new(layout: &Layout, tuning: Tuning) -> Result<Self, SimError> {
        let n = layout.num_qubits();
        let wires = (0..n)
            .map(|q| Wire {
                bit: u32::try_from(q)
                    .ok()
                    .and_then(|q| layout.position(Qubit(q)))
                    .and_then(|p| u8::try_from(p).ok()),
                pending: None,
                pair: None,
            })
            .collect();
        if n > MAX_QUBITS {
            return Err(SimError::TooManyQubits {
                what: "state vector",
                asked: n,
                max: MAX_QUBITS,
            });
        }
        Ok(Self {
            wires,
            wire_of: (0..n).collect(),
            items: Vec::new(),
            pairs: Vec::new(),
            num_bits: u8::try_from(layout.num_active()).unwrap_or(u8::MAX),
            phase: ONE,
            tuning,
            seen: vec![0; n],
            clock: 0,
        })
    }

    pub(crate) fn num_bits(&self) -> usize {
        usize::from(self.num_bits)
    }

    /// Where the qubits lie, once everything is settled.
    pub(crate) fn layout(&self) -> Layout {
        Layout::from_positions(self.wire_of.iter().map(|&w| self.wires[w].bit))
    }

    fn wire(&mut self, qubit: Qubit) -> Result<usize, SimError> {
        let q = qubit.index();
        let Some(seen) = self.seen.get_mut(q) else {
            return Err(SimError::NoSuchQubit { qubit, num_qubits: self.wires.len() });
        };
        if *seen == self.clock {
            return Err(SimError::RepeatedQubit { qubit });
        }
        *seen = self.clock;
        Ok(self.wire_of[q])
    }

    fn known(&self, w: usize) -> Known {
        match &self.wires[w] {
            Wire { bit: Some(_), .. } => Known::No,
            Wire { pending: None, .. } => Known::Zero,
            Wire { pending: Some(u), .. } if u[2] == ZERO => Known::Zero,
            Wire { pending: Some(u), .. } if u[0] == ZERO => Known::One,
            Wire { .. } => Known::No,
        }
    }

    /// Adds one unitary.
    pub(crate) fn unitary(&mut self, u: &UnitaryInstruction) -> Result<(), SimError> {
        self.clock = self.clock.wrapping_add(1);
        if self.clock == 0 {
            self.seen.fill(0);
            self.clock = 1;
        }
        let mut controls: SmallVec<[(usize, bool); 4]> = SmallVec::new();
        let mut happens = true;
        for c in &u.controls {
            let w = self.wire(c.qubit)?;
            match self.known(w) {
                Known::No => controls.push((w, c.on)),
                known => happens &= (known == Known::One) == c.on,
            }
        }
        let mut targets = Wires::new();
        for &q in &u.targets {
            targets.push(self.wire(q)?);
        }
        let shape = |entries: usize| SimError::MatrixShape { targets: targets.len(), entries };
        let dim =
            1_usize.checked_shl(u32::try_from(targets.len()).unwrap_or(u32::MAX)).unwrap_or(0);
        match &u.matrix {
            GateMatrix::Dense(m) if m.dim() != dim => return Err(shape(m.entries().len())),
            GateMatrix::Diagonal(d) if d.len() != dim => return Err(shape(d.len())),
            GateMatrix::Permutation(p) if !is_bijection(p, dim) => return Err(shape(p.len())),
            _ => {}
        }
        if !happens {
            return Ok(());
        }
        match &u.matrix {
            GateMatrix::Dense(m) => self.dense(&controls, &targets, m),
            GateMatrix::Diagonal(d) => {
                let entries = if d.len() <= 4 {
                    Entries::Few(SmallVec::from_slice(d))
                } else {
                    Entries::Many(Arc::clone(d))
                };
                self.diagonal(&controls, &targets, entries);
            }
            GateMatrix::Permutation(p) => {
                if targets.len() <= 2 {
                    let mut m = Matrix::zero(dim);
                    for (from, &to) in p.iter().enumerate() {
                        m.set(to as usize, from, ONE);
                    }
                    self.dense(&controls, &targets, &m);
                } else {
                    self.permutation(&controls, &targets, Arc::clone(p));
                }
            }
        }
        Ok(())
    }

    fn dense(&mut self, controls: &[(usize, bool)], targets: &[usize], m: &Matrix) {
        let e = m.entries();
        match *targets {
            [] => self.diagonal(controls, &[], Entries::Few(SmallVec::from_slice(e))),
            [t] => {
                let u = [e[0], e[1], e[2], e[3]];
                if controls.is_empty() {
                    let wire = &mut self.wires[t];
                    wire.pending = Some(wire.pending.map_or(u, |p| product(&u, &p)));
                } else if is_diagonal(&u) {
                    self.diagonal(
                        controls,
                        targets,
                        Entries::Few(SmallVec::from_slice(&[u[0], u[3]])),
                    );
                } else if u[0] == ZERO && u[3] == ZERO {
                    // [[0, b], [c, 0]] = X · diag(c, b).
                    if u[1] != ONE || u[2] != ONE {
                        self.diagonal(
                            controls,
                            targets,
                            Entries::Few(SmallVec::from_slice(&[u[2], u[1]])),
                        );
                    }
                    self.act(controls, targets, |bits| Action::X { bit: bits[0] });
                } else {
                    self.act(controls, targets, |bits| Action::One { bit: bits[0], u });
                }
            }
            _ if is_diagonal_matrix(m) => {
                let entries = (0..m.dim()).map(|i| m.at(i, i)).collect();
                self.diagonal(controls, targets, Entries::Few(entries));
            }
            [a, b] => self.dense2(controls, a, b, e),
            _ => {
                if let Some(map) = as_permutation(m) {
                    self.permutation(controls, targets, map);
                } else {
                    self.act(controls, targets, |bits| Action::Dense {
                        bits: bits.clone(),
                        u: Box::new(m.clone()),
                    });
                }
            }
        }
    }

    fn dense2(&mut self, controls: &[(usize, bool)], a: usize, b: usize, e: &[Complex64]) {
        let off_swap = (0..16).any(|k| !matches!(k, 0 | 6 | 9 | 15) && e[k] != ZERO);
        if !off_swap && controls.is_empty() {
            // A swap with phases: diag, then exchange the labels. Column 1 goes to row 2.
            self.diagonal(
                &[],
                &[a, b],
                Entries::Few(SmallVec::from_slice(&[e[0], e[9], e[6], e[15]])),
            );
            self.exchange(a, b);
            return;
        }
        if !off_swap && [e[0], e[6], e[9], e[15]] == [ONE; 4] {
            let x = |bits: &Bits| Action::X { bit: bits[0] };
            let mut inner: SmallVec<[(usize, bool); 4]> = SmallVec::from_slice(controls);
            inner.push((a, true));
            self.act(&[(b, true)], &[a], x);
            self.act(&inner, &[b], x);
            self.act(&[(b, true)], &[a], x);
            return;
        }
        self.act(controls, &[a, b], |bits| {
            let flip = bits[0] > bits[1];
            // Entries for the bits in ascending order.
            let at = |i: usize| if flip { (i & 1) << 1 | i >> 1 } else { i };
            let u = std::array::from_fn(|k| e[4 * at(k / 4) + at(k % 4)]);
            let [x, y] = if flip { [bits[1], bits[0]] } else { [bits[0], bits[1]] };
            Action::Two { bits: [x, y], u: Box::new(u) }
        });
    }

    /// Exchanges what the labels of two wires point at.
    fn exchange(&mut self, a: usize, b: usize) {
        for w in &mut self.wire_of {
            if *w == a {
                *w = b;
            } else if *w == b {
                *w = a;
            }
        }
    }

    fn diagonal(&mut self, controls: &[(usize, bool)], targets: &[usize], entries: Entries) {
        // Targets without a bit are |0⟩ or |1⟩ or must get one.
        let mut index_of_known = 0;
        let mut rest = Wires::new();
        let mut keep: SmallVec<[usize; 8]> = SmallVec::new();
        for (k, &t) in targets.iter().enumerate() {
            match self.known(t) {
                Known::Zero => {}
                Known::One => index_of_known |= 1 << k,
                Known::No => {
                    keep.push(k);
                    rest.push(t);
                }
            }
        }
        let entries = if keep.len() == targets.len() {
            entries
        } else {
            let all = entries.as_slice();
            let pick = |i: usize| -> Complex64 {
                all[keep
                    .iter()
                    .enumerate()
                    .fold(index_of_known, |x, (j, &k)| x | (i >> j & 1) << k)]
            };
            Entries::Few((0..1 << keep.len()).map(pick).collect())
        };
        let values = entries.as_slice();
        if values.iter().all(|&z| z == ONE) {
            return;
        }
        if controls.is_empty() {
            match *rest {
                [] => {
                    self.phase *= values[0];
                    return;
                }
                [t] => {
                    let d = [values[0], ZERO, ZERO, values[1]];
                    let wire = &mut self.wires[t];
                    wire.pending = Some(wire.pending.map_or(d, |p| product(&d, &p)));
                    return;
                }
                _ => {}
            }
        } else if let ([], [(w, on)]) = (&*rest, controls) {
            // A phase under one control is a one-qubit gate.
            let d = if *on { [ONE, ZERO, ZERO, values[0]] } else { [values[0], ZERO, ZERO, ONE] };
            let wire = &mut self.wires[*w];
            wire.pending = Some(wire.pending.map_or(d, |p| product(&d, &p)));
            return;
        }
        // Only the last phase differs from 1: all bits are controls.
        if rest.len() <= 8
            && values.len() > 1
            && values[..values.len() - 1].iter().all(|&z| z == ONE)
        {
            let last = values[values.len() - 1];
            let all: SmallVec<[(usize, bool); 4]> =
                controls.iter().copied().chain(rest.iter().map(|&t| (t, true))).collect();
            self.diagonal(&all, &[], Entries::Few(SmallVec::from_slice(&[last])));
            return;
        }
        let touched: Wires = controls.iter().map(|c| c.0).chain(rest.iter().copied()).collect();
        // Into an open pair, if it is exactly these two.
        let pair = match *touched {
            [a, b] => self.wires[a].pair.filter(|p| self.wires[b].pair == Some(*p)),
            _ => None,
        };
        for &w in &touched {
            self.touch(w, Touch::Reads);
        }
        let (ctrl_mask, ctrl_value) = self.masks(controls);
        let bits = self.bits(&rest);
        let op = Op { ctrl_mask, ctrl_value, action: Action::Diagonal { bits, entries } };
        match pair {
            Some(p) => self.pairs[p as usize].parts.push(op),
            None => self.push(op, &touched),
        }
    }

    fn permutation(&mut self, controls: &[(usize, bool)], targets: &[usize], map: Arc<[u32]>) {
        self.act(controls, targets, |bits| Action::Permutation { bits: bits.clone(), map });
    }

    /// Adds an operation that mixes its targets.
    fn act(
        &mut self,
        controls: &[(usize, bool)],
        targets: &[usize],
        action: impl FnOnce(&Bits) -> Action,
    ) {
        let wires: Wires = controls.iter().map(|c| c.0).chain(targets.iter().copied()).collect();
        if let ([a, b], true) = (&*wires, self.tuning.fuse) {
            let (a, b) = (*a, *b);
            self.activate(a);
            self.activate(b);
            let open = self.wires[a].pair.filter(|p| self.wires[b].pair == Some(*p));
            let p = open.unwrap_or_else(|| self.open(a, b));
            self.absorb(p, a);
            self.absorb(p, b);
            let (ctrl_mask, ctrl_value) = self.masks(controls);
            let op = Op { ctrl_mask, ctrl_value, action: action(&self.bits(targets)) };
            self.pairs[p as usize].parts.push(op);
            return;
        }
        for (w, _) in controls {
            self.touch(*w, Touch::Reads);
        }
        for &w in targets {
            self.touch(w, Touch::Mixes);
        }
        let (ctrl_mask, ctrl_value) = self.masks(controls);
        let op = Op { ctrl_mask, ctrl_value, action: action(&self.bits(targets)) };
        self.push(op, &wires);
    }

    fn push(&mut self, op: Op, wires: &[usize]) {
        self.items.push(Item::Op(op));
        for &w in wires {
            self.wires[w].pair = None;
        }
    }

    /// Starts a pair here.
    fn open(&mut self, a: usize, b: usize) -> u32 {
        let p = u32::try_from(self.pairs.len()).unwrap_or(u32::MAX);
        let (x, y) = (self.bit(a), self.bit(b));
        self.pairs.push(Pair { a: x.min(y), b: x.max(y), parts: Vec::new() });
        self.items.push(Item::Pair(p));
        self.wires[a].pair = Some(p);
        self.wires[b].pair = Some(p);
        p
    }

    /// Moves a wire's pending gates into a pair.
    fn absorb(&mut self, p: u32, w: usize) {
        if let Some(u) = self.wires[w].pending.take() {
            let bit = self.bit(w);
            let parts = &mut self.pairs[p as usize].parts;
            emit_one(bit, &u, &mut |op| parts.push(op));
        }
    }

    fn bit(&self, w: usize) -> u8 {
        debug_assert!(self.wires[w].bit.is_some(), "wires are activated before they are used");
        self.wires[w].bit.unwrap_or(0)
    }

    fn bits(&self, wires: &[usize]) -> Bits {
        wires.iter().map(|&w| self.bit(w)).collect()
    }

    fn masks(&self, controls: &[(usize, bool)]) -> (u64, u64) {
        controls.iter().fold((0, 0), |(mask, value), &(w, on)| {
            let bit = 1 << self.bit(w);
            (mask | bit, if on { value | bit } else { value })
        })
    }

    fn activate(&mut self, w: usize) {
        if self.wires[w].bit.is_none() {
            self.wires[w].bit = Some(self.num_bits);
            self.num_bits += 1;
        }
    }

    /// Makes a wire ready for an operation that touches it so.
    fn touch(&mut self, w: usize, how: Touch) {
        self.activate(w);
        if how == Touch::Reads && self.wires[w].pending.as_ref().is_none_or(is_diagonal) {
            return;
        }
        self.flush(w);
    }

    /// Emits a wire's pending gates.
    fn flush(&mut self, w: usize) {
        if let (Some(p), Some(_)) = (self.wires[w].pair, self.wires[w].bit) {
            self.absorb(p, w);
            return;
        }
        let Some(u) = self.wires[w].pending.take() else { return };
        self.activate(w);
        let bit = self.bit(w);
        let items = &mut self.items;
        emit_one(bit, &u, &mut |op| items.push(Item::Op(op)));
    }

    /// Emits what is pending on a qubit; its bit, if it has or needs one.
    pub(crate) fn settle(&mut self, qubit: Qubit) -> Result<Option<u8>, SimError> {
        let n = self.wires.len();
        let &w = self
            .wire_of
            .get(qubit.index())
            .ok_or(SimError::NoSuchQubit { qubit, num_qubits: n })?;
        if self.known(w) == Known::Zero {
            if let Some(u) = self.wires[w].pending.take() {
                self.phase *= u[0];
            }
        } else {
            self.flush(w);
        }
        Ok(self.wires[w].bit)
    }

    pub(crate) fn settle_all(&mut self) {
        for q in 0..u32::try_from(self.wires.len()).unwrap_or(0) {
            let settled = self.settle(Qubit(q));
            debug_assert!(settled.is_ok(), "the qubit is one of the register");
        }
    }

    /// The operations so far, in order. Gates pending on other wires stay pending.
    pub(crate) fn finish(&mut self) -> Vec<Op> {
        let mut pairs: Vec<Option<Pair>> =
            std::mem::take(&mut self.pairs).into_iter().map(Some).collect();
        let mut ops = Vec::with_capacity(self.items.len());
        for item in std::mem::take(&mut self.items) {
            match item {
                Item::Op(op) => ops.push(op),
                Item::Pair(p) => {
                    if let Some(pair) = pairs[p as usize].take() {
                        pair.emit(&mut ops);
                    }
                }
            }
        }
        for wire in &mut self.wires {
            wire.pair = None;
        }
        if self.phase != ONE {
            let phase = std::mem::replace(&mut self.phase, ONE);
            if !ops.iter_mut().rev().any(|op| scale(op, phase)) {
                ops.push(phase_under(0, 0, phase));
            }
        }
        ops
    }
}

/// Multiplies an operation by a phase where that costs nothing.
fn scale(op: &mut Op, phase: Complex64) -> bool {
    if op.ctrl_mask != 0 {
        return false;
    }
    match &mut op.action {
        Action::One { u, .. } => u.iter_mut().for_each(|z| *z *= phase),
        Action::Two { u, .. } => u.iter_mut().for_each(|z| *z *= phase),
        Action::Diagonal { entries: Entries::Few(e), .. } => e.iter_mut().for_each(|z| *z *= phase),
        _ => return false,
    }
    true
}

fn is_diagonal_matrix(m: &Matrix) -> bool {
    let d = m.dim();
    m.entries().iter().enumerate().all(|(k, z)| k % (d + 1) == 0 || *z == ZERO)
}

/// The map of a matrix of zeros and ones that permutes.
fn as_permutation(m: &Matrix) -> Option<Arc<[u32]>> {
    let d = m.dim();
    let mut map = vec![0_u32; d];
    for (from, to) in map.iter_mut().enumerate() {
        let mut rows = (0..d).filter(|&r| m.at(r, from) != ZERO);
        let row = rows.next().filter(|&r| m.at(r, from) == ONE)?;
        if rows.next().is_some() {
            return None;
        }
        *to = u32::try_from(row).ok()?;
    }
    is_bijection(&map, d).then(|| map.into())
}

fn is_bijection(map: &[u32], dim: usize) -> bool {
    if map.len() != dim {
        return false;
    }
    let mut seen = vec![false; dim];
    map.iter().all(|&to| seen.get_mut(to as usize).is_some_and(|s| !std::mem::replace(s, true)))
}
