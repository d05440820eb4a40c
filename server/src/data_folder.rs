//! The folder that holds everything the server keeps.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

/// Where the platform keeps a user's data: `$XDG_DATA_HOME/ketlab` or `~/.local/share/ketlab`,
/// `~/Library/Application Support/ketlab` on macOS, `%LOCALAPPDATA%\ketlab` on Windows. `None`
/// where the environment names no home.
pub fn default() -> Option<PathBuf> {
    let from = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        from("LOCALAPPDATA")?
    } else if cfg!(target_os = "macos") {
        from("HOME")?.join("Library/Application Support")
    } else {
        from("XDG_DATA_HOME").or_else(|| Some(from("HOME")?.join(".local/share")))?
    };
    Some(base.join("ketlab"))
}

/// Creates the folder and its parents where missing, readable by its user alone. A folder that
/// exists keeps its permissions: they are the operator's choice.
pub fn create(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Creates an empty file that its user alone may read, unless it exists. SQLite gives its
/// companions (`-wal`, `-shm`) the permissions of the database.
pub(crate) fn create_private_file(path: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Keeps others from the folder until the value is dropped or the process ends, however that comes
/// about. An error where one of them has it.
pub fn lock(folder: &Path) -> io::Result<std::fs::File> {
    let path = folder.join("ketlab.lock");
    create_private_file(&path)?;
    let file = std::fs::OpenOptions::new().append(true).open(path)?;
    file.try_lock().map_err(io::Error::from)?;
    Ok(file)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_folder_and_its_files_are_for_their_user_alone() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("a/b");
        create(&folder).unwrap();
        create(&folder).unwrap();
        let file = folder.join("ketlab.sqlite3");
        create_private_file(&file).unwrap();
        let held = lock(&folder).unwrap();
        assert!(lock(&folder).is_err());
        drop(held);
        lock(&folder).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    }
}
