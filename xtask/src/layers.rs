//! Which package may use which. STYLE of the project in one table; `arrows` reads it.

/// What a package of ours may depend on.
pub struct Layer {
    pub package: &'static str,
    /// Packages of ours.
    pub may_use: &'static [&'static str],
    /// Packages from elsewhere that must not be reached, directly or through others.
    pub never: &'static [&'static str],
    /// If given, the only packages from elsewhere that it names itself.
    pub only: Option<&'static [&'static str]>,
}

/// For everything in `crates/`: libraries build for any target and use no clock, file or socket.
pub const NEVER_IN_CRATES: &[&str] = &[
    "wasm-bindgen",
    "js-sys",
    "web-sys",
    "gloo",
    "gloo-net",
    "leptos",
    "tokio",
    "axum",
    "reqwest",
    "hyper",
    "sqlx",
    "getrandom",
];

const BROWSER: &[&str] = &["wasm-bindgen", "js-sys", "web-sys", "leptos", "gloo-net"];

pub const LAYERS: &[Layer] = &[
    Layer {
        package: "quantum-info",
        may_use: &[],
        never: &["serde", "rayon"],
        only: Some(&["libm", "num-complex", "smallvec", "thiserror"]),
    },
    // utoipa only behind the feature `openapi`, which the server turns on.
    Layer {
        package: "api",
        may_use: &[],
        never: &["rayon", "num-complex"],
        only: Some(&["serde", "serde_json", "utoipa"]),
    },
    Layer {
        package: "circuit",
        may_use: &["quantum-info"],
        never: &["serde", "rayon"],
        only: None,
    },
    Layer { package: "qasm", may_use: &["circuit"], never: &["rayon"], only: None },
    Layer { package: "interop", may_use: &["circuit"], never: &["rayon"], only: None },
    Layer { package: "editor", may_use: &["circuit"], never: &["rayon"], only: None },
    Layer {
        package: "transpile",
        may_use: &["circuit", "quantum-info"],
        never: &["rayon"],
        only: None,
    },
    Layer {
        package: "noise",
        may_use: &["circuit", "quantum-info"],
        never: &["rayon"],
        only: None,
    },
    // rayon behind the feature `parallel`.
    Layer { package: "sim", may_use: &["circuit", "quantum-info"], never: &["serde"], only: None },
    // rayon through `sim`, behind the feature `parallel`.
    Layer {
        package: "stabilizer",
        may_use: &["circuit", "quantum-info", "sim"],
        never: &["serde"],
        only: None,
    },
    Layer {
        package: "runner",
        may_use: &[
            "api",
            "circuit",
            "qasm",
            "interop",
            "transpile",
            "noise",
            "sim",
            "stabilizer",
            "quantum-info",
        ],
        never: &[],
        only: None,
    },
    Layer {
        package: "learn",
        may_use: &["api", "circuit", "qasm", "quantum-info"],
        never: &["rayon"],
        only: None,
    },
    Layer {
        package: "providers",
        may_use: &["api", "circuit", "qasm", "transpile"],
        never: &["rayon"],
        only: None,
    },
    Layer {
        package: "app",
        may_use: &["api", "circuit", "editor", "interop", "learn", "qasm"],
        never: &["rayon", "tokio"],
        only: None,
    },
    Layer {
        package: "sim-wasm",
        may_use: &["api", "runner"],
        never: &["leptos", "gloo", "gloo-net", "tokio"],
        only: None,
    },
    // circuit, qasm and interop for the command line, in `src/cli/`.
    Layer {
        package: "server",
        may_use: &[
            "api",
            "learn",
            "providers",
            "runner",
            "transpile",
            "circuit",
            "qasm",
            "interop",
        ],
        never: BROWSER,
        only: None,
    },
];

/// Tools: they may use everything, and nothing may use them.
pub const TOOLS: &[&str] = &["tests", "xtask"];
