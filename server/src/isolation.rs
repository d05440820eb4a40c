//! Headers that close the page off from other sites. Without cross-origin isolation the browser
//! gives the simulator no threads; without the content security policy a bug in the page could run
//! a stranger's code.
//!
//! All answers carry them, not only documents: a worker takes its policy from its own script's
//! answer.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest as _, Sha256};

use crate::AppState;

/// The same for every answer. The policy itself is [`policy`].
const HEADERS: [(&str, &str); 6] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    // The page's address may hold a circuit or a project's id.
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(self), \
         screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
    ),
];

/// SHA-256 of nothing: plotly.js makes an empty `<style>` and fills it through the CSSOM.
const EMPTY_HASH: &str = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

/// Adds the headers to whatever answer there is.
pub async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = state.page().policy().await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.insert(HeaderName::from_static("content-security-policy"), policy);
    response
}

/// The content security policy for a page whose document is `index`: own files only, its inline
/// scripts and styles by hash, WebAssembly but no `eval`.
pub fn policy(index: &str) -> HeaderValue {
    let hashes = |element: &'static str| {
        inline(index, element).fold(String::new(), |list, text| format!("{list} {}", hash(text)))
    };
    let (scripts, styles) = (hashes("script"), hashes("style"));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; \
         style-src 'self' {EMPTY_HASH}{styles}; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("words and base64")
}

/// A source expression for a script or style. The browser hashes the text after it has turned all line
/// ends into `\n`.
fn hash(script: &str) -> String {
    let digest = Sha256::digest(script.replace("\r\n", "\n").replace('\r', "\n"));
    format!("'sha256-{}'", base64(&digest))
}

/// The text of each `<script>` without `src`, or of each `<style>`. This reads the document that our own
/// build wrote, in which no attribute holds a `>`; one that it misses is blocked by the browser, never let in.
fn inline<'a>(document: &'a str, element: &str) -> impl Iterator<Item = &'a str> {
    let (open, close) = (format!("<{element}"), format!("</{element}"));
    let mut rest = document;
    std::iter::from_fn(move || {
        loop {
            let start = find_ignoring_case(rest, &open)?;
            let (attributes, body) = rest[start + open.len()..].split_once('>')?;
            let end = find_ignoring_case(body, &close)?;
            rest = &body[end..];
            let has_src = attributes
                .split_ascii_whitespace()
                .any(|attribute| attribute == "src" || attribute.starts_with("src="));
            if !has_src {
                return Some(&body[..end]);
            }
        }
    })
}

/// Byte offset of `needle`, which is ASCII.
fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes()
        .windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

/// RFC 4648 §4, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|i| u32::from(chunk.get(i).copied().unwrap_or(0)));
        let word = a << 16 | b << 8 | c;
        for i in 0..4 {
            let sextet = (word >> (18 - 6 * i)) as usize & 63;
            text.push(if i <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_to_full_groups() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn the_hash_of_nothing_is_the_known_one() {
        assert_eq!(hash(""), EMPTY_HASH);
    }

    #[test]
    fn inline_scripts_are_hashed_and_linked_ones_are_not() {
        let index = "<!doctype html><SCRIPT type=\"module\">\r\nimport 'a';\r\n</SCRIPT>\
                     <script src=\"/a.js\">x</script><script type=module src='b.js'></script>\
                     <script>second()</script>";
        let scripts: Vec<_> = inline(index, "script").collect();
        assert_eq!(scripts, ["\r\nimport 'a';\r\n", "second()"]);
        let policy = policy(index);
        let policy = policy.to_str().unwrap();
        assert!(policy.contains(&hash("\nimport 'a';\n")), "{policy}");
        assert!(policy.contains(&hash("second()")), "{policy}");
        assert!(!policy.contains(&hash("x")), "{policy}");
    }

    #[test]
    fn inline_styles_are_hashed_and_are_no_scripts() {
        let policy =
            policy("<style>a{}</style><link rel=\"stylesheet\" href=\"/b.css\"><script>c</script>");
        let policy = policy.to_str().unwrap();
        let (scripts, styles) = policy.split_once("style-src").unwrap();
        assert!(styles.contains(&hash("a{}")) && !scripts.contains(&hash("a{}")), "{policy}");
        assert!(scripts.contains(&hash("c")) && !styles.contains(&hash("c")), "{policy}");
    }

    #[test]
    fn nothing_inline_is_allowed_by_name() {
        let policy = policy("<script>a</script>");
        let policy = policy.to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        for word in ["unsafe-inline", "'unsafe-eval'", "http:", "https:", "*"] {
            assert!(!policy.contains(word), "{word} in {policy}");
        }
    }

    #[test]
    fn broken_documents_give_no_script_and_no_panic() {
        for index in ["", "<script", "<script>", "<script>a", "<script src", "é<script>é</scrip"]
        {
            assert_eq!(inline(index, "script").count(), 0, "{index:?}");
        }
    }
}
