//! A histogram as plotly's figure, for when someone points at it.

use plotly::common::{
    Anchor, ErrorData, ErrorType, Font, HoverInfo, Label, Line, Marker, MarkerSymbol, Mode,
    Orientation, Title,
};
use plotly::configuration::DisplayModeBar;
use plotly::layout::{Axis, AxisType, HoverMode, Legend, Margin, TicksDirection};
use plotly::{Bar, Configuration, Layout, Plot, Scatter};
use serde::Deserialize;

use super::{Histogram, PlotTheme};

/// Where `app/boot/plot.js` put everything, in pixels, so that plotly puts it there too.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Place {
    pub width: usize,
    pub height: usize,
    /// Margins.
    pub left: usize,
    pub right: usize,
    pub above: usize,
    pub bottom: usize,
    /// Share of a bar's room that stays free.
    pub gap: f64,
    /// Upper end of the values' axis.
    pub top: f64,
    pub ticks: Vec<f64>,
    pub texts: Vec<String>,
    /// Of the names, every so many is written, in letters of `size`.
    pub every: usize,
    pub size: usize,
    pub turned: bool,
    /// Half of the width of an error bar's ends.
    pub cap: usize,
    /// Of the marks of exact probabilities.
    pub mark: usize,
}

/// Plotly's `{data, layout, config}`: counts as bars, noisy ones beside them, exact probabilities as marks over
/// them.
pub fn figure(histogram: &Histogram, place: &Place, theme: &PlotTheme) -> String {
    let words = histogram.words;
    let names = &histogram.names;
    let bars = |name: &str, values: &[f64], hover: &[String], color: &str| {
        Bar::new(names.clone(), values.to_vec())
            .name(name)
            .hover_text_array(hover.to_vec())
            .hover_info(HoverInfo::Text)
            .marker(Marker::new().color(color.to_owned()))
    };
    let mut plot = Plot::new();
    let mut counts = bars(words.measured, &histogram.values, &histogram.hover, &theme.accent);
    if let Some(errors) = &histogram.errors {
        let errors = ErrorData::new(ErrorType::Data)
            .array(errors.clone())
            .color(theme.text_soft.clone())
            .thickness(1.0)
            .width(place.cap);
        counts = counts.error_y(errors);
    }
    plot.add_trace(counts);
    if let Some(noisy) = &histogram.noisy {
        plot.add_trace(bars(words.noisy, noisy, &histogram.noisy_hover, &theme.second));
    }
    if let Some(exact) = &histogram.exact {
        let marker = Marker::new()
            .symbol(MarkerSymbol::LineEWOpen)
            .size(place.mark)
            .color(theme.text.clone())
            .line(Line::new().width(2.0).color(theme.text.clone()));
        let marks = Scatter::new(names.clone(), exact.clone())
            .mode(Mode::Markers)
            .name(words.exact)
            .hover_info(HoverInfo::Skip)
            .marker(marker);
        plot.add_trace(marks);
    }
    plot.set_layout(layout(histogram, place, theme));
    plot.set_configuration(
        Configuration::new()
            .display_mode_bar(DisplayModeBar::False)
            .display_logo(false)
            .responsive(false),
    );
    plot.to_json()
}

fn layout(histogram: &Histogram, place: &Place, theme: &PlotTheme) -> Layout {
    let soft = || Font::new().family(&theme.sans).size(12).color(theme.text_soft.clone());
    let mono = |size: usize| Font::new().family(&theme.mono).size(size).color(theme.text.clone());
    let axis = |title: &str| {
        Axis::new().title(Title::with_text(title).font(soft())).zero_line(false).fixed_range(true)
    };
    let named = (0..histogram.names.len()).step_by(place.every.max(1));
    // A category's place on the axis is its number.
    let x = axis(histogram.words.outcome)
        // Bit strings are no numbers.
        .type_(AxisType::Category)
        .range(vec![-0.5, histogram.names.len() as f64 - 0.5])
        .show_grid(false)
        .line_color(theme.line.clone())
        .tick_angle(if place.turned { -90.0 } else { 0.0 })
        .tick_font(mono(place.size))
        .tick_values(named.clone().map(|i| i as f64).collect())
        .tick_text(named.map(|i| histogram.names[i].clone()).collect());
    let y = axis(histogram.words.height)
        .range(vec![0.0, place.top])
        .grid_color(theme.line.clone())
        .tick_font(soft())
        .ticks(TicksDirection::Outside)
        .tick_color(theme.line.clone())
        .tick_length(3)
        .tick_values(place.ticks.clone())
        .tick_text(place.texts.clone());
    let margin = Margin::new()
        .left(place.left)
        .right(place.right)
        .top(place.above)
        .bottom(place.bottom)
        .pad(0);
    let hover_label = Label::new()
        .background_color(theme.surface.clone())
        .border_color(theme.line.clone())
        .font(mono(12));
    let legend = Legend::new()
        .orientation(Orientation::Horizontal)
        .x(0.0)
        .y(1.0)
        .y_anchor(Anchor::Bottom)
        .font(soft());
    Layout::new()
        .width(place.width)
        .height(place.height)
        .paper_background_color("rgba(0,0,0,0)")
        .plot_background_color("rgba(0,0,0,0)")
        .font(Font::new().family(&theme.sans).size(12).color(theme.text.clone()))
        .margin(margin)
        .bar_gap(place.gap)
        .show_legend(histogram.noisy.is_some())
        .legend(legend)
        .hover_mode(HoverMode::Closest)
        .hover_label(hover_label)
        .x_axis(x)
        .y_axis(y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plotly_puts_everything_where_the_quick_drawing_has_it() {
        let histogram = Histogram {
            names: vec!["00".into(), "11".into()],
            values: vec![500.0, 524.0],
            errors: Some(vec![16.0, 16.0]),
            exact: Some(vec![512.0, 512.0]),
            hover: vec!["a".into(), "b".into()],
            ..Histogram::default()
        };
        // As the script writes it; what is not needed here is left alone.
        let place = r#"{"width":400,"height":200,"left":53,"right":12,"above":12,"bottom":43,"gap":0.62,"top":555.4,
            "ticks":[0,200,400],"texts":["0","200","400"],"every":1,"size":12,"turned":false,"cap":3,"mark":28,"slot":1.5}"#;
        let place: Place = serde_json::from_str(place).expect("JSON");
        let figure = figure(&histogram, &place, &PlotTheme::default());
        let figure: serde_json::Value = serde_json::from_str(&figure).expect("JSON");
        assert_eq!(figure["data"][0]["x"], serde_json::json!(["00", "11"]));
        assert_eq!(figure["data"][0]["error_y"]["array"][0], 16.0);
        assert_eq!(figure["data"][1]["y"], serde_json::json!([512.0, 512.0]));
        let layout = &figure["layout"];
        assert_eq!(layout["xaxis"]["type"], "category", "bit strings are no numbers");
        assert_eq!(layout["xaxis"]["range"], serde_json::json!([-0.5, 1.5]));
        assert_eq!(layout["yaxis"]["ticktext"], serde_json::json!(["0", "200", "400"]));
        assert_eq!((&layout["margin"]["l"], &layout["margin"]["b"]), (&53.into(), &43.into()));
        assert_eq!(figure["config"]["displaylogo"], false);
    }
}
