//! Colors for what cannot read CSS custom properties: plots. The tokens are OKLCH, plotly takes
//! hexadecimal RGB.
//!
//! Conversion after Björn Ottosson, "A perceptual color space for image processing" (2020); contrast
//! after WCAG 2.2, "relative luminance".

/// A color in OKLCH: lightness 0 to 1, chroma from 0, hue in degrees, alpha 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Oklch {
    pub l: f64,
    pub c: f64,
    pub h: f64,
    pub alpha: f64,
}

impl Oklch {
    /// Reads `oklch(L C H)` or `oklch(L C H / A)`, as browsers write computed values.
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.trim().strip_prefix("oklch(")?.strip_suffix(')')?;
        let (color, alpha) = inner.split_once('/').unwrap_or((inner, "1"));
        let mut parts = color.split_whitespace().map(|part| {
            let number = part.strip_suffix("deg").unwrap_or(part);
            match number.strip_suffix('%') {
                Some(percent) => percent.parse::<f64>().ok().map(|p| p / 100.0),
                None if number == "none" => Some(0.0),
                None => number.parse().ok(),
            }
        });
        let (l, c, h) = (parts.next()??, parts.next()??, parts.next()??);
        Some(Self { l, c, h, alpha: alpha.trim().parse().ok()? })
    }

    /// Linear sRGB, cut to 0 to 1.
    fn linear_rgb(self) -> [f64; 3] {
        let (sin, cos) = self.h.to_radians().sin_cos();
        let (a, b) = (self.c * cos, self.c * sin);
        let l = (self.l + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.l - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.l - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
        ]
        .map(|v: f64| v.clamp(0.0, 1.0))
    }

    /// `#rrggbb`, or `#rrggbbaa` where it is translucent.
    pub fn to_hex(self) -> String {
        let byte = |v: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
            let b = (v * 255.0).round() as u8;
            b
        };
        let encode =
            |v: f64| if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
        let [r, g, b] = self.linear_rgb().map(|v| byte(encode(v)));
        if self.alpha < 1.0 {
            format!("#{r:02x}{g:02x}{b:02x}{:02x}", byte(self.alpha))
        } else {
            format!("#{r:02x}{g:02x}{b:02x}")
        }
    }

    /// WCAG relative luminance.
    #[cfg(test)]
    fn luminance(self) -> f64 {
        let [r, g, b] = self.linear_rgb();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn known_colors_come_out_as_browsers_show_them() {
        for (text, hex) in [
            ("oklch(1 0 0)", "#ffffff"),
            ("oklch(0 0 0)", "#000000"),
            ("oklch(0.627955 0.257683 29.2339)", "#ff0000"),
            ("oklch(86.644% 0.294827 142.4953deg)", "#00ff00"),
            ("oklch(0.452014 0.313214 264.052 / 0.5)", "#0000ff80"),
        ] {
            assert_eq!(Oklch::parse(text).map(Oklch::to_hex).as_deref(), Some(hex), "{text}");
        }
        assert_eq!(Oklch::parse("rgb(1, 2, 3)"), None);
    }

    /// Tokens of one block of the style sheet, light and dark.
    fn tokens(block: &str) -> BTreeMap<String, [Oklch; 2]> {
        let mut found = BTreeMap::new();
        for line in block.lines() {
            let Some((name, value)) =
                line.trim().strip_prefix("--").and_then(|l| l.split_once(':'))
            else {
                continue;
            };
            let Some(pair) = value.trim().trim_end_matches(';').strip_prefix("light-dark(") else {
                continue;
            };
            let split = pair.find("), ").expect("two colors");
            let (light, dark) = (&pair[..=split], &pair[split + 3..pair.len() - 1]);
            found.insert(name.to_owned(), [light, dark].map(|c| Oklch::parse(c).expect("a color")));
        }
        found
    }

    fn contrast(a: Oklch, b: Oklch) -> f64 {
        let (a, b) = (a.luminance() + 0.05, b.luminance() + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_stands_out_in_every_theme() {
        let css = include_str!("../style/tokens.css");
        let (base, rest) = css.split_once("@media (pointer").expect("the base block comes first");
        let high = rest.split_once("[data-theme=\"contrast\"] {").expect("a high-contrast block").1;
        let high = high.split_once('}').expect("its end").0;

        let normal = tokens(base);
        let mut strong = normal.clone();
        strong.extend(tokens(high));
        for (theme, set, factor) in [("normal", &normal, 1.0), ("high contrast", &strong, 1.5)] {
            let get = |name: &str| set.get(name).unwrap_or_else(|| panic!("token {name}"));
            for scheme in 0..2 {
                let check = |text: &str, ground: &str, least: f64| {
                    let c = contrast(get(text)[scheme], get(ground)[scheme]);
                    assert!(c >= least, "{theme} {scheme}: {text} on {ground}: {c:.2} of {least}");
                };
                for ground in ["surface-0", "surface-1", "surface-2"] {
                    for text in ["text", "text-soft", "accent", "good", "warn", "bad"] {
                        check(text, ground, 4.5 * if text == "text" { factor } else { 1.0 });
                    }
                }
                check("accent-text", "accent", 4.5);
                check("text", "bad-soft", 4.5);
                check("text", "warn-soft", 4.5);
                for code in ["keyword", "gate", "number", "string", "comment"] {
                    check(&format!("code-{code}"), "surface-1", 4.5);
                }
                for family in [
                    "pauli", "clifford", "rotation", "phase", "multi", "measure", "noise", "custom",
                ] {
                    check("gate-text", &format!("gate-{family}"), 4.5 * factor);
                    check(&format!("gate-{family}"), "surface-1", 3.0);
                }
            }
        }
    }
}
