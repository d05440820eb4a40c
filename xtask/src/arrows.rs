//! Checks the dependencies between packages against the table in [`crate::layers`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::layers::{LAYERS, Layer, NEVER_IN_CRATES, TOOLS};
use crate::process::{command, output};
use crate::toolchain::TARGET;

/// What one package uses, directly and through others, tests aside: names, the package itself among them.
struct Graph {
    package: String,
    edges: BTreeMap<String, BTreeSet<String>>,
}

/// Names of the workspace's packages.
pub fn member_names() -> Result<Vec<String>> {
    Ok(members()?.into_keys().collect())
}

/// Names of the workspace's packages, and whether they lie in `crates/`.
fn members() -> Result<BTreeMap<String, bool>> {
    let metadata = metadata()?;
    let mut members = BTreeMap::new();
    for package in metadata["packages"].as_array().context("cargo metadata names no packages")? {
        let text = |key: &str| package[key].as_str().context("cargo metadata has another form");
        let in_crates = text("manifest_path")?.replace('\\', "/").contains("/crates/");
        members.insert(text("name")?.to_owned(), in_crates);
    }
    Ok(members)
}

pub fn check() -> Result<()> {
    let host = host()?;
    let members = members()?;
    let mut wrong = BTreeSet::new();
    for (name, in_crates) in &members {
        if TOOLS.contains(&name.as_str()) {
            continue;
        }
        let Some(layer) = LAYERS.iter().find(|layer| layer.package == name) else {
            wrong.insert(format!("`{name}` is not in the table"));
            continue;
        };
        // Dependencies differ by platform: the page and the worker run in the browser, the libraries everywhere.
        let browser = matches!(name.as_str(), "app" | "sim-wasm");
        for platform in [host.as_str(), TARGET] {
            if *in_crates || browser == (platform == TARGET) {
                wrong.extend(Graph::read(&tree(name, platform)?)?.violations(layer, &members));
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
    /// From lines such as `2serde v1.0.0`, the number being the depth. A package's own dependencies are
    /// listed where it comes up first.
    fn read(tree: &str) -> Result<Self> {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut above: Vec<String> = Vec::new();
        for line in tree.lines().filter(|line| !line.is_empty()) {
            let digits = line.chars().take_while(char::is_ascii_digit).count();
            let depth: usize = line[..digits].parse().context("cargo tree has another form")?;
            let name =
                line[digits..].split_whitespace().next().context("cargo tree has another form")?;
            above.truncate(depth);
            if let Some(user) = above.last() {
                edges.entry(user.clone()).or_default().insert(name.to_owned());
            }
            above.push(name.to_owned());
        }
        let package = above.into_iter().next().context("cargo tree is empty")?;
        Ok(Self { package, edges })
    }

    fn violations(&self, layer: &Layer, members: &BTreeMap<String, bool>) -> Vec<String> {
        let mut found = Vec::new();
        for name in self.edges.get(&self.package).into_iter().flatten().map(String::as_str) {
            if members.contains_key(name) {
                if !layer.may_use.contains(&name) {
                    found.push(format!("{} -> {name}", layer.package));
                }
            } else if layer.only.is_some_and(|only| !only.contains(&name)) {
                let only = layer.only.unwrap_or_default().join(", ");
                found.push(format!("{} -> {name} (of others it may use {only})", layer.package));
            }
        }
        let in_crates = members.get(layer.package).copied().unwrap_or_default();
        let everywhere: &[&str] = if in_crates { NEVER_IN_CRATES } else { &[] };
        for forbidden in layer.never.iter().chain(everywhere) {
            if let Some(path) = self.path(forbidden) {
                found.push(path.join(" -> "));
            }
        }
        found
    }

    /// The shortest way from the package to one called `name`.
    fn path(&self, name: &str) -> Option<Vec<&str>> {
        let start = self.package.as_str();
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut open = VecDeque::from([start]);
        while let Some(mut at) = open.pop_front() {
            if at == name {
                let mut path = vec![at];
                while let Some(before) = came_from.get(at) {
                    at = before;
                    path.push(at);
                }
                path.reverse();
                return Some(path);
            }
            for next in self.edges.get(at).into_iter().flatten() {
                if next != start && !came_from.contains_key(next.as_str()) {
                    came_from.insert(next, at);
                    open.push_back(next);
                }
            }
        }
        None
    }
}

/// What `package` uses with all its features on. Not read from `cargo metadata`: that turns on, in every
/// package, the features that any other one asks for.
fn tree(package: &str, platform: &str) -> Result<String> {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["tree", "--locked", "--package", package, "--all-features", "--target", platform]);
    output(cargo.args(["--edges", "normal", "--prefix", "depth", "--format", "{p}"]))
}

fn metadata() -> Result<Value> {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--no-deps"]);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(package: &str, tree: &str) -> Vec<String> {
        let layer = LAYERS.iter().find(|layer| layer.package == package).unwrap();
        let ours = LAYERS.iter().map(|layer| (layer.package.to_owned(), true)).collect();
        Graph::read(tree).unwrap().violations(layer, &ours)
    }

    #[test]
    fn an_arrow_that_the_table_does_not_have_is_named() {
        let tree = "0qasm v0.0.0 (/r/crates/qasm)\n1circuit v0.0.0 (/r/c)\n2quantum-info v0.0.0\n1sim v0.0.0\n2circuit v0.0.0 (*)\n";
        assert_eq!(violations("qasm", tree), ["qasm -> sim"]);
        assert!(violations("circuit", "0circuit v0.0.0\n1quantum-info v0.0.0\n").is_empty());
    }

    #[test]
    fn a_forbidden_package_is_named_with_the_shortest_way_to_it() {
        let tree = "0circuit v0\n1far v1\n2farther v1\n3near v1\n4tokio v1\n2near v1 (*)\n";
        assert_eq!(violations("circuit", tree), ["circuit -> far -> near -> tokio"]);
    }

    #[test]
    fn a_package_with_a_list_of_its_own_takes_nothing_else() {
        let found = violations("api", "0api v0\n1serde v1\n1uuid v1\n");
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
