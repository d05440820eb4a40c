//! What handlers take from a request: JSON bodies and entity tags, with our own errors.

use api::http::projects::{MAX_PAGE, PAGE};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt as _, LengthLimitError};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use uuid::Uuid;

use crate::error::{ApiError, ApiResult, Kind};
use crate::limits::BODY_TIMEOUT;

/// Parameters behind `?`. One that is not known is refused.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        if query.contains("%00") {
            return Err(ApiError::new(Kind::Invalid, "The address has a NUL character."));
        }
        serde_urlencoded::from_str(query).map(Self).map_err(|error| {
            ApiError::new(Kind::Invalid, format!("The address cannot be read: {error}."))
        })
    }
}

/// `Idempotency-Key`: 1 to 64 letters, digits, `-`, `_`.
pub fn idempotency_key(headers: &HeaderMap) -> ApiResult<Option<&str>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let sane = |key: &&str| {
        (1..=64).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    value.to_str().ok().filter(sane).map(Some).ok_or_else(|| {
        ApiError::new(
            Kind::BadRequest,
            "The header `Idempotency-Key` takes 1 to 64 letters, digits, `-` and `_`.",
        )
    })
}

/// Lines of a page: what was asked for, at most [`MAX_PAGE`].
pub fn page_size(limit: Option<i64>) -> ApiResult<i64> {
    match limit {
        None => Ok(PAGE),
        Some(limit) if (1..=MAX_PAGE).contains(&limit) => Ok(limit),
        Some(_) => Err(ApiError::new(Kind::Invalid, format!("`limit` is 1 to {MAX_PAGE}."))),
    }
}

/// Cuts what was read for a page, one line more than `limit`, to the page. The cursor of the next one, where there
/// is one, is of its last line.
pub fn cut_page<T>(
    lines: &mut Vec<T>,
    limit: i64,
    cursor: impl FnOnce(&T) -> String,
) -> Option<String> {
    let more = i64::try_from(lines.len()).is_ok_and(|found| found > limit);
    if more {
        lines.pop();
    }
    lines.last().filter(|_| more).map(cursor)
}

/// A cursor that is none of ours.
pub fn bad_cursor() -> ApiError {
    ApiError::new(Kind::Invalid, "`cursor` has to come from the page before.")
}

/// A JSON body. Its size is bounded by the route's body limit before it is read, and serde bounds
/// its depth.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !request.headers().get(CONTENT_TYPE).is_some_and(is_json) {
            return Err(ApiError::new(
                Kind::UnsupportedMediaType,
                "The body has to be JSON, and the header `Content-Type: application/json` has to \
                 say so.",
            ));
        }
        let body = tokio::time::timeout(BODY_TIMEOUT, request.into_body().collect())
            .await
            .map_err(|_| ApiError::new(Kind::RequestTimeout, "The body did not arrive in time."))?
            .map_err(body_error)?
            .to_bytes();
        // PostgreSQL's text cannot hold it, and nothing that is kept needs it.
        if body.windows(6).any(|window| window.eq_ignore_ascii_case(b"\\u0000")) && has_nul(&body) {
            return Err(ApiError::new(Kind::Invalid, "The body has a NUL character."));
        }
        // A struct can be read from an array, field by field; nobody means that.
        let start = body.iter().find(|byte| !byte.is_ascii_whitespace());
        if start.is_some_and(|byte| matches!(byte, b'[' | b'"' | b'0'..=b'9' | b'-')) {
            return Err(ApiError::new(Kind::Invalid, "The body has to be a JSON object."));
        }
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            let kind = match error.classify() {
                Category::Data => Kind::Invalid,
                Category::Io | Category::Syntax | Category::Eof => Kind::MalformedJson,
            };
            ApiError::new(kind, format!("The body cannot be read: {error}."))
        })
    }
}

/// An id in a path, in the usual form with hyphens alone: one thing has one address. What is no id
/// names nothing.
pub fn id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|parsed| parsed.to_string() == text)
}

/// A name of a person or thing, without the blanks around it: at most `max_chars`, no control
/// characters. `what` says which in the error.
pub fn label<'a>(
    text: &'a str,
    max_chars: usize,
    may_be_empty: bool,
    what: &'static str,
) -> ApiResult<&'a str> {
    let text = text.trim();
    let chars = text.chars().count();
    let invalid = |detail: String| Err(ApiError::new(Kind::Invalid, detail).about(what));
    if chars > max_chars {
        return invalid(format!(
            "The {what} has {chars} characters; at most {max_chars} are possible."
        ));
    }
    if text.chars().any(char::is_control) {
        return invalid(format!("The {what} has a control character, such as a line break."));
    }
    if text.is_empty() && !may_be_empty {
        return invalid(format!("The {what} is missing."));
    }
    Ok(text)
}

/// The entity tag of a version.
pub fn tag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).expect("digits in quotes")
}

/// Whether one of the headers `name` lists the version's tag.
pub fn names(headers: &HeaderMap, name: HeaderName, version: i64) -> bool {
    let tag = format!("\"{version}\"");
    headers.get_all(name).iter().any(|value| tag_matches(value, &tag))
}

/// `If-Match`, where given, names the present version of `what`.
pub fn check_match(headers: &HeaderMap, version: i64, what: &str) -> ApiResult<()> {
    if !headers.contains_key(IF_MATCH) || names(headers, IF_MATCH, version) {
        return Ok(());
    }
    Err(ApiError::new(
        Kind::VersionConflict,
        format!(
            "{what} was changed from elsewhere: it is at version \"{version}\" by now. Open it \
             again, or save yours as a new one."
        ),
    )
    .with_header(ETAG, tag(version)))
}

/// The same where `If-Match` has to be given.
pub fn require_match(headers: &HeaderMap, version: i64, what: &str) -> ApiResult<()> {
    if headers.contains_key(IF_MATCH) {
        return check_match(headers, version, what);
    }
    Err(ApiError::new(
        Kind::PreconditionRequired,
        format!(
            "Say with `If-Match` which version you replace, so that no save overwrites another \
             unseen. {what} is at version \"{version}\"."
        ),
    ))
}

/// Whether a text within JSON has a NUL; an escaped backslash before `u0000` makes none.
fn has_nul(body: &[u8]) -> bool {
    fn within(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::String(text) => text.contains('\0'),
            serde_json::Value::Array(items) => items.iter().any(within),
            serde_json::Value::Object(fields) => {
                fields.iter().any(|(key, value)| key.contains('\0') || within(value))
            }
            _ => false,
        }
    }
    serde_json::from_slice(body).is_ok_and(|value| within(&value))
}

fn body_error(error: axum::Error) -> ApiError {
    // The limit's error lies below the framework's own wrappers.
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(cause) = source {
        if cause.is::<LengthLimitError>() {
            return ApiError::new(Kind::TooLarge, "The body is larger than this address takes.");
        }
        source = cause.source();
    }
    ApiError::new(Kind::BadRequest, "The body broke off.").caused_by(error)
}

/// `application/json` or `application/*+json`, with or without parameters.
fn is_json(value: &HeaderValue) -> bool {
    let Ok(value) = value.to_str() else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence
        .strip_prefix("application/")
        .is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// Whether a value of `If-Match` or `If-None-Match` (a list of tags, or `*`) names `tag`, which
/// comes with its quotes. Weak tags match too: a proxy that compresses may weaken ours.
pub fn tag_matches(value: &HeaderValue, tag: &str) -> bool {
    value.to_str().is_ok_and(|value| {
        value
            .split(',')
            .map(str::trim)
            .any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_known_by_its_media_type() {
        for (value, json) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/vnd.ketlab+json", true),
            ("text/json", false),
            ("application/jsonx", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            assert_eq!(is_json(&HeaderValue::from_static(value)), json, "{value}");
        }
    }

    #[test]
    fn tags_match_in_lists_and_weakened() {
        for (value, matches) in [
            ("\"3\"", true),
            ("W/\"3\"", true),
            ("\"1\", \"3\"", true),
            ("*", true),
            ("\"33\"", false),
            ("3", false),
            ("", false),
        ] {
            assert_eq!(tag_matches(&HeaderValue::from_static(value), "\"3\""), matches, "{value}");
        }
    }
}
