//! Numbers as a physicist writes them: real minus signs, exact forms where they are recognized.

/// Differences below this are rounding of the simulation, not physics.
const ATOL: f64 = 1e-9;

/// `1`, `1/√2`, `1/(2√2)`, `√3/2`: the magnitudes that gates of the Clifford group and thirds of
/// turns give. None for others.
fn exact(magnitude: f64) -> Option<String> {
    let close = |value: f64| (magnitude - value).abs() < ATOL;
    for k in 0..=24_i32 {
        if close(2_f64.powf(-f64::from(k) / 2.0)) {
            let power = 1_u64 << (k / 2);
            return Some(match (k % 2, power) {
                (0, 1) => "1".into(),
                (0, p) => format!("1/{p}"),
                (_, 1) => "1/√2".into(),
                (_, p) => format!("1/({p}√2)"),
            });
        }
    }
    if close(3_f64.sqrt() / 2.0) {
        return Some("√3/2".into());
    }
    None
}

/// A magnitude in at most four digits, or exactly.
fn magnitude(x: f64) -> String {
    exact(x).unwrap_or_else(|| {
        if x >= 1e-4 {
            format!("{x:.4}")
        } else {
            format!("{x:.1e}").replace("e-", "·10⁻").replace_exponent()
        }
    })
}

trait Exponent {
    fn replace_exponent(self) -> String;
}

impl Exponent for String {
    /// Digits behind `⁻` as superscripts.
    fn replace_exponent(self) -> String {
        match self.split_once('⁻') {
            Some((head, digits)) => {
                let raised = digits
                    .chars()
                    .map(|c| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(c as usize - '0' as usize).unwrap_or(c));
                format!("{head}⁻{}", raised.collect::<String>())
            }
            None => self,
        }
    }
}

/// A complex number: `1/√2`, `−i/2`, `0.1234 − 0.5i`.
pub fn complex(re: f64, im: f64) -> String {
    let imaginary = |x: f64| match magnitude(x) {
        one if one == "1" => "i".to_owned(),
        fraction if fraction.starts_with("1/") => format!("i{}", &fraction[1..]),
        other if other.contains('/') => {
            let (top, bottom) = other.split_once('/').unwrap_or((&other, "1"));
            format!("{top}i/{bottom}")
        }
        other => format!("{other}i"),
    };
    let sign = |x: f64| if x < 0.0 { "−" } else { "" };
    match (re.abs() < ATOL, im.abs() < ATOL) {
        (true, true) => "0".into(),
        (false, true) => format!("{}{}", sign(re), magnitude(re.abs())),
        (true, false) => format!("{}{}", sign(im), imaginary(im.abs())),
        (false, false) => {
            let operator = if im < 0.0 { "−" } else { "+" };
            format!("{}{} {operator} {}", sign(re), magnitude(re.abs()), imaginary(im.abs()))
        }
    }
}

/// A probability in percent, with digits that mean something.
pub fn percent(p: f64) -> String {
    let p = p * 100.0;
    if p == 0.0 || p >= 99.995 || (p - p.round()).abs() < 1e-7 {
        format!("{p:.0} %")
    } else if p < 0.01 {
        "< 0.01 %".into()
    } else {
        format!("{p:.2} %")
    }
}

/// A real number with sign and three digits, `−0.707`.
pub fn signed(x: f64) -> String {
    let rounded = (x * 1000.0).round() / 1000.0;
    if rounded == 0.0 {
        "0".into()
    } else if rounded.fract() == 0.0 {
        format!("{rounded:.0}").replace('-', "−")
    } else {
        format!("{rounded:.3}").replace('-', "−")
    }
}

/// A real number, exactly where it is recognized: `1/√2`, `−0.3420`.
pub fn real(x: f64) -> String {
    complex(x, 0.0)
}

/// An angle in degrees, -180 to 180, `90°`.
pub fn degrees(radians: f64) -> String {
    let degrees = (radians.to_degrees() * 10.0).round() / 10.0;
    // -180 and 180 are one angle, written as the positive one.
    let degrees = if degrees <= -180.0 { degrees + 360.0 } else { degrees };
    let text =
        if degrees.fract() == 0.0 { format!("{degrees:.0}") } else { format!("{degrees:.1}") };
    format!("{}°", text.replace("-0", "0").replace('-', "−"))
}

/// A time: `340 µs`, `1.8 ms`, `2.4 s`.
pub fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.001 => format!("{:.0} µs", s * 1e6),
        s if s < 0.1 => format!("{:.1} ms", s * 1e3),
        s if s < 1.0 => format!("{:.0} ms", s * 1e3),
        s if s < 60.0 => format!("{s:.1} s"),
        s => format!("{:.0} min {:.0} s", (s / 60.0).floor(), s % 60.0),
    }
}

/// A whole number with thin spaces between groups of three.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}

/// `index` as a ket of `bits` bits, highest qubit first.
pub fn ket(index: u64, bits: u32) -> String {
    format!("|{index:0width$b}⟩", width = bits as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    #[test]
    fn amplitudes_are_exact_where_they_are_recognized() {
        for (re, im, expected) in [
            (0.0, 0.0, "0"),
            (1.0, 0.0, "1"),
            (FRAC_1_SQRT_2, 0.0, "1/√2"),
            (-0.5, 0.0, "−1/2"),
            (0.0, 1.0, "i"),
            (0.0, -FRAC_1_SQRT_2, "−i/√2"),
            (0.5, -0.5, "1/2 − i/2"),
            (0.0, 0.75_f64.sqrt(), "√3i/2"),
            (0.125_f64.sqrt(), 0.0, "1/(2√2)"),
            (0.1234, 0.0, "0.1234"),
            (0.1, -0.2, "0.1000 − 0.2000i"),
            (0.000_012_3, 0.0, "1.2·10⁻⁵"),
        ] {
            assert_eq!(complex(re, im), expected);
        }
    }

    #[test]
    fn percentages_angles_and_times_read_well() {
        for (p, expected) in [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.5, "50 %"),
            (0.333_333, "33.33 %"),
            (1e-6, "< 0.01 %"),
        ] {
            assert_eq!(percent(p), expected);
        }
        for (angle, expected) in
            [(PI, "180°"), (-PI, "180°"), (-PI / 2.0, "−90°"), (-1e-9, "0°"), (0.1, "5.7°")]
        {
            assert_eq!(degrees(angle), expected);
        }
        for (s, expected) in [
            (0.000_34, "340 µs"),
            (0.0018, "1.8 ms"),
            (0.25, "250 ms"),
            (2.44, "2.4 s"),
            (125.0, "2 min 5 s"),
        ] {
            assert_eq!(duration(s), expected);
        }
        assert_eq!(signed(-0.7182), "−0.718");
        assert_eq!(signed(-0.0001), "0");
    }

    #[test]
    fn kets_are_written_highest_qubit_first() {
        assert_eq!(ket(2, 3), "|010⟩");
        assert_eq!(grouped(1024), "1024");
        assert_eq!(grouped(1_048_576), "1\u{202f}048\u{202f}576");
    }
}
