//! Checks the dependencies between packages against the table in [`crate::layers`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::layers::{LAYERS, Layer, NEVER_IN_CRATES, TOOLS};
use crate::process::{command, output};
use crate::toolchain::TARGET;

/// Packages by id, and which of them each one uses, tests aside.
struct Graph {
    names: BTreeMap<String, String>,
    edges: BTreeMap<String, BTreeSet<String>>,
    /// Ids of the workspace's packages, and whether they lie in `crates/`.
    members: BTreeMap<String, bool>,
}

/// Names of the workspace's packages.
pub fn member_names() -> Result<Vec<String>> {
    let metadata = metadata(&["--no-deps"])?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    Ok(packages.iter().filter_map(|package| package["name"].as_str().map(str::to_owned)).collect())
}

pub fn check() -> Result<()> {
    // Dependencies differ by platform: the page and the worker run in the browser, the libraries everywhere.
    let host = host()?;
    let mut wrong = BTreeSet::new();
    for (platform, everywhere) in [(host.as_str(), false), (TARGET, true)] {
        let metadata = metadata(&["--filter-platform", platform])?;
        let graph = Graph::new(&metadata)?;
        for (id, in_crates) in &graph.members {
            let name = graph.names[id].as_str();
            let browser = matches!(name, "app" | "sim-wasm");
            if TOOLS.contains(&name) || !(*in_crates || browser == everywhere) {
                continue;
            }
            match LAYERS.iter().find(|layer| layer.package == name) {
                Some(layer) => wrong.extend(graph.violations(id, layer, *in_crates)),
                None => drop(wrong.insert(format!("`{name}` is not in the table"))),
            }
        }
    }
    if !wrong.is_empty() {
        let list: Vec<String> = wrong.into_iter().collect();
        bail!("dependencies that xtask/src/layers.rs does not allow:\n  {}", list.join("\n  "));
    }
    Ok(())
}

impl Graph {
    fn new(metadata: &Value) -> Result<Self> {
        let mut graph =
            Self { names: BTreeMap::new(), edges: BTreeMap::new(), members: BTreeMap::new() };
        for package in array(&metadata["packages"]) {
            graph.names.insert(text(&package["id"])?, text(&package["name"])?);
        }
        for node in array(&metadata["resolve"]["nodes"]) {
            let mut uses = BTreeSet::new();
            for dependency in array(&node["deps"]) {
                // `null` is a normal dependency.
                if array(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null()) {
                    uses.insert(text(&dependency["pkg"])?);
                }
            }
            graph.edges.insert(text(&node["id"])?, uses);
        }
        for package in array(&metadata["packages"]) {
            if package["source"].is_null() {
                let manifest = text(&package["manifest_path"])?.replace('\\', "/");
                graph.members.insert(text(&package["id"])?, manifest.contains("/crates/"));
            }
        }
        Ok(graph)
    }

    fn violations(&self, id: &str, layer: &Layer, in_crates: bool) -> Vec<String> {
        let mut found = Vec::new();
        for used in &self.edges[id] {
            let name = self.names[used].as_str();
            if self.members.contains_key(used) {
                if !layer.may_use.contains(&name) {
                    found.push(format!("{} -> {name}", layer.package));
                }
            } else if layer.only.is_some_and(|only| !only.contains(&name)) {
                found.push(format!(
                    "{} -> {name} (of others it may use {:?})",
                    layer.package,
                    layer.only.unwrap_or_default()
                ));
            }
        }
        let everywhere: &[&str] = if in_crates { NEVER_IN_CRATES } else { &[] };
        for forbidden in layer.never.iter().chain(everywhere) {
            if let Some(path) = self.path(id, forbidden) {
                found.push(path.join(" -> "));
            }
        }
        found
    }

    /// The shortest way from `id` to a package called `name`.
    fn path(&self, id: &str, name: &str) -> Option<Vec<&str>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = VecDeque::from([id]);
        while let Some(at) = open.pop_front() {
            if self.names[at] == name {
                let mut path = vec![self.names[at].as_str()];
                let mut at = at;
                while let Some(before) = came_from.get(at) {
                    at = before;
                    path.push(&self.names[at]);
                }
                path.reverse();
                return Some(path);
            }
            for next in self.edges.get(at).into_iter().flatten() {
                if next != id && !came_from.contains_key(next.as_str()) {
                    came_from.insert(next, at);
                    open.push_back(next);
                }
            }
        }
        None
    }
}

fn metadata(args: &[&str]) -> Result<Value> {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["metadata", "--format-version", "1", "--locked"]).args(args);
    serde_json::from_str(&output(&mut cargo)?).context("cargo metadata wrote no JSON")
}

/// The platform that this machine's compiler builds for.
fn host() -> Result<String> {
    let version = output(command("rustc").arg("-vV"))?;
    version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("rustc names no host")
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("cargo metadata has another form")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `uses` are edges between packages; those without a slash are ours, `name/x` is in crates.
    fn graph(uses: &[(&str, &[&str])]) -> Graph {
        let dependency = |name: &str| json!({ "pkg": name, "dep_kinds": [{ "kind": null }] });
        let ours = |name: &str| LAYERS.iter().any(|layer| layer.package == name);
        let packages: Vec<Value> = uses
            .iter()
            .map(|(name, _)| {
                let source = if ours(name) { Value::Null } else { "registry".into() };
                json!({ "id": name, "name": name, "source": source, "manifest_path": format!("/r/crates/{name}/Cargo.toml") })
            })
            .collect();
        let nodes: Vec<Value> = uses
            .iter()
            .map(|(name, used)| json!({ "id": name, "deps": used.iter().map(|name| dependency(name)).collect::<Vec<_>>() }))
            .collect();
        Graph::new(&json!({ "packages": packages, "resolve": { "nodes": nodes } })).unwrap()
    }

    fn violations(graph: &Graph, package: &str) -> Vec<String> {
        let layer = LAYERS.iter().find(|layer| layer.package == package).unwrap();
        graph.violations(package, layer, true)
    }

    #[test]
    fn an_arrow_that_the_table_does_not_have_is_named() {
        let graph = graph(&[
            ("qasm", &["circuit", "sim"]),
            ("circuit", &["quantum-info"]),
            ("quantum-info", &[]),
            ("sim", &[]),
        ]);
        assert_eq!(violations(&graph, "qasm"), ["qasm -> sim"]);
        assert!(violations(&graph, "circuit").is_empty());
    }

    #[test]
    fn a_forbidden_package_is_named_with_the_shortest_way_to_it() {
        let graph = graph(&[
            ("circuit", &["quantum-info", "far"]),
            ("quantum-info", &[]),
            ("far", &["farther", "near"]),
            ("farther", &["near"]),
            ("near", &["tokio"]),
            ("tokio", &[]),
        ]);
        assert_eq!(violations(&graph, "circuit"), ["circuit -> far -> near -> tokio"]);
    }

    #[test]
    fn a_package_with_a_list_of_its_own_takes_nothing_else() {
        let graph = graph(&[("api", &["serde", "uuid"]), ("serde", &[]), ("uuid", &[])]);
        let found = violations(&graph, "api");
        assert!(found.len() == 1 && found[0].starts_with("api -> uuid "), "{found:?}");
    }

    #[test]
    fn every_package_of_the_workspace_is_in_the_table() {
        for name in member_names().unwrap() {
            let known =
                TOOLS.contains(&name.as_str()) || LAYERS.iter().any(|layer| layer.package == name);
            assert!(known, "`{name}` is not in the table");
        }
    }
}
