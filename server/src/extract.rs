//! What handlers take from a request: JSON bodies and entity tags, with our own errors.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, LengthLimitError};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::{ApiError, Kind};
use crate::limits::BODY_TIMEOUT;

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
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            let kind = match error.classify() {
                Category::Data => Kind::Invalid,
                Category::Io | Category::Syntax | Category::Eof => Kind::MalformedJson,
            };
            ApiError::new(kind, format!("The body cannot be read: {error}."))
        })
    }
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
