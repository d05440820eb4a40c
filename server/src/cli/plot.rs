//! `ketlab run --plot`: the histogram of a run as a file that opens in a browser.

use std::path::Path;
use std::{fs, io};

use api::run::RunResult;
use plotly::common::{ErrorData, ErrorType, Marker, MarkerSymbol, Mode, Title};
use plotly::layout::{Axis, AxisType, BarMode};
use plotly::{Bar, Layout, Plot, Scatter};

use crate::page;

/// Most outcomes in a histogram: those that came most often.
pub const MOST: usize = 1024;

/// plotly.js, as the page has it.
const SCRIPT: &str = "vendor/plotly/plotly-cartesian.min.js";

/// Writes the histogram of `result` to `file`: plotly's figure where the name ends in `.json`, else an HTML document
/// that needs nothing else.
pub fn write(result: &RunResult, name: &str, file: &Path) -> io::Result<()> {
    let figure = figure(result, name).to_json();
    if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        return fs::write(file, figure);
    }
    let script = page::embedded(SCRIPT).ok_or_else(|| {
        let message = "this program was built without its page, which has plotly.js in it; \
                       a name that ends in .json gives the figure alone";
        io::Error::new(io::ErrorKind::Unsupported, message)
    })?;
    let script = std::str::from_utf8(script).map_err(io::Error::other)?;
    fs::write(file, document(name, script, &figure))
}

/// Counts with one standard deviation of the binomial distribution, `√(N p (1 - p))` with `p = n / N`, and exact
/// probabilities times the shots as marks, where they were asked for; probabilities alone where nothing was sampled.
fn figure(result: &RunResult, name: &str) -> Plot {
    let shots = f64::from(result.shots);
    let exact = result.probabilities.as_ref();
    let mut rows: Vec<(&String, f64)> = if result.shots > 0 {
        result.counts.iter().map(|(key, &n)| (key, n as f64)).collect()
    } else {
        exact.into_iter().flatten().map(|(key, &p)| (key, p)).collect()
    };
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    rows.truncate(MOST);
    rows.sort_by_key(|row| row.0);
    let keys: Vec<String> = rows.iter().map(|row| row.0.clone()).collect();
    let mut bars = Bar::new(keys.clone(), rows.iter().map(|row| row.1).collect());
    let mut plot = Plot::new();
    if result.shots > 0 {
        let sigma = |&(_, n): &(&String, f64)| (n * (1.0 - n / shots)).max(0.0).sqrt();
        let errors = ErrorData::new(ErrorType::Data).array(rows.iter().map(sigma).collect());
        bars = bars.error_y(errors).name("measured");
    }
    plot.add_trace(bars);
    if let Some(exact) = exact.filter(|_| result.shots > 0) {
        let marks = keys.iter().map(|key| exact.get(key).copied().unwrap_or(0.0) * shots);
        let marker = Marker::new().symbol(MarkerSymbol::LineEWOpen).size(20);
        let marks = Scatter::new(keys.clone(), marks.collect());
        plot.add_trace(marks.mode(Mode::Markers).marker(marker).name("exact"));
    }
    let height = if result.shots > 0 { "shots" } else { "probability" };
    let title = format!("{name}: {} shots, seed {}", result.shots, result.seed);
    plot.set_layout(
        Layout::new()
            .title(Title::with_text(title))
            .bar_mode(BarMode::Group)
            // Bit strings are no numbers.
            .x_axis(Axis::new().type_(AxisType::Category).title(Title::with_text("outcome")))
            .y_axis(Axis::new().title(Title::with_text(height))),
    );
    plot
}

fn document(name: &str, script: &str, figure: &str) -> String {
    // Nothing in the figure may end the element.
    let figure = figure.replace('<', "\\u003c");
    let title = name.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>html, body, #plot {{ height: 100%; margin: 0 }}</style>\n<div id=\"plot\"></div>\n\
         <script>{script}</script>\n<script>\nconst figure = {figure};\n\
         Plotly.newPlot(\"plot\", figure.data, figure.layout, {{ responsive: true, displaylogo: false }});\n</script>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result() -> RunResult {
        serde_json::from_value(serde_json::json!({
            "num_qubits": 2, "num_clbits": 2, "method": "statevector", "reason": "", "precision": "f64", "fast": false,
            "threads": 1, "operations": 4, "shots": 100, "seed": 7, "counts": { "00": 64, "11": 36 }, "probabilities": { "00": 0.5, "11": 0.5 }, "seconds": 0.1,
        }))
        .expect("a result")
    }

    #[test]
    fn a_histogram_has_counts_errors_and_exact_marks() {
        let figure: serde_json::Value =
            serde_json::from_str(&figure(&result(), "bell").to_json()).expect("JSON");
        assert_eq!(figure["data"][0]["x"], serde_json::json!(["00", "11"]));
        assert_eq!(figure["data"][0]["y"], serde_json::json!([64.0, 36.0]));
        let sigma = figure["data"][0]["error_y"]["array"][0].as_f64().expect("a number");
        assert!((sigma - 4.8).abs() < 1e-12);
        assert_eq!(figure["data"][1]["y"], serde_json::json!([50.0, 50.0]));
        assert_eq!(figure["layout"]["xaxis"]["type"], "category");
    }

    #[test]
    fn a_document_stands_alone_and_no_name_ends_its_script() {
        let text = document("a</script><b>", "let Plotly;", r#"{"title":"</script>"}"#);
        assert_eq!(text.matches("</script>").count(), 2, "{text}");
        assert!(!text.contains("src="));
    }
}
