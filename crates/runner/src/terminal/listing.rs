//! What an answer lists of counts and of an exact distribution, and what it says of the rest.

use std::collections::BTreeMap;

use api::run::{TotalVariation, Want};

/// Probabilities up to this are left out of an exact distribution.
pub(super) const SMALLEST_PROBABILITY: f64 = 1e-12;

/// Most entries of an exact distribution.
pub(super) const MAX_PROBABILITIES: usize = 65_536;

/// The `top` most frequent, ties by key; all for 0.
pub(crate) fn most_frequent(counts: BTreeMap<String, u64>, top: u32) -> BTreeMap<String, u64> {
    if top == 0 || counts.len() <= top as usize {
        return counts;
    }
    let mut all: Vec<(String, u64)> = counts.into_iter().collect();
    all.select_nth_unstable_by(top as usize, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(top as usize);
    all.into_iter().collect()
}

/// An exact distribution, as far as it is listed.
pub(crate) struct Probabilities {
    pub(crate) entries: BTreeMap<String, f64>,
    /// Sum of what was left out.
    pub(crate) truncated: f64,
    /// How far all counts are from all of the distribution.
    pub(crate) total_variation: Option<TotalVariation>,
}

/// [`Probabilities`] with keys of any kind, in any order.
pub(super) struct Listed<K> {
    entries: Vec<(K, f64)>,
    truncated: f64,
    total_variation: Option<TotalVariation>,
}

impl<K> Listed<K> {
    /// With keys as answers have them.
    pub(super) fn named(self, name: impl Fn(K) -> String) -> Probabilities {
        Probabilities {
            entries: self.entries.into_iter().map(|(key, p)| (name(key), p)).collect(),
            truncated: self.truncated,
            total_variation: self.total_variation,
        }
    }
}

/// The entries of an exact distribution that an answer holds beside `counts`, and what is said of the
/// others, which with `left_out` make up the rest of the weight.
pub(crate) fn largest_probabilities(
    all: Vec<(String, f64)>,
    left_out: f64,
    want: &Want,
    counts: &BTreeMap<String, u64>,
) -> Probabilities {
    let shots = counts.values().sum();
    listed(all, left_out, want, shots, |key| counts.get(key).copied().unwrap_or(0)).named(|key| key)
}

/// As [`largest_probabilities`], from `shots` and how many of them gave a key.
pub(super) fn listed<K: Ord>(
    all: Vec<(K, f64)>,
    left_out: f64,
    want: &Want,
    shots: u64,
    count: impl Fn(&K) -> u64,
) -> Listed<K> {
    let top = want.top_probabilities;
    let mut truncated = left_out;
    let (mut entries, mut others) = (Vec::new(), Vec::new());
    let n = shots as f64;
    // Counts that were cut say nothing of the outcomes that are not in them.
    let mut seen = 0;
    let (mut deviation, mut expected) = (left_out, 0.0);
    for (key, p) in all {
        let hits = count(&key);
        seen += hits;
        if shots > 0 {
            deviation += (hits as f64 / n - p).abs();
            // The mean deviation of a normal distribution is √(2/π) standard deviations.
            expected += (std::f64::consts::FRAC_2_PI * p * (1.0 - p).max(0.0) / n).sqrt();
        }
        if p <= SMALLEST_PROBABILITY {
            truncated += p;
        } else if top > 0 && hits > 0 {
            entries.push((key, p));
        } else {
            others.push((key, p));
        }
    }
    truncated += keep_largest(&mut others, if top > 0 { top as usize } else { MAX_PROBABILITIES });
    entries.append(&mut others);
    let total_variation = (shots > 0 && seen == shots)
        .then_some(TotalVariation { distance: deviation / 2.0, expected: expected / 2.0 });
    Listed { entries, truncated, total_variation }
}

/// Keeps the `count` most likely, in any order; returns the weight of the others.
pub(super) fn keep_largest<K: Ord>(entries: &mut Vec<(K, f64)>, count: usize) -> f64 {
    if entries.len() <= count {
        return 0.0;
    }
    // What differs by rounding alone is a tie, and ties go by key.
    let steps = |p: f64| (p / SMALLEST_PROBABILITY).round();
    entries.select_nth_unstable_by(count, |a, b| {
        steps(b.1).total_cmp(&steps(a.1)).then_with(|| a.0.cmp(&b.0))
    });
    // Added up in an order that does not depend on how they were selected.
    entries[count..].sort_unstable_by(|a, b| a.0.cmp(&b.0));
    entries.drain(count..).map(|(_, p)| p).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<(String, f64)> {
        [("00", 0.5), ("01", 0.25), ("10", 0.15), ("11", 0.1)]
            .map(|(k, p)| (k.to_owned(), p))
            .into()
    }

    #[test]
    fn a_cut_distribution_holds_what_was_counted_and_the_most_probable_others() {
        let counts = [("00".to_owned(), 6), ("11".to_owned(), 2)].into();
        let want = Want { top_probabilities: 1, ..Want::default() };
        let cut = largest_probabilities(all(), 0.0, &want, &counts);
        assert_eq!(cut.entries.keys().collect::<Vec<_>>(), ["00", "01", "11"]);
        assert!((cut.truncated - 0.15).abs() < 1e-15);
        let whole = largest_probabilities(all(), 0.0, &Want::default(), &counts);
        assert_eq!((whole.entries.len(), whole.truncated), (4, 0.0));
        assert_eq!(
            cut.total_variation, whole.total_variation,
            "it is that of the whole distribution"
        );
        let distance = whole.total_variation.expect("nothing is missing").distance;
        assert!((distance - (0.25 + 0.25 + 0.15 + 0.15) / 2.0).abs() < 1e-15);
    }

    #[test]
    fn counts_of_an_outcome_that_is_not_in_the_distribution_have_no_distance() {
        let counts = [("00".to_owned(), 6), ("22".to_owned(), 2)].into();
        assert_eq!(
            largest_probabilities(all(), 0.0, &Want::default(), &counts).total_variation,
            None
        );
        let none = BTreeMap::new();
        assert_eq!(
            largest_probabilities(all(), 0.0, &Want::default(), &none).total_variation,
            None
        );
    }

    #[test]
    fn the_most_frequent_are_kept_and_ties_go_by_key() {
        let counts = [("a", 2), ("b", 3), ("c", 2)].map(|(k, n)| (k.to_owned(), n)).into();
        let kept: Vec<_> = most_frequent(counts, 2).into_iter().collect();
        assert_eq!(kept, [("a".to_owned(), 2), ("b".to_owned(), 3)]);
    }
}
