//! The page's files: those embedded at build time, or a folder for work on the page.
//!
//! `build.rs` lists `dist/page`. Without it the document is one line that says how to build it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use axum::body::Bytes;
use axum::http::HeaderValue;
use sha2::{Digest as _, Sha256};

use crate::isolation;

/// Path of the document.
pub const INDEX: &str = "index.html";
/// Path of the portal's: accounts, projects, groups, administration.
pub const PORTAL: &str = "portal/index.html";

/// The document where no page was built.
const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Ketlab</title><p>This server was built without its page: <code>cargo xtask run</code> \
    builds both, <code>cargo xtask dist</code> one file with everything in it.</p></html>\n";

/// Path, content, and the same compressed with brotli.
type Embedded = (&'static str, &'static [u8], Option<&'static [u8]>);

static EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/page_files.rs"));

/// A file of the page that is in this program.
pub fn embedded(path: &str) -> Option<&'static [u8]> {
    EMBEDDED.iter().find(|(name, ..)| *name == path).map(|(_, content, _)| *content)
}

/// Where the page comes from.
#[derive(Debug)]
pub struct Page(Source);

#[derive(Debug)]
enum Source {
    Memory { files: BTreeMap<String, File>, policy: HeaderValue },
    Folder(PathBuf),
}

/// One file of the page. Cheap to clone.
#[derive(Debug, Clone)]
pub struct File {
    pub content: Bytes,
    pub brotli: Option<Bytes>,
    pub media_type: &'static str,
    /// Without quotes; the same content has the same tag.
    pub tag: String,
    /// The name changes with the content: it may be kept for ever.
    pub immutable: bool,
}

impl File {
    fn new(path: &str, content: Bytes, brotli: Option<Bytes>) -> Self {
        use std::fmt::Write as _;

        let mut tag = String::new();
        for byte in &Sha256::digest(&content)[..12] {
            write!(tag, "{byte:02x}").expect("a String");
        }
        let media_type = media_type(path);
        Self { content, brotli, media_type, tag, immutable: is_hashed(path) }
    }
}

impl Page {
    /// The files that were there when this program was built.
    pub fn embedded() -> Self {
        Self::in_memory(EMBEDDED.iter().map(|&(path, content, brotli)| {
            (path, Bytes::from_static(content), brotli.map(Bytes::from_static))
        }))
    }

    /// Paths have no leading slash. Without [`INDEX`] the placeholder takes its place.
    pub fn in_memory<'a>(files: impl Iterator<Item = (&'a str, Bytes, Option<Bytes>)>) -> Self {
        let mut files: BTreeMap<_, _> = files
            .map(|(path, content, brotli)| (path.to_owned(), File::new(path, content, brotli)))
            .collect();
        let index = files.entry(INDEX.to_owned()).or_insert_with(placeholder);
        let mut scripts = String::from_utf8_lossy(&index.content).into_owned();
        if let Some(portal) = files.get(PORTAL) {
            scripts.push_str(&String::from_utf8_lossy(&portal.content));
        }
        let policy = isolation::policy(&scripts);
        Self(Source::Memory { files, policy })
    }

    /// Reads each file when it is asked for. Not compressed, and never called immutable.
    pub fn folder(folder: PathBuf) -> Self {
        Self(Source::Folder(folder))
    }

    /// The file at `path`, which has no leading slash.
    pub async fn file(&self, path: &str) -> Option<File> {
        match &self.0 {
            Source::Memory { files, .. } => files.get(path).cloned(),
            Source::Folder(folder) => {
                // No empty segment, no dot files, no way up, no other drive.
                let plain = |segment: &str| {
                    !segment.is_empty()
                        && !segment.starts_with('.')
                        && !segment.contains(['\\', ':'])
                };
                if !path.split('/').all(plain) {
                    return None;
                }
                let content = tokio::fs::read(folder.join(path)).await.ok()?;
                Some(File { immutable: false, ..File::new(path, content.into(), None) })
            }
        }
    }

    /// The document.
    pub async fn index(&self) -> File {
        self.file(INDEX).await.unwrap_or_else(placeholder)
    }

    /// The document of the portal; the lab's where none was built.
    pub async fn portal(&self) -> File {
        match self.file(PORTAL).await {
            Some(file) => file,
            None => self.index().await,
        }
    }

    /// The content security policy that fits both documents.
    pub async fn policy(&self) -> HeaderValue {
        match &self.0 {
            Source::Memory { policy, .. } => policy.clone(),
            Source::Folder(_) => {
                let documents = [self.index().await.content, self.portal().await.content].concat();
                isolation::policy(&String::from_utf8_lossy(&documents))
            }
        }
    }
}

fn placeholder() -> File {
    File::new(INDEX, Bytes::from_static(PLACEHOLDER.as_bytes()), None)
}

/// Whether a folder or file on the path is named by a content hash: a word of at least 12
/// hexadecimal digits, set off by `-`, `_` or `.`. What lies in `snippets` does not count:
/// wasm-bindgen names those folders by package, whatever is in them.
fn is_hashed(path: &str) -> bool {
    let is_hash = |word: &str| word.len() >= 12 && word.bytes().all(|b| b.is_ascii_hexdigit());
    path.split('/')
        .take_while(|segment| *segment != "snippets")
        .any(|segment| segment.split(['-', '_', '.']).any(is_hash))
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "txt" | "md" | "qasm" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_content_hash_are_told_from_others() {
        for (path, hashed) in [
            ("app-1b0f4c2a9d3e5f67.js", true),
            ("app-1b0f4c2a9d3e5f67_bg.wasm", true),
            ("sim/0123456789ab/threads.js", true),
            ("sim/0123456789ab/snippets/wasm-bindgen-rayon-38edf6e439f6d70d/src/w.js", true),
            ("snippets/app-1b0f4c2a9d3e5f67/inline0.js", false),
            ("index.html", false),
            ("sim/manifest.json", false),
            ("decade.css", false),
            ("logo-2026.svg", false),
        ] {
            assert_eq!(is_hashed(path), hashed, "{path}");
        }
    }

    #[test]
    fn webassembly_has_the_type_that_streaming_compilation_needs() {
        assert_eq!(media_type("a/b_bg.wasm"), "application/wasm");
        assert_eq!(media_type("a.wasm/none"), "application/octet-stream");
    }

    #[tokio::test]
    async fn a_folder_gives_its_files_and_nothing_beside_it() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("page");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("index.html"), "<script>a()</script>").unwrap();
        std::fs::write(folder.join(".env"), "no").unwrap();
        std::fs::write(scratch.path().join("secret"), "no").unwrap();
        let page = Page::folder(folder.clone());
        assert_eq!(page.index().await.content, "<script>a()</script>");
        let absolute = scratch.path().join("secret");
        for path in ["../secret", ".env", "", "/index.html", absolute.to_str().unwrap()] {
            assert!(page.file(path).await.is_none(), "{path}");
        }
        // The policy follows the document.
        let before = page.policy().await;
        std::fs::write(folder.join("index.html"), "<script>b()</script>").unwrap();
        assert_ne!(page.policy().await, before);
    }
}
