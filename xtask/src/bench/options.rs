//! The command line of `bench`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use super::circuits::{FAMILIES, LEAST_QUBITS, MOST_QUBITS};

pub enum Mode {
    Help,
    MakePeers(PathBuf),
    /// A kept run, and where the report goes.
    Render(PathBuf, Option<PathBuf>),
    Measure(Options),
}

#[derive(Debug)]
pub struct Options {
    /// The command as it was given, folders left out.
    pub line: String,
    pub peers: Option<PathBuf>,
    pub browser: bool,
    /// Qubits, and the families that are run with that many.
    pub sizes: Vec<(usize, Vec<String>)>,
    pub threads: Vec<u32>,
    pub rounds: usize,
    pub large_rounds: usize,
    pub skip: Vec<String>,
    pub timeout: Duration,
    pub circuits_only: bool,
    /// The part that is over soon: see [`Options::hurry`].
    pub quick: bool,
    /// Registers on which single gates are timed.
    pub gate_sizes: Vec<usize>,
    pub out: Option<PathBuf>,
}

impl Options {
    pub fn read(args: &[String]) -> Result<Mode> {
        let mut options = Self {
            line: format!("cargo xtask bench {}", shown(args)).trim_end().to_owned(),
            peers: None,
            browser: false,
            sizes: Vec::new(),
            threads: vec![1, 2],
            rounds: 5,
            large_rounds: 2,
            skip: Vec::new(),
            timeout: Duration::from_mins(5),
            circuits_only: false,
            quick: false,
            gate_sizes: Vec::new(),
            out: None,
        };
        let mut sizes = "10,16,20,24,26:qft+hea".to_owned();
        let mut families: Vec<String> = FAMILIES.iter().map(|f| f.name.to_owned()).collect();
        let mut render = None;
        if args.iter().any(|arg| arg == "--quick") {
            // What is said besides goes before, wherever it stands.
            options.hurry(&mut sizes, &mut families);
        }
        let mut args = args.iter();
        while let Some(name) = args.next() {
            let mut value = || args.next().with_context(|| format!("{name} needs a value"));
            match name.as_str() {
                "--help" | "-h" => return Ok(Mode::Help),
                "--make-peers" => return Ok(Mode::MakePeers(value()?.into())),
                "--render" => render = Some(PathBuf::from(value()?)),
                "--quick" => {}
                "--peers" => options.peers = Some(value()?.into()),
                "--browser" => options.browser = true,
                "--sizes" => sizes.clone_from(value()?),
                "--families" => families = value()?.split(',').map(str::to_owned).collect(),
                "--threads" => options.threads = numbers(value()?)?,
                "--rounds" => options.rounds = number(value()?)?,
                "--large-rounds" => options.large_rounds = number(value()?)?,
                "--skip" => options.skip = value()?.split(',').map(str::to_owned).collect(),
                "--timeout" => options.timeout = Duration::from_secs(number(value()?)?),
                "--circuits-only" => options.circuits_only = true,
                "--out" => options.out = Some(value()?.into()),
                other => bail!("no option `{other}`\n\n{}", super::HELP),
            }
        }
        if let Some(from) = render {
            return Ok(Mode::Render(from, options.out));
        }
        for size in sizes.split(',') {
            let (n, own) = size.split_once(':').map_or((size, None), |(n, own)| (n, Some(own)));
            let n = number(n)?;
            ensure!(
                (LEAST_QUBITS..=MOST_QUBITS).contains(&n),
                "circuits have {LEAST_QUBITS} to {MOST_QUBITS} qubits, not {n}"
            );
            let own = own.map(|own| own.split('+').map(str::to_owned).collect());
            options.sizes.push((n, own.unwrap_or_else(|| families.clone())));
        }
        for family in options.sizes.iter().flat_map(|(_, families)| families) {
            ensure!(FAMILIES.iter().any(|f| f.name == family), "no family `{family}`");
        }
        ensure!(options.rounds > 0 && options.large_rounds > 0, "at least one round");
        ensure!(options.threads.iter().all(|&t| t > 0), "at least one thread");
        // Next to each large size, the one that it is compared with.
        let largest = options.sizes.iter().map(|(n, _)| *n).max().unwrap_or_default();
        options.gate_sizes = (24..=largest.min(26)).collect();
        Ok(Mode::Measure(options))
    }
}

impl Options {
    /// The circuits that the figures speak of, on the rows that they compare.
    fn hurry(&mut self, sizes: &mut String, families: &mut Vec<String>) {
        "20,24".clone_into(sizes);
        *families = ["qft", "qv", "hea", "qaoa"].map(str::to_owned).to_vec();
        (self.rounds, self.large_rounds, self.quick) = (3, 2, true);
        self.timeout = Duration::from_mins(1);
        // Of each peer the ways that can be the fastest are enough; Aer takes most of the time of a long run.
        self.skip = ["engine", "Aer", "Lightning f32"].map(str::to_owned).to_vec();
    }
}

/// The arguments without this machine's folders.
fn shown(args: &[String]) -> String {
    let shown = args.iter().map(|arg| {
        let path = Path::new(arg);
        match path.file_name().filter(|_| path.is_absolute()) {
            Some(name) => format!("…/{}", name.to_string_lossy()),
            None => arg.clone(),
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().with_context(|| format!("`{text}` is no number"))
}

fn numbers(text: &str) -> Result<Vec<u32>> {
    text.split(',').map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        match Options::read(&args)? {
            Mode::Measure(options) => Ok(options),
            _ => bail!("another mode"),
        }
    }

    #[test]
    fn sizes_may_have_families_of_their_own() {
        let options = read("--families ghz,qv --sizes 10,24:qft+hea --peers /a/b").unwrap();
        let families = |i: usize| options.sizes[i].1.join(" ");
        assert_eq!((options.sizes[0].0, families(0).as_str()), (10, "ghz qv"));
        assert_eq!((options.sizes[1].0, families(1).as_str()), (24, "qft hea"));
        assert_eq!(options.gate_sizes, [24]);
        assert!(options.line.ends_with("--peers …/b"), "{}", options.line);
    }

    #[test]
    fn in_a_hurry_the_rest_can_still_be_said() {
        let options = read("--rounds 2 --quick --sizes 16").unwrap();
        assert!(options.quick);
        assert_eq!((options.rounds, options.large_rounds), (2, 2));
        assert_eq!(options.sizes[0].0, 16);
        assert_eq!(options.sizes[0].1, ["qft", "qv", "hea", "qaoa"]);
        assert_eq!(read("--quick").unwrap().sizes.len(), 2);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for line in
            ["--sizes 10:magic", "--sizes 3", "--sizes x", "--rounds 0", "--threads", "--fast"]
        {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
