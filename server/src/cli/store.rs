//! Where the server's data is, for each command that opens it: `--data` and `--database`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::data_folder;
use crate::db::{self, Db, Place};

#[derive(Debug, clap::Args)]
pub struct Store {
    /// Folder for everything that the server keeps; created where it is missing.
    /// [default: `ketlab` in the user's data folder]
    #[arg(long, env = "KETLAB_DATA", value_name = "DIR", global = true)]
    pub data: Option<PathBuf>,

    /// `sqlite`, in the data folder, or the address of a PostgreSQL database
    /// (`postgres://USER@HOST/NAME`). Give a password in the variable, not in the arguments.
    #[arg(
        long,
        env = "KETLAB_DATABASE",
        default_value = "sqlite",
        hide_env_values = true,
        global = true
    )]
    pub database: db::Setting,
}

impl Store {
    /// The data folder, which exists from here on.
    pub fn folder(&self) -> Result<PathBuf> {
        let folder = match &self.data {
            Some(folder) => folder.clone(),
            None => data_folder::default().context("no home folder: name one with --data")?,
        };
        data_folder::create(&folder)
            .with_context(|| format!("cannot use the data folder {}", folder.display()))?;
        Ok(folder)
    }

    pub fn place(&self) -> Result<Place> {
        Ok(self.database.place(&self.folder()?))
    }

    /// Opens the database and brings its tables up to date.
    pub async fn open(&self) -> Result<Db> {
        let place = self.place()?;
        Db::open(&place).await.with_context(|| match &place {
            Place::File(file) => format!("cannot open the database {}", file.display()),
            Place::Postgres(_) => "cannot open the PostgreSQL database".to_owned(),
        })
    }
}
