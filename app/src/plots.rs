//! Results as what is plotted: pure functions from plain data. `app/boot/plot.js` draws it, and makes plotly's
//! figure of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::run::{RunResult, TotalVariation};
use serde::Serialize;

/// Colors and fonts of a drawing, read from the page's tokens.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlotTheme {
    pub text: String,
    pub text_soft: String,
    pub line: String,
    pub surface: String,
    pub accent: String,
    /// Of the noisy counts.
    pub second: String,
    pub sans: String,
    pub mono: String,
}

/// Axis titles and the like, in the person's language.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct PlotWords {
    /// Title of the y axis: "shots" or "probability".
    pub height: &'static str,
    /// Title of the x axis.
    pub outcome: &'static str,
    /// Names of the series.
    pub measured: &'static str,
    pub exact: &'static str,
    pub noisy: &'static str,
}

/// A histogram: lists with one entry for each bar.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Histogram {
    /// What stands under the bars, all different.
    pub names: Vec<String>,
    /// Counts, or probabilities where nothing was sampled.
    pub values: Vec<f64>,
    /// One standard deviation of the binomial distribution, `√(N p (1 - p))` with `p = n / N`; none without shots.
    pub errors: Option<Vec<f64>>,
    /// Exact probabilities times the shots, where all are known.
    pub exact: Option<Vec<f64>>,
    /// Counts of the noisy run, as many as the ideal run's shots, so that both are read off one axis.
    pub noisy: Option<Vec<f64>>,
    /// What is said of a bar that is pointed at, in plotly's markup; of that only `<br>`, since the policy of the
    /// page lets it set no styles.
    pub hover: Vec<String>,
    pub noisy_hover: Vec<String>,
    pub words: PlotWords,
}

/// In which order outcomes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By bit string.
    #[default]
    Outcome,
    /// Most frequent first, equal ones by bit string.
    Frequency,
}

/// How an outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Base {
    #[default]
    Bits,
    Hex,
    Decimal,
}

/// One outcome.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Bits, highest first, with a space between registers.
    pub key: String,
    pub count: u64,
    /// Its exact probability, where it is known.
    pub exact: Option<f64>,
    /// Its count with noise, where there is a noisy run.
    pub noisy: Option<u64>,
}

/// What a histogram shows: all outcomes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcomes {
    /// Ascending by key.
    pub rows: Vec<Row>,
    /// 0 where nothing was sampled: only probabilities.
    pub shots: u64,
    /// Probability of outcomes without a row.
    pub rest: f64,
    /// Shots of the noisy run; 0 where there is none.
    pub noisy_shots: u64,
    /// What the run says of the distance of its counts, listed or not, from what is exact.
    pub total_variation: Option<TotalVariation>,
}

impl Outcomes {
    /// What a run gave, with the counts of a noisy run beside it.
    pub fn of(ideal: &RunResult, noisy: Option<&Arc<RunResult>>) -> Self {
        let shots = u64::from(ideal.shots);
        let rest = ideal.truncated.unwrap_or(0.0);
        let out = Self {
            total_variation: ideal.total_variation,
            ..Self::new(&ideal.counts, ideal.probabilities.as_ref(), shots, rest)
        };
        match noisy {
            Some(noisy) => out.with_noisy(&noisy.counts, u64::from(noisy.shots)),
            None => out,
        }
    }

    /// Puts the counts of a noisy run beside those of the ideal one.
    pub fn with_noisy(self, counts: &BTreeMap<String, u64>, shots: u64) -> Self {
        let exact = self.rows.first().is_none_or(|r| r.exact.is_some());
        let mut rows: BTreeMap<String, Row> = self
            .rows
            .into_iter()
            .map(|row| (row.key.clone(), Row { noisy: Some(0), ..row }))
            .collect();
        for (key, &count) in counts {
            let row = rows.entry(key.clone()).or_insert_with(|| Row {
                key: key.clone(),
                count: 0,
                exact: exact.then_some(0.0),
                noisy: Some(0),
            });
            row.noisy = Some(count);
        }
        Self { rows: rows.into_values().collect(), noisy_shots: shots, ..self }
    }

    /// Fidelity `(Σ √(p q))²` and total variation distance `½ Σ |p - q|` of the noisy shares `q` from the
    /// exact probabilities `p`, or from the ideal shares where those are not known.
    pub fn against_noise(&self) -> Option<(f64, f64)> {
        if self.noisy_shots == 0 || self.rows.is_empty() {
            return None;
        }
        let exact = self.rows.iter().all(|r| r.exact.is_some());
        if !exact && self.shots == 0 {
            return None;
        }
        let (mut overlap, mut distance) = (0.0, self.rest);
        for row in &self.rows {
            let p =
                if exact { row.exact.unwrap_or(0.0) } else { row.count as f64 / self.shots as f64 };
            let q = row.noisy.unwrap_or(0) as f64 / self.noisy_shots as f64;
            overlap += (p * q).sqrt();
            distance += (p - q).abs();
        }
        Some((overlap * overlap, distance / 2.0))
    }

    /// Counts, with exact probabilities where they are there.
    pub fn new(
        counts: &BTreeMap<String, u64>,
        exact: Option<&BTreeMap<String, f64>>,
        shots: u64,
        rest: f64,
    ) -> Self {
        let mut rows: BTreeMap<&String, Row> = counts
            .iter()
            .map(|(key, &count)| {
                let exact = exact.map(|e| e.get(key).copied().unwrap_or(0.0));
                (key, Row { key: key.clone(), count, exact, noisy: None })
            })
            .collect();
        for (key, &p) in exact.into_iter().flatten() {
            rows.entry(key).or_insert_with(|| Row {
                key: key.clone(),
                count: 0,
                exact: Some(p),
                noisy: None,
            });
        }
        Self { rows: rows.into_values().collect(), shots, rest, ..Self::default() }
    }

    /// Only some bits, 0 the rightmost one; the others are summed over. All for an empty list.
    pub fn marginal(&self, bits: &[u32]) -> Self {
        if bits.is_empty() {
            return self.clone();
        }
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        for row in &self.rows {
            let digits: Vec<char> = row.key.chars().rev().filter(|c| *c != ' ').collect();
            let key: String = bits
                .iter()
                .rev()
                .map(|&b| digits.get(b as usize).copied().unwrap_or('0'))
                .collect();
            let sum = rows.entry(key.clone()).or_insert_with(|| Row {
                key,
                count: 0,
                exact: row.exact.map(|_| 0.0),
                noisy: row.noisy.map(|_| 0),
            });
            sum.count += row.count;
            sum.noisy = sum.noisy.zip(row.noisy).map(|(a, b)| a + b);
            sum.exact = sum.exact.zip(row.exact).map(|(a, b)| a + b);
        }
        Self { rows: rows.into_values().collect(), total_variation: None, ..*self }
    }

    /// Those that match: `?` stands for any bit; a number is an outcome's value; without `?`, a part of
    /// the bits is enough.
    pub fn filtered(&self, pattern: &str) -> Self {
        let pattern: String = pattern.trim().to_lowercase();
        if pattern.is_empty() {
            return self.clone();
        }
        let squeezed: String = pattern.chars().filter(|c| *c != ' ').collect();
        let is_bits = squeezed.chars().all(|c| matches!(c, '0' | '1' | '?'));
        let keep = |key: &str| {
            let bits: String = key.chars().filter(|c| *c != ' ').collect();
            if is_bits && squeezed.len() == bits.len() {
                return std::iter::zip(squeezed.chars(), bits.chars())
                    .all(|(p, b)| p == '?' || p == b);
            }
            let number = squeezed
                .strip_prefix("0x")
                .map_or_else(|| squeezed.parse().ok(), |hex| u64::from_str_radix(hex, 16).ok());
            let value = u64::from_str_radix(&bits, 2).ok();
            (number.is_some() && number == value) || (is_bits && bits.contains(&squeezed))
        };
        let rows = self.rows.iter().filter(|r| keep(&r.key)).cloned().collect();
        Self { rows, ..*self }
    }

    /// Of the counts from the exact probabilities; none without both.
    pub fn distance(&self) -> Option<TotalVariation> {
        if self.total_variation.is_some() {
            return self.total_variation;
        }
        if self.shots == 0 || self.rows.iter().any(|r| r.exact.is_none()) || self.rows.is_empty() {
            return None;
        }
        let n = self.shots as f64;
        let (mut distance, mut chance) = (self.rest, 0.0);
        // The mean deviation of a normal distribution is √(2/π) standard deviations.
        for row in &self.rows {
            let p = row.exact.unwrap_or(0.0);
            distance += (row.count as f64 / n - p).abs();
            chance += (2.0 / std::f64::consts::PI * p * (1.0 - p).max(0.0) / n).sqrt();
        }
        Some(TotalVariation { distance: distance / 2.0, expected: chance / 2.0 })
    }

    fn height(&self, row: &Row) -> f64 {
        if self.shots > 0 { row.count as f64 } else { row.exact.unwrap_or(0.0) }
    }
}

/// An outcome as it is written in `base`; registers apart.
pub fn label(key: &str, base: Base) -> String {
    if base == Base::Bits {
        return key.to_owned();
    }
    let part = |bits: &str| match (u128::from_str_radix(bits, 2), base) {
        (Ok(value), Base::Decimal) => value.to_string(),
        (Ok(value), _) => {
            format!("0x{value:0width$x}", width = bits.len().div_ceil(4))
        }
        // Longer than any number here.
        (Err(_), _) => bits.to_owned(),
    };
    key.split(' ').map(part).collect::<Vec<_>>().join(" ")
}

/// Characters of an outcome under its bar, and of one that is pointed at.
const WIDEST_LABEL: usize = 40;
const WIDEST_HOVER: usize = 160;

/// The ends of a text that is longer than `most`.
fn shorten(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let part = (most - 1) / 2;
    text.chars().take(part).chain(['…']).chain(text.chars().skip(length - part)).collect()
}

/// Names of bars. Those that were shortened to the same are numbered: bars of one name would fall together.
fn short_labels(labels: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    labels
        .map(|label| {
            if label.chars().count() <= WIDEST_LABEL {
                return label;
            }
            let short = shorten(&label, WIDEST_LABEL / 2);
            let count = seen.entry(short.clone()).or_default();
            *count += 1;
            if *count == 1 { short } else { format!("{short} ({count})") }
        })
        .collect()
}

/// Outcomes that a figure shows: one page of all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub rows: Vec<Row>,
    pub shots: u64,
    pub noisy_shots: u64,
    /// Position of the first row among all.
    pub start: usize,
    /// All rows.
    pub total: usize,
}

/// Bars on one page: more cannot be told apart on a laptop's screen.
pub const PAGE_SIZE: usize = 64;

/// Page `page` of the outcomes; the last page where there are fewer.
pub fn page(outcomes: &Outcomes, order: Order, page: usize) -> Page {
    let mut all: Vec<&Row> = outcomes.rows.iter().collect();
    let total = all.len();
    let start = (page * PAGE_SIZE).min(total.saturating_sub(1) / PAGE_SIZE * PAGE_SIZE);
    let end = (start + PAGE_SIZE).min(total);
    if order == Order::Frequency && total > 0 {
        let by_height = |a: &&Row, b: &&Row| {
            outcomes.height(b).total_cmp(&outcomes.height(a)).then_with(|| a.key.cmp(&b.key))
        };
        // Only the page itself is sorted: a million outcomes must not hold up the page.
        if end < total {
            all.select_nth_unstable_by(end, by_height);
            all.truncate(end);
        }
        if start > 0 {
            all.select_nth_unstable_by(start, by_height);
        }
        all[start..].sort_unstable_by(by_height);
    }
    let rows = all[start..end].iter().map(|row| (*row).clone()).collect();
    Page { rows, shots: outcomes.shots, noisy_shots: outcomes.noisy_shots, start, total }
}

/// The histogram of a page of outcomes: counts with the exact probabilities as marks over them, or probabilities
/// alone.
pub fn histogram(page: &Page, base: Base, words: PlotWords) -> Histogram {
    let sampled = page.shots > 0;
    let shots = page.shots;
    let total = if sampled { shots as f64 } else { 1.0 };
    let sigma = |n: u64| {
        let p = n as f64 / total;
        (total * p * (1.0 - p)).max(0.0).sqrt()
    };
    let hover = |row: &Row| {
        let label = shorten(&label(&row.key, base), WIDEST_HOVER);
        let name = if base == Base::Bits { format!("|{label}⟩") } else { label };
        let exact = row.exact.map(|p| format!("<br>{} {:.3} %", words.exact, p * 100.0));
        let exact = exact.unwrap_or_default();
        if !sampled {
            return format!("{name}{exact}");
        }
        let (p, s) = (row.count as f64 / total * 100.0, sigma(row.count) / total * 100.0);
        format!("{name}<br>{} / {shots}<br>{p:.2} % ± {s:.2} %{exact}", row.count)
    };
    let values = |row: &Row| if sampled { row.count as f64 } else { row.exact.unwrap_or(0.0) };
    let both = sampled && page.noisy_shots > 0;
    let noisy_shots = page.noisy_shots as f64;
    let noisy = |row: &Row| row.noisy.unwrap_or(0) as f64;
    let noisy_hover = |row: &Row| {
        let share = noisy(row) / noisy_shots * 100.0;
        format!("{}<br>{} / {noisy_shots}<br>{share:.2} %", words.noisy, noisy(row))
    };
    let exact: Option<Vec<f64>> =
        page.rows.iter().map(|row| row.exact.map(|p| p * total)).collect();
    Histogram {
        names: short_labels(page.rows.iter().map(|row| label(&row.key, base))),
        values: page.rows.iter().map(values).collect(),
        errors: sampled.then(|| page.rows.iter().map(|row| sigma(row.count)).collect()),
        exact: exact.filter(|_| sampled),
        noisy: both.then(|| page.rows.iter().map(|r| noisy(r) * total / noisy_shots).collect()),
        hover: page.rows.iter().map(hover).collect(),
        noisy_hover: page.rows.iter().filter(|_| both).map(noisy_hover).collect(),
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(n: u64) -> Outcomes {
        let counts = (0..n).map(|i| (format!("{i:08b}"), i % 7 + 1)).collect();
        Outcomes::new(&counts, None, 1000, 0.0)
    }

    #[test]
    fn pages_cover_all_outcomes_once_in_either_order() {
        let all = outcomes(200);
        for order in [Order::Outcome, Order::Frequency] {
            let mut seen = Vec::new();
            for p in 0..4 {
                let page = page(&all, order, p);
                assert_eq!((page.start, page.total), (p * PAGE_SIZE, 200));
                seen.extend(page.rows);
            }
            let mut expected = all.rows.clone();
            if order == Order::Frequency {
                expected.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.key.cmp(&b.key)));
            }
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_page_past_the_end_is_the_last_one() {
        assert_eq!(page(&outcomes(70), Order::Outcome, 9).start, PAGE_SIZE);
        assert_eq!(page(&outcomes(64), Order::Frequency, 9).start, 0);
        assert_eq!(page(&outcomes(0), Order::Frequency, 9).total, 0);
    }

    fn bell() -> Outcomes {
        let counts = [("00".to_owned(), 500), ("11".to_owned(), 524)].into();
        let exact = [("00".to_owned(), 0.5), ("11".to_owned(), 0.5)].into();
        Outcomes::new(&counts, Some(&exact), 1024, 0.0)
    }

    #[test]
    fn a_histogram_has_bars_error_bars_and_exact_marks() {
        let page = page(&bell(), Order::Outcome, 0);
        let words = PlotWords { exact: "exact", ..PlotWords::default() };
        let figure = histogram(&page, Base::Bits, words);
        assert_eq!(figure.names, ["00", "11"]);
        assert_eq!(figure.values, [500.0, 524.0]);
        assert!((figure.errors.as_ref().expect("it was sampled")[0] - 15.995).abs() < 0.01);
        assert_eq!(figure.exact, Some(vec![512.0, 512.0]));
        assert_eq!(figure.noisy, None);
        assert!(figure.hover[1].contains("51.17 % ± 1.56 %"), "{}", figure.hover[1]);
    }

    #[test]
    fn long_outcomes_are_shortened_and_stay_apart() {
        let ends = format!("{}{}", "1".repeat(50), "0".repeat(50));
        let other = format!("{}01{}", "1".repeat(49), "0".repeat(49));
        let labels = short_labels([ends, other, "01".to_owned()].into_iter());
        assert_eq!(labels, ["111111111…000000000", "111111111…000000000 (2)", "01"]);
        assert_eq!(shorten("abc", 3), "abc");
    }

    #[test]
    fn noisy_counts_stand_beside_the_ideal_ones() {
        let noisy = [("00".to_owned(), 100), ("01".to_owned(), 28), ("11".to_owned(), 128)].into();
        let outcomes = bell().with_noisy(&noisy, 256);
        let (fidelity, distance) = outcomes.against_noise().expect("both are there");
        let expected = ((0.5_f64 * 100.0 / 256.0).sqrt() + (0.5_f64 * 0.5).sqrt()).powi(2);
        assert!((fidelity - expected).abs() < 1e-12);
        assert!((distance - 28.0 / 256.0).abs() < 1e-12);
        let one = outcomes.marginal(&[0]);
        assert_eq!(one.rows.iter().map(|r| r.noisy).collect::<Vec<_>>(), [Some(100), Some(156)]);
        let page = page(&outcomes, Order::Outcome, 0);
        let figure = histogram(&page, Base::Bits, PlotWords::default());
        assert_eq!(figure.noisy, Some(vec![400.0, 112.0, 512.0]));
        assert_eq!(figure.noisy_hover.len(), 3);
        assert_eq!(bell().against_noise(), None);
    }

    #[test]
    fn marginals_sum_and_filters_match() {
        let counts = [("1 00", 1), ("1 10", 2), ("0 10", 4)].map(|(k, n)| (k.to_owned(), n)).into();
        let all = Outcomes::new(&counts, None, 7, 0.0);
        let keys = |o: &Outcomes| -> Vec<(String, u64)> {
            o.rows.iter().map(|r| (r.key.clone(), r.count)).collect()
        };
        assert_eq!(keys(&all.marginal(&[1])), [("0".into(), 1), ("1".into(), 6)]);
        assert_eq!(keys(&all.marginal(&[0, 2])), [("00".into(), 4), ("10".into(), 3)]);
        assert_eq!(keys(&all.filtered("?10")), [("0 10".into(), 4), ("1 10".into(), 2)]);
        assert_eq!(keys(&all.filtered("6")), [("1 10".into(), 2)]);
        assert_eq!(keys(&all.filtered("0x2")), [("0 10".into(), 4)]);
        assert_eq!(keys(&all.filtered("00")), [("1 00".into(), 1)]);
    }

    #[test]
    fn the_distance_of_counts_from_what_is_exact() {
        let found = bell().distance().expect("both are there");
        assert!((found.distance - 12.0 / 1024.0).abs() < 1e-12);
        assert!((0.01..0.02).contains(&found.expected));
        assert_eq!(outcomes(3).distance(), None);
    }

    #[test]
    fn outcomes_are_written_in_three_bases_by_register() {
        assert_eq!(label("1 0011", Base::Decimal), "1 3");
        assert_eq!(label("10011", Base::Hex), "0x13");
        assert_eq!(label("10011", Base::Bits), "10011");
    }
}
