//! The whole circuit as a picture, with what its inline displays show.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use api::run::Reading;
use editor::{Document, Layout, draw};
use leptos::prelude::*;

use crate::displays::export::{self, Picture};
use crate::displays::inline;
use crate::messages::t;
use crate::state::{Inspector, Lab};

/// Longer circuits make files that nothing opens.
const MAX_OPERATIONS: usize = 20_000;

/// What inline displays look like outside of the page.
const STYLE: &str = ".inline-ground,.inline-rim,.inline .sphere-rim{fill:#fff;stroke:#7b8494;stroke-width:.75}\
.inline-bar{fill:#b9bff2}.inline-bar.negative{fill:#f0cfa0}.inline-text{fill:#1d2230;font-family:monospace;\
font-size:9px;text-anchor:middle;dominant-baseline:central}.inline-vector,.phase-tick{stroke:#3b43c6;stroke-width:1.5}\
.sphere-tip{fill:#3b43c6}.sphere-equator,.dot{fill:none;stroke:#7b8494;stroke-width:.75}.dot.on{fill:#3b43c6}";

/// The circuit as it stands; none where it is too long.
fn picture(document: &Document, readings: &BTreeMap<u64, Reading>) -> Option<Picture> {
    if document.operations().take(MAX_OPERATIONS + 1).count() > MAX_OPERATIONS {
        return None;
    }
    let mut svg = draw::document(document);
    let layout = Layout::new(document);
    let mut shown = String::new();
    for (at, column) in document.columns.iter().enumerate() {
        for op in &column.operations {
            if let Some(reading) = readings.get(&op.id.0) {
                shown += &inline::draw(op, reading, inline::frame(op, at, &layout));
            }
        }
    }
    if !shown.is_empty() {
        svg.truncate(svg.len() - "</svg>".len());
        let _ = write!(svg, "<style>{STYLE}</style>{shown}</svg>");
    }
    let (width, height) = (layout.width(0) + 16.0, layout.height() + 8.0);
    Some(Picture { svg, width, height })
}

/// Offers the circuit as SVG, or with `png` as PNG.
pub fn save(lab: Lab, inspector: &Inspector, png: bool) {
    let toasts = lab.toasts();
    let readings = inspector.seen.with_untracked(|seen| {
        let displays = seen.as_ref().map(|s| s.inspection.displays.clone()).unwrap_or_default();
        displays.into_iter().map(|d| (d.tag, d.reading)).collect()
    });
    let picture = lab.document.with_untracked(|document| picture(document, &readings));
    let drawn = lab.undrawn.with_untracked(Option::is_none);
    let Some(picture) = picture.filter(|_| drawn) else { return toasts.say(t().no_picture) };
    let name = crate::files::file_name(&lab.name.get_untracked());
    if png {
        export::save_png(&format!("{name}.png"), &picture, move || toasts.say(t().no_picture));
    } else {
        export::save_text(&format!("{name}.svg"), "image/svg+xml", &picture.svg);
    }
}
