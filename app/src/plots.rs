//! Results as plotly figures: pure functions from plain data to JSON. Drawing is `displays::plotly`.

use plotly::common::{ErrorData, ErrorType, Font, HoverInfo, Label, Marker, Title};
use plotly::configuration::DisplayModeBar;
use plotly::layout::{Axis, AxisType, HoverMode, Margin, TicksDirection};
use plotly::{Bar, Configuration, Layout, Plot};

/// Colors and fonts of a figure, read from the page's tokens.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlotTheme {
    pub text: String,
    pub text_soft: String,
    pub line: String,
    pub surface: String,
    pub accent: String,
    pub sans: String,
    pub mono: String,
}

/// Axis titles and the like, in the person's language.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlotWords {
    /// Title of the y axis: "shots".
    pub shots: String,
    /// Title of the x axis.
    pub outcome: String,
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

/// Outcomes that a figure shows: one page of all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Outcome and how often.
    pub entries: Vec<(String, u64)>,
    /// Position of the first entry among all.
    pub start: usize,
    /// All outcomes that occurred.
    pub total: usize,
}

/// Bars on one page: more cannot be told apart on a laptop's screen.
pub const PAGE_SIZE: usize = 64;

/// Page `page` of the outcomes; the last page where there are fewer.
pub fn page<'a>(
    counts: impl Iterator<Item = (&'a String, &'a u64)>,
    order: Order,
    page: usize,
) -> Page {
    let mut all: Vec<(&String, u64)> = counts.map(|(key, &n)| (key, n)).collect();
    let total = all.len();
    let start = (page * PAGE_SIZE).min(total.saturating_sub(1) / PAGE_SIZE * PAGE_SIZE);
    let end = (start + PAGE_SIZE).min(total);
    if order == Order::Frequency && total > 0 {
        let by_count =
            |a: &(&String, u64), b: &(&String, u64)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
        // Only the page itself is sorted: a million outcomes must not hold up the page.
        if end < total {
            all.select_nth_unstable_by(end, by_count);
            all.truncate(end);
        }
        if start > 0 {
            all.select_nth_unstable_by(start, by_count);
        }
        all[start..].sort_unstable_by(by_count);
    }
    let entries = all[start..end].iter().map(|(key, n)| ((*key).clone(), *n)).collect();
    Page { entries, start, total }
}

/// Histogram of counts as plotly's `{data, layout, config}`. The error bars are one standard
/// deviation of the binomial distribution, `√(N p (1 - p))` with `p = n / N`.
pub fn histogram(page: &Page, shots: u32, theme: &PlotTheme, words: &PlotWords) -> String {
    let total = f64::from(shots.max(1));
    let labels: Vec<String> = page.entries.iter().map(|(key, _)| key.clone()).collect();
    let values: Vec<u64> = page.entries.iter().map(|(_, n)| *n).collect();
    let sigma = |n: u64| {
        let p = n as f64 / total;
        (total * p * (1.0 - p)).max(0.0).sqrt()
    };
    let hover = page
        .entries
        .iter()
        .map(|(key, n)| {
            let (p, s) = (*n as f64 / total * 100.0, sigma(*n) / total * 100.0);
            format!("|{key}⟩<br><b>{n}</b> / {shots}<br>{p:.2} % ± {s:.2} %")
        })
        .collect();

    let soft = || Font::new().family(&theme.sans).size(12).color(theme.text_soft.clone());
    let bits = page.entries.first().map_or(0, |(key, _)| key.len());
    let crowded = page.entries.len() * (bits + 2) > 72;
    let bars = Bar::new(labels, values.clone())
        .marker(Marker::new().color(theme.accent.clone()))
        .hover_text_array(hover)
        .hover_info(HoverInfo::Text)
        .error_y(
            ErrorData::new(ErrorType::Data)
                .array(values.iter().map(|&n| sigma(n)).collect())
                .color(theme.text_soft.clone())
                .thickness(1.0)
                .width(if page.entries.len() > 24 { 0 } else { 3 }),
        );
    let x = Axis::new()
        .type_(AxisType::Category)
        .title(Title::with_text(&words.outcome).font(soft()))
        .tick_font(
            Font::new()
                .family(&theme.mono)
                .size(if page.entries.len() > 40 { 10 } else { 12 })
                .color(theme.text.clone()),
        )
        .tick_angle(if crowded { -90.0 } else { 0.0 })
        .auto_margin(true)
        .show_grid(false)
        .zero_line(false)
        .line_color(theme.line.clone())
        .fixed_range(true);
    let y = Axis::new()
        .title(Title::with_text(&words.shots).font(soft()))
        .tick_font(soft())
        .ticks(TicksDirection::Outside)
        .tick_color(theme.line.clone())
        .tick_length(3)
        .n_ticks(6)
        .grid_color(theme.line.clone())
        .zero_line_color(theme.line.clone())
        .range_mode(plotly::layout::RangeMode::ToZero)
        .auto_margin(true)
        .fixed_range(true);
    let layout = Layout::new()
        .paper_background_color("rgba(0,0,0,0)")
        .plot_background_color("rgba(0,0,0,0)")
        .font(Font::new().family(&theme.sans).size(12).color(theme.text.clone()))
        .margin(Margin::new().left(52).right(12).top(12).bottom(36))
        .bar_gap(if page.entries.len() < 6 { 0.62 } else { 0.25 })
        .show_legend(false)
        .hover_mode(HoverMode::Closest)
        .hover_label(
            Label::new()
                .background_color(theme.surface.clone())
                .border_color(theme.line.clone())
                .font(Font::new().family(&theme.mono).size(12).color(theme.text.clone())),
        )
        .x_axis(x)
        .y_axis(y);
    let mut plot = Plot::new();
    plot.add_trace(bars);
    plot.set_layout(layout);
    plot.set_configuration(
        Configuration::new()
            .display_mode_bar(DisplayModeBar::False)
            .display_logo(false)
            .responsive(false),
    );
    plot.to_json()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn counts(n: u64) -> BTreeMap<String, u64> {
        (0..n).map(|i| (format!("{i:08b}"), i % 7 + 1)).collect()
    }

    #[test]
    fn pages_cover_all_outcomes_once_in_either_order() {
        let all = counts(200);
        for order in [Order::Outcome, Order::Frequency] {
            let mut seen = Vec::new();
            for p in 0..4 {
                let page = page(all.iter(), order, p);
                assert_eq!((page.start, page.total), (p * PAGE_SIZE, 200));
                seen.extend(page.entries);
            }
            let mut expected: Vec<(String, u64)> = all.clone().into_iter().collect();
            if order == Order::Frequency {
                expected.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            }
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_page_past_the_end_is_the_last_one() {
        assert_eq!(page(counts(70).iter(), Order::Outcome, 9).start, PAGE_SIZE);
        assert_eq!(page(counts(64).iter(), Order::Frequency, 9).start, 0);
        assert_eq!(page(counts(0).iter(), Order::Frequency, 9), Page::default());
    }

    #[test]
    fn a_histogram_has_bars_error_bars_and_categories() {
        let page = page(
            [("00".to_owned(), 512), ("11".to_owned(), 512)].iter().map(|(k, n)| (k, n)),
            Order::Outcome,
            0,
        );
        let json = histogram(&page, 1024, &PlotTheme::default(), &PlotWords::default());
        let figure: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let bars = &figure["data"][0];
        assert_eq!(bars["x"], serde_json::json!(["00", "11"]));
        assert_eq!(bars["y"], serde_json::json!([512, 512]));
        assert_eq!(bars["error_y"]["array"], serde_json::json!([16.0, 16.0]));
        assert_eq!(figure["layout"]["xaxis"]["type"], "category", "bit strings are no numbers");
        assert_eq!(figure["config"]["displaylogo"], false);
        assert!(bars["hovertext"][0].as_str().is_some_and(|t| t.contains("50.00 % ± 1.56 %")));
    }
}
