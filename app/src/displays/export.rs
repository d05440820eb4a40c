//! Displays as files: SVG and PNG from what is on screen, CSV and JSON from its numbers. Made here:
//! nothing leaves the page.
//!
//! A picture is a copy of the drawing in which every style that the sheet gives is written out, so
//! that it looks the same elsewhere. What is no drawing (a table) is drawn from its rows.

use std::fmt::Write as _;

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, Element, HtmlAnchorElement, HtmlCanvasElement, Url};

use crate::color::Oklch;

/// Pixels of a PNG per unit of the drawing.
const SCALE: f64 = 2.0;
/// Widest and highest picture in pixels: what every browser's canvas takes.
const MAX_PIXELS: f64 = 16_000.0;

/// A drawing with its size.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub svg: String,
    pub width: f64,
    pub height: f64,
}

/// The properties that make a drawing look as it does.
const PROPERTIES: [&str; 14] = [
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "opacity",
    "font-family",
    "font-size",
    "font-weight",
    "text-anchor",
    "dominant-baseline",
];

/// Offers `text` as a file.
pub fn save_text(name: &str, mime: &str, text: &str) {
    let parts = Array::of1(&JsValue::from_str(text));
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        save(name, &blob);
    }
}

fn save(name: &str, blob: &Blob) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else { return };
    if let Some(link) =
        document().create_element("a").ok().and_then(|a| a.dyn_into::<HtmlAnchorElement>().ok())
    {
        link.set_href(&url);
        link.set_download(name);
        link.click();
    }
    // The download has its own hold by then.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        std::time::Duration::from_secs(10),
    );
}

/// Rows as CSV (RFC 4180).
pub fn csv(rows: &[Vec<String>]) -> String {
    let mut out = String::new();
    for row in rows {
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            if cell.contains(['"', ',', '\n', '\r']) {
                let _ = write!(out, "\"{}\"", cell.replace('"', "\"\""));
            } else {
                out.push_str(cell);
            }
        }
        out.push_str("\r\n");
    }
    out
}

/// The drawing inside `element`: all its `svg.figure`s and plots, each where it stands on screen.
pub fn picture_of(element: &Element) -> Option<Picture> {
    let found = element.query_selector_all("svg.figure, svg.main-svg").ok()?;
    let all: Vec<Element> = (0..found.length())
        .filter_map(|i| found.get(i)?.dyn_into::<Element>().ok())
        .filter(|e| e.get_bounding_client_rect().width() > 0.0)
        .collect();
    if all.is_empty() {
        return None;
    }
    let edge = |f: fn(&web_sys::DomRect) -> f64, pick: fn(f64, f64) -> f64, start: f64| {
        all.iter().map(|e| f(&e.get_bounding_client_rect())).fold(start, pick)
    };
    let left = edge(|r| r.left(), f64::min, f64::INFINITY);
    let top = edge(|r| r.top(), f64::min, f64::INFINITY);
    let right = edge(|r| r.right(), f64::max, f64::NEG_INFINITY);
    let bottom = edge(|r| r.bottom(), f64::max, f64::NEG_INFINITY);
    let (width, height) = (right - left + 16.0, bottom - top + 16.0);
    let mut out = open_svg(width, height);
    for svg in &all {
        let rect = svg.get_bounding_client_rect();
        let view = svg
            .get_attribute("viewBox")
            .unwrap_or_else(|| format!("0 0 {} {}", rect.width(), rect.height()));
        let _ = write!(
            out,
            r#"<svg x="{:.2}" y="{:.2}" width="{:.2}" height="{:.2}" viewBox="{view}">"#,
            rect.left() - left + 8.0,
            rect.top() - top + 8.0,
            rect.width(),
            rect.height()
        );
        write_children(&mut out, svg);
        out.push_str("</svg>");
    }
    // Names under small drawings.
    if let Ok(captions) = element.query_selector_all("[data-caption]") {
        for i in 0..captions.length() {
            let Some(caption) = captions.get(i).and_then(|n| n.dyn_into::<Element>().ok()) else {
                continue;
            };
            let rect = caption.get_bounding_client_rect();
            let style = window().get_computed_style(&caption).ok().flatten();
            let color = style
                .and_then(|s| s.get_property_value("color").ok())
                .map_or_else(String::new, |c| plain_color(&c));
            let _ = write!(
                out,
                r#"<text x="{:.1}" y="{:.1}" text-anchor="middle" font-family="sans-serif" font-size="12" fill="{color}">{}</text>"#,
                rect.left() - left + 8.0 + rect.width() / 2.0,
                rect.top() - top + 20.0,
                escape(&caption.text_content().unwrap_or_default())
            );
        }
    }
    out.push_str("</svg>");
    Some(Picture { svg: out, width, height })
}

fn open_svg(width: f64, height: f64) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.2} {height:.2}"><rect width="100%" height="100%" fill="{}"/>"#,
        token("--surface-1")
    )
}

/// Everything below `parent`, styles written out.
fn write_children(out: &mut String, parent: &Element) {
    let children = parent.child_nodes();
    for i in 0..children.length() {
        let Some(node) = children.get(i) else { continue };
        if node.node_type() == web_sys::Node::TEXT_NODE {
            out.push_str(&escape(&node.text_content().unwrap_or_default()));
            continue;
        }
        let Some(element) = node.dyn_ref::<Element>() else { continue };
        let name = element.local_name();
        if matches!(name.as_str(), "style" | "script" | "title" | "foreignObject") {
            continue;
        }
        let style = window().get_computed_style(element).ok().flatten();
        let computed = |property: &str| {
            style.as_ref().and_then(|s| s.get_property_value(property).ok()).unwrap_or_default()
        };
        if computed("display") == "none" || computed("visibility") == "hidden" {
            continue;
        }
        let _ = write!(out, "<{name}");
        let attributes = element.attributes();
        for j in 0..attributes.length() {
            let Some(attribute) = attributes.item(j) else { continue };
            let key = attribute.name();
            let skipped = key == "style"
                || key == "class"
                || key.starts_with("on")
                || key.starts_with("data-")
                || key.starts_with("aria-")
                || PROPERTIES.contains(&key.as_str());
            if !skipped {
                let _ = write!(out, r#" {key}="{}""#, escape(&attribute.value()));
            }
        }
        if !matches!(name.as_str(), "defs" | "clipPath") {
            for property in PROPERTIES {
                let value = computed(property);
                if !value.is_empty() && !is_default(property, &value) {
                    let _ = write!(out, r#" {property}="{}""#, escape(&plain_color(&value)));
                }
            }
        }
        let transform = computed("transform");
        if !transform.is_empty() && transform != "none" && !element.has_attribute("transform") {
            let _ = write!(out, r#" transform="{}""#, escape(&transform));
        }
        out.push('>');
        write_children(out, element);
        let _ = write!(out, "</{name}>");
    }
}

fn is_default(property: &str, value: &str) -> bool {
    matches!(
        (property, value),
        ("fill-opacity" | "stroke-opacity" | "opacity", "1")
            | ("stroke" | "stroke-dasharray", "none")
            | ("stroke-linecap", "butt")
            | ("stroke-linejoin", "miter")
            | ("dominant-baseline", "auto")
            | ("text-anchor", "start")
    )
}

/// OKLCH as other programs read colors.
fn plain_color(value: &str) -> String {
    Oklch::parse(value).map_or_else(|| value.to_owned(), Oklch::to_hex)
}

fn token(name: &str) -> String {
    let theme = super::plotly::theme();
    match name {
        "--text" => theme.text,
        "--text-soft" => theme.text_soft,
        "--line" => theme.line,
        _ => theme.surface,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Rows drawn as a table, the first one as its head.
pub fn picture_of_rows(rows: &[Vec<String>]) -> Picture {
    const LINE: f64 = 24.0;
    const CHAR: f64 = 7.9;
    /// Longer tables are for CSV.
    const MAX_ROWS: usize = 512;
    let rows = &rows[..rows.len().min(MAX_ROWS)];
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<f64> = (0..columns)
        .map(|c| {
            let longest =
                rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
            longest as f64 * CHAR + 20.0
        })
        .collect();
    let (width, height) = (widths.iter().sum::<f64>() + 16.0, rows.len() as f64 * LINE + 20.0);
    let mut out = open_svg(width, height);
    let (text, soft, line) = (token("--text"), token("--text-soft"), token("--line"));
    for (r, row) in rows.iter().enumerate() {
        let y = 10.0 + (r as f64 + 0.5) * LINE;
        let mut x = 8.0;
        for (cell, width) in row.iter().zip(&widths) {
            let color = if r == 0 { &soft } else { &text };
            let _ = write!(
                out,
                r#"<text x="{x:.1}" y="{y:.1}" dominant-baseline="central" font-family="monospace" font-size="13" fill="{color}">{}</text>"#,
                escape(cell)
            );
            x += width;
        }
        let y = y + LINE / 2.0;
        let _ = write!(
            out,
            r#"<line x1="8" y1="{y:.1}" x2="{:.1}" y2="{y:.1}" stroke="{line}" stroke-width="0.5"/>"#,
            width - 8.0
        );
    }
    out.push_str("</svg>");
    Picture { svg: out, width, height }
}

/// Offers the picture as PNG; `failed` is called where the browser cannot make it.
pub fn save_png(name: &str, picture: &Picture, failed: impl Fn() + Clone + 'static) {
    let name = name.to_owned();
    let scale = SCALE.min(MAX_PIXELS / picture.width).min(MAX_PIXELS / picture.height);
    let (width, height) = (picture.width * scale, picture.height * scale);
    let parts = Array::of1(&Uint8Array::from(picture.svg.as_bytes()));
    let options = BlobPropertyBag::new();
    options.set_type("image/svg+xml");
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options);
    let Ok(url) = blob.and_then(|blob| Url::create_object_url_with_blob(&blob)) else {
        return failed();
    };
    let Ok(image) = web_sys::HtmlImageElement::new() else { return failed() };
    let drawn = {
        let (image, url, failed) = (image.clone(), url.clone(), failed.clone());
        Closure::once_into_js(move || {
            let canvas = document()
                .create_element("canvas")
                .ok()
                .and_then(|c| c.dyn_into::<HtmlCanvasElement>().ok());
            let _ = Url::revoke_object_url(&url);
            let Some(canvas) = canvas else { return failed() };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "bounded above"
            )]
            {
                canvas.set_width(width.ceil() as u32);
                canvas.set_height(height.ceil() as u32);
            }
            let context = canvas
                .get_context("2d")
                .ok()
                .flatten()
                .and_then(|c| c.dyn_into::<web_sys::CanvasRenderingContext2d>().ok());
            let Some(context) = context else { return failed() };
            if context
                .draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)
                .is_err()
            {
                return failed();
            }
            let given = {
                let failed = failed.clone();
                Closure::once_into_js(move |blob: JsValue| match blob.dyn_into::<Blob>() {
                    Ok(blob) => save(&name, &blob),
                    Err(_) => failed(),
                })
            };
            if canvas.to_blob(given.unchecked_ref()).is_err() {
                failed();
            }
        })
    };
    image.set_onload(Some(drawn.unchecked_ref()));
    let broken = Closure::once_into_js(failed);
    image.set_onerror(Some(broken.unchecked_ref()));
    image.set_src(&url);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_commas_and_quotes_are_quoted() {
        let rows = [vec!["a".to_owned(), "1,5".to_owned()], vec!["say \"x\"".to_owned()]];
        assert_eq!(csv(&rows), "a,\"1,5\"\r\n\"say \"\"x\"\"\"\r\n");
    }
}
