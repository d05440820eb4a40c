//! The page: its files, and a document for every address that the page itself routes: the portal's for
//! accounts, projects, groups and administration, the lab's for all others.

use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::AppState;
use crate::error::{ApiError, Kind};
use crate::extract::tag_matches;
use crate::page::{File, INDEX};

/// First segments of the addresses that the portal routes.
const PORTAL: [&str; 6] = ["account", "admin", "groups", "join", "privacy", "projects"];

/// Everything that is no route.
pub async fn serve(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let top = path.split('/').next().unwrap_or_default();
    if top == "api" {
        return not_found();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::new(Kind::MethodNotAllowed, "The page can only be read.")
            .with_header(ALLOW, HeaderValue::from_static("GET, HEAD"))
            .into_response();
    }
    let file = match path {
        "" | INDEX => Some(state.page().index().await),
        _ => match state.page().file(path).await {
            Some(file) => Some(file),
            None if PORTAL.contains(&top) && !path.contains('.') => {
                Some(state.page().portal().await)
            }
            // `/lab` is a place in the page; `/lab.js` or `/sim/…` is a file, and it is missing.
            None if top != "sim" && !path.contains('.') => Some(state.page().index().await),
            None => None,
        },
    };
    file.map_or_else(not_found, |file| answer(&file, request.headers()))
}

fn not_found() -> Response {
    ApiError::new(Kind::NotFound, "There is nothing at this address.").into_response()
}

fn answer(file: &File, request: &HeaderMap) -> Response {
    let brotli = file.brotli.as_ref().filter(|_| accepts_brotli(request));
    let tag = format!("\"{}{}\"", file.tag, if brotli.is_some() { "-br" } else { "" });
    let cache =
        if file.immutable { "public, max-age=31536000, immutable" } else { "public, no-cache" };

    let mut headers = HeaderMap::new();
    headers.insert(ETAG, HeaderValue::try_from(&tag).expect("hexadecimal digits in quotes"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    if file.brotli.is_some() {
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if request.get_all(IF_NONE_MATCH).iter().any(|value| tag_matches(value, &tag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    if brotli.is_some() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    (headers, brotli.unwrap_or(&file.content).clone()).into_response()
}

/// Whether `Accept-Encoding` names brotli with a weight above 0.
fn accepts_brotli(request: &HeaderMap) -> bool {
    request
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
            let refused = parts
                .filter_map(|part| part.strip_prefix("q="))
                .any(|q| q.parse().is_ok_and(|q: f32| q <= 0.0));
            named && !refused
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        for (value, accepted) in [
            ("gzip, deflate, br, zstd", true),
            ("BR;q=0.5", true),
            ("gzip, br;q=0", false),
            ("gzip;q=1, br; q=0.000", false),
            ("gzip", false),
            ("brotli", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(accepts_brotli(&headers), accepted, "{value:?}");
        }
        assert!(!accepts_brotli(&HeaderMap::new()));
    }
}
