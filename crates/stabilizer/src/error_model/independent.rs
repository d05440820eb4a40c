//! Exclusive errors as independent ones.
//!
//! Let errors form a group `Z_2^b`, element `k` with probability `p_k`, one of them at a time. For each
//! character `χ_j(k) = (-1)^{|j & k|}` the mean is `λ_j = Σ p_k χ_j(k)`. Independent errors with
//! probabilities `q_k` have `λ_j = Π (1 - 2 q_k)` over the `k` with `χ_j(k) = -1`. Taking logarithms and
//! inverting the transform, `ln(1 - 2 q_k) = -2^{1-b} Σ_j χ_j(k) ln λ_j`.

/// Independent probabilities for exclusive ones, both indexed by element (entry 0 is not used), and
/// whether they give the same distribution. Where none do, those given come back.
pub(crate) fn independent(p: &[f64]) -> (Vec<f64>, bool) {
    let size = p.len();
    debug_assert!(size.is_power_of_two());
    // A lone error is independent of the others that there are not.
    if p[1..].iter().filter(|&&x| x > 0.0).count() <= 1 {
        return (p.to_vec(), true);
    }
    let character = |j: usize, k: usize| if (j & k).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
    let rest = 1.0 - p[1..].iter().sum::<f64>();
    let means: Vec<f64> =
        (0..size).map(|j| rest + (1..size).map(|k| character(j, k) * p[k]).sum::<f64>()).collect();
    if means.iter().any(|&mean| mean <= 1e-12) {
        return (p.to_vec(), false);
    }
    let logs: Vec<f64> = means.iter().map(|&mean| libm::log(mean)).collect();
    let mut q: Vec<f64> = (0..size)
        .map(|k| {
            let sum: f64 = (0..size).map(|j| character(j, k) * logs[j]).sum();
            -0.5 * libm::expm1(-2.0 / size as f64 * sum)
        })
        .collect();
    q[0] = 0.0;
    if q.iter().any(|&x| x < -1e-12) {
        return (p.to_vec(), false);
    }
    for x in &mut q {
        *x = x.max(0.0);
    }
    (q, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depolarizing_is_three_or_fifteen_independent_errors() {
        let p = 0.1;
        let (q, exact) = independent(&[0.0, p / 3.0, p / 3.0, p / 3.0]);
        let expected = 0.5 - 0.5 * (1.0 - 4.0 * p / 3.0_f64).sqrt();
        assert!(exact && q[1..].iter().all(|x| (x - expected).abs() < 1e-14));
        let mut pairs = [p / 15.0; 16];
        pairs[0] = 0.0;
        let (q, exact) = independent(&pairs);
        let expected = 0.5 - 0.5 * (1.0 - 16.0 * p / 15.0_f64).powf(0.125);
        assert!(exact && q[1..].iter().all(|x| (x - expected).abs() < 1e-14));
    }

    #[test]
    fn what_cannot_be_independent_is_said_to_be_so() {
        // X or Z, never both.
        assert!(!independent(&[0.0, 0.1, 0.1, 0.0]).1);
        // X and Z, each for itself.
        let (q, exact) = independent(&[0.0, 0.1 * 0.8, 0.2 * 0.9, 0.1 * 0.2]);
        assert!(exact && (q[1] - 0.1).abs() < 1e-14 && (q[2] - 0.2).abs() < 1e-14);
    }
}
