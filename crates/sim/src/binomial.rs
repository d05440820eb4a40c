//! Binomial random numbers: how many of `n` shots take a branch of probability `p`.
//!
//! Splitting all shots at a measurement and following each branch once gives the same distribution
//! of counts as running shot by shot, at the cost of the branches that occur. Logarithms come from
//! `libm`, so that the same uniforms give the same number on every platform.

use crate::rng::{Purpose, Rng};

/// A draw from Binomial(`n`, `p`), from uniforms in (0, 1) that `uniform` returns.
///
/// Inversion where the mean is small, else Hörmann's transformed rejection with squeeze (BTRS):
/// W. Hörmann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46 (1993).
pub fn binomial(n: u64, p: f64, mut uniform: impl FnMut() -> f64) -> u64 {
    if n == 0 || p <= 0.0 {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    if p > 0.5 {
        return n - binomial(n, 1.0 - p, uniform);
    }
    if n as f64 * p < 10.0 { inversion(n, p, &mut uniform) } else { btrs(n, p, &mut uniform) }
}

/// How often each of some outcomes comes in `n` shots, given their weights, which need not add up
/// to 1. The shots are halved again and again over the outcomes; each piece has a stream of its own.
pub fn multinomial(n: u64, weights: &[f64], seed: u64) -> Vec<u64> {
    let mut sums = Vec::with_capacity(weights.len() + 1);
    let mut sum = 0.0;
    sums.push(sum);
    for w in weights {
        sum += w.max(0.0);
        sums.push(sum);
    }
    let mut counts = vec![0; weights.len()];
    // Outcomes from, to; their shots; the name of the piece.
    let mut pieces = vec![(0, weights.len(), n, 1_u64)];
    while let Some((from, to, n, name)) = pieces.pop() {
        let whole = sums[to] - sums[from];
        if n == 0 || from == to || whole <= 0.0 {
            continue;
        }
        if to - from == 1 {
            counts[from] = n;
            continue;
        }
        let middle = from.midpoint(to);
        let mut rng = Rng::new(seed, Purpose::Halves, name);
        let low = binomial(n, (sums[middle] - sums[from]) / whole, || 1.0 - rng.next());
        pieces.push((from, middle, low, 2 * name));
        pieces.push((middle, to, n - low, 2 * name + 1));
    }
    counts
}

/// Skips from success to success: the gaps are geometric. About `n·p + 1` uniforms.
fn inversion(n: u64, p: f64, uniform: &mut impl FnMut() -> f64) -> u64 {
    let log_q = libm::log1p(-p);
    let mut trials = 0.0;
    let mut successes = 0;
    loop {
        trials += libm::floor(libm::log(uniform()) / log_q) + 1.0;
        if trials > n as f64 {
            return successes;
        }
        successes += 1;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "k is checked to lie in 0..=n before it is converted"
)]
fn btrs(n: u64, p: f64, uniform: &mut impl FnMut() -> f64) -> u64 {
    let nf = n as f64;
    let spread = libm::sqrt(nf * p * (1.0 - p));
    let b = 1.15 + 2.53 * spread;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let c = nf * p + 0.5;
    let squeeze = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * spread;
    let log_odds = libm::log(p / (1.0 - p));
    let mode = libm::floor((nf + 1.0) * p);
    let log_factorials = libm::lgamma(mode + 1.0) + libm::lgamma(nf - mode + 1.0);
    loop {
        let u = uniform() - 0.5;
        let v = uniform();
        let us = 0.5 - u.abs();
        let k = libm::floor((2.0 * a / us + b) * u + c);
        if !(0.0..=nf).contains(&k) {
            continue;
        }
        if us >= 0.07 && v <= squeeze {
            return k as u64;
        }
        let bound = log_factorials - libm::lgamma(k + 1.0) - libm::lgamma(nf - k + 1.0)
            + (k - mode) * log_odds;
        if libm::log(v * alpha / (a / (us * us) + b)) <= bound {
            return k as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator of its own: the test must not share a flaw with the one it serves.
    fn uniforms(mut state: u64) -> impl FnMut() -> f64 {
        move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        }
    }

    /// Mean and variance of `draws` draws lie within five standard errors.
    fn check(n: u64, p: f64) {
        let draws = 20_000;
        let mut u = uniforms(n ^ p.to_bits());
        let xs: Vec<f64> = (0..draws).map(|_| binomial(n, p, &mut u) as f64).collect();
        let mean = xs.iter().sum::<f64>() / f64::from(draws);
        let var = xs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(draws - 1);
        let (want_mean, want_var) = (n as f64 * p, n as f64 * p * (1.0 - p));
        let mean_error = (want_var / f64::from(draws)).sqrt();
        // Fourth central moment of a binomial, for the standard error of the sample variance.
        let fourth = want_var * (1.0 + 3.0 * (n as f64 - 2.0) * p * (1.0 - p));
        // Where that vanishes (a fair coin), the error of the mean squared remains.
        let var_error = ((fourth - want_var * want_var).max(0.0) / f64::from(draws)).sqrt();
        assert!(
            (mean - want_mean).abs() <= 5.0 * mean_error + 1e-12,
            "n {n} p {p}: mean {mean} for {want_mean}"
        );
        assert!(
            (var - want_var).abs() <= 5.0 * var_error + 25.0 * want_var / f64::from(draws),
            "n {n} p {p}: variance {var} for {want_var}"
        );
    }

    #[test]
    fn mean_and_variance_are_those_of_the_binomial() {
        for n in [1, 7, 40, 1024, 100_000, 100_000_000] {
            for p in [1e-6, 0.001, 0.05, 0.3, 0.5, 0.8, 0.999] {
                check(n, p);
            }
        }
    }

    #[test]
    fn certain_branches_take_all_shots() {
        assert_eq!(binomial(1000, 0.0, || 0.5), 0);
        assert_eq!(binomial(1000, 1.0, || 0.5), 1000);
    }
}
