//! In which order the statements of an edited picture stand.
//!
//! Statements that share a wire or a bit keep the order of the columns; beyond that each stays as
//! near as possible to where it stood in the text.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::document::{Condition, Document, Operation, What};

/// Where a statement wants to stand: slot, then order among those of one slot. Statement `i` of the
/// text has slot `2·i + 1`; what is new stands in the even slots between.
pub type Slot = (u64, u32);

/// Who has to come before whom.
#[derive(Debug, Default)]
pub struct Graph {
    after: Vec<Vec<u32>>,
    before: Vec<u32>,
}

impl Graph {
    pub fn new(nodes: usize) -> Self {
        Self { after: vec![Vec::new(); nodes], before: vec![0; nodes] }
    }

    pub fn edge(&mut self, first: usize, then: usize) {
        if first != then {
            self.after[first].push(u32::try_from(then).expect("bounded by the operations drawn"));
            self.before[then] += 1;
        }
    }

    /// All nodes, or those that wait for each other.
    pub fn sort(mut self, slots: &[Slot]) -> Result<Vec<usize>, Vec<usize>> {
        let mut ready: BinaryHeap<Reverse<(Slot, usize)>> = (0..slots.len())
            .filter(|&n| self.before[n] == 0)
            .map(|n| Reverse((slots[n], n)))
            .collect();
        let mut out = Vec::with_capacity(slots.len());
        while let Some(Reverse((_, node))) = ready.pop() {
            out.push(node);
            for &next in &self.after[node] {
                let next = next as usize;
                self.before[next] -= 1;
                if self.before[next] == 0 {
                    ready.push(Reverse((slots[next], next)));
                }
            }
        }
        if out.len() == slots.len() {
            return Ok(out);
        }
        Err((0..slots.len()).filter(|&n| self.before[n] > 0).collect())
    }
}

/// Rows and bits of one kind, each with what touched it last.
struct Touched<T> {
    rows: Vec<Option<T>>,
    written: Vec<Option<T>>,
    read: Vec<Vec<T>>,
}

/// Calls `edge(earlier, later)` for each two of `operations` (in the order of columns) that must
/// keep their order, neighbors on each wire and bit alone.
pub fn dependencies(
    document: &Document,
    operations: &[(&Arc<Operation>, usize)],
    mut edge: impl FnMut(usize, usize),
) {
    let header = &*document.header;
    let n = (document.num_qubits() as usize).max(1);
    let bits = document.num_clbits() as usize;
    let mut touched =
        Touched { rows: vec![None; n], written: vec![None; bits], read: vec![Vec::new(); bits] };
    for (at, (op, _)) in operations.iter().enumerate() {
        let mut row = |row: usize| {
            if let Some(before) = touched.rows[row].replace(at) {
                edge(before, at);
            }
        };
        if op.is_full() {
            (0..n).for_each(&mut row);
        } else if matches!(op.what, What::Barrier) {
            op.targets.iter().for_each(|q| row(q.index()));
        } else {
            op.rows(document.num_qubits()).for_each(|q| row(q as usize));
        }
        let reads = match op.condition {
            Some(Condition::Bit { clbit, .. }) => clbit.index()..clbit.index() + 1,
            Some(Condition::Register { register, .. }) => {
                let start = header.register_start(register as usize) as usize;
                start..start + header.clbits.get(register as usize).map_or(0, |r| r.size as usize)
            }
            None => 0..0,
        };
        for bit in reads {
            if let Some(before) = touched.written[bit] {
                edge(before, at);
            }
            touched.read[bit].push(at);
        }
        for bit in op.writes() {
            for before in touched.read[bit.index()].drain(..) {
                edge(before, at);
            }
            if let Some(before) = touched.written[bit.index()].replace(at) {
                edge(before, at);
            }
        }
    }
}

/// Positions of a longest run of growing numbers; `None`s are left out.
pub fn longest_growing(values: &[Option<usize>]) -> Vec<usize> {
    // `tails[k]` ends the best run of length `k + 1`; `previous` leads back.
    let mut tails: Vec<usize> = Vec::new();
    let mut previous = vec![usize::MAX; values.len()];
    for (at, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let k = tails.partition_point(|&t| values[t].is_some_and(|v| v < *value));
        if k > 0 {
            previous[at] = tails[k - 1];
        }
        if k == tails.len() {
            tails.push(at);
        } else {
            tails[k] = at;
        }
    }
    let mut out = Vec::with_capacity(tails.len());
    let mut at = tails.last().copied().unwrap_or(usize::MAX);
    while at != usize::MAX {
        out.push(at);
        at = previous[at];
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_stay_where_they_want_unless_another_must_come_first() {
        let mut graph = Graph::new(3);
        graph.edge(1, 0);
        assert_eq!(graph.sort(&[(1, 0), (3, 0), (5, 0)]), Ok(vec![1, 0, 2]));
        let mut ring = Graph::new(3);
        ring.edge(0, 1);
        ring.edge(1, 0);
        assert_eq!(ring.sort(&[(1, 0), (3, 0), (5, 0)]), Err(vec![0, 1]));
    }

    #[test]
    fn the_longest_growing_run_leaves_out_what_moved() {
        let run = |values: &[usize]| {
            let values: Vec<Option<usize>> = values.iter().map(|v| Some(*v)).collect();
            longest_growing(&values).into_iter().filter_map(|i| values[i]).collect::<Vec<_>>()
        };
        assert_eq!(run(&[1, 2, 9, 3, 4]), [1, 2, 3, 4]);
        assert_eq!(run(&[5]), [5]);
        assert!(run(&[]).is_empty());
        assert_eq!(longest_growing(&[None, Some(2), None, Some(3)]), [1, 3]);
    }
}
