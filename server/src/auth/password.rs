//! Passwords: Argon2id with the parameters that OWASP's "Password Storage Cheat Sheet" names first
//! among the small ones (19 MiB, 2 passes, 1 lane), about 60 ms each.
//!
//! That is what bounds how many can sign in per second, so it is done apart: as many at a time as
//! there are cores, a bounded number waiting, the others refused at once. Other requests go on.

use std::sync::{Arc, OnceLock};

use api::http::account::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{ApiError, ApiResult, Kind};

/// Hashes that wait for a core.
const WAITING: usize = 64;

/// Passwords that everyone tries first. Not a list of leaked ones: that would be a file of gigabytes.
const COMMON: &[&str] = &[
    "0123456789",
    "1234567890",
    "12345678910",
    "abcdefghij",
    "administrator",
    "baseball123",
    "football123",
    "iloveyou123",
    "letmein123",
    "password12",
    "password123",
    "password1234",
    "passwort123",
    "princess123",
    "qwertyuiop",
    "qwertzuiop",
    "sunshine123",
    "welcome123",
];

/// The bounded place where passwords are hashed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Of `waiting`, when nobody does.
    places: usize,
    /// Of no password: what is checked where there is no account, so that it takes as long.
    decoy: Arc<OnceLock<String>>,
}

impl Passwords {
    pub fn new() -> Self {
        Self::with(Params::new(19 << 10, 2, 1, None).expect("within Argon2's bounds"))
    }

    /// With next to no work: for tests of what is around it.
    #[cfg(test)]
    pub fn quick() -> Self {
        Self::with(Params::new(Params::MIN_M_COST, 1, 1, None).unwrap())
    }

    fn with(params: Params) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            running: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(cores + WAITING)),
            places: cores + WAITING,
            decoy: Arc::default(),
        }
    }

    /// How many wait for their turn or are at work.
    pub fn waiting(&self) -> usize {
        self.places - self.waiting.available_permits()
    }

    /// A PHC string.
    pub async fn hash(&self, password: String) -> ApiResult<String> {
        self.run(move |this| this.hash_now(&password)).await?.map_err(ApiError::internal)
    }

    /// Whether the password is the hash's. Without a hash it takes as long and is never right.
    pub async fn verify(&self, password: String, hash: Option<String>) -> ApiResult<bool> {
        self.run(move |this| {
            if let Some(hash) = hash {
                return this.argon2.verify_password(password.as_bytes(), &*hash).is_ok();
            }
            let make = || this.hash_now(&super::secret::random()).unwrap_or_default();
            let decoy = this.decoy.get_or_init(make);
            // The outcome does not count.
            let _ = this.argon2.verify_password(password.as_bytes(), &**decoy);
            false
        })
        .await
    }

    fn hash_now(&self, password: &str) -> Result<String, argon2::password_hash::Error> {
        self.argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> ApiResult<T> {
        let busy = || {
            ApiError::new(
                Kind::Overloaded,
                "Too many people are signing in just now. Please try again in a moment.",
            )
        };
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| busy())?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(|_| busy())?;
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            // Held here: a client that leaves does not make room before the work is done.
            let _places = (waiting, running);
            work(&this)
        })
        .await
        .map_err(ApiError::internal)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

/// What a new password must be: long enough, not of the first guesses, not the address itself.
pub fn check(password: &str, email: &str) -> ApiResult<()> {
    let invalid = |detail: String| Err(ApiError::new(Kind::Invalid, detail).about("password"));
    let chars = password.chars().count();
    if chars < MIN_PASSWORD_CHARS {
        return invalid(format!("The password needs at least {MIN_PASSWORD_CHARS} characters."));
    }
    if chars > MAX_PASSWORD_CHARS {
        return invalid(format!("The password may have at most {MAX_PASSWORD_CHARS} characters."));
    }
    let lower = password.to_lowercase();
    let name = email.split('@').next().unwrap_or_default();
    let distinct = lower.chars().collect::<std::collections::BTreeSet<_>>().len();
    if COMMON.contains(&&*lower) || distinct < 4 || lower == email || lower == name {
        return invalid(
            "This password is among the first that anyone would try. Take a longer phrase."
                .to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_is_argon2id_with_the_stated_work_and_fits_its_password_alone() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse".to_owned()).await.unwrap());
        let verify = |password: &str, hash: Option<&str>| {
            passwords.verify(password.to_owned(), hash.map(str::to_owned))
        };
        assert!(verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!verify("correct horsf", Some(&hash)).await.unwrap());
        assert!(!verify("correct horse", None).await.unwrap());
        assert!(!verify("correct horse", Some("no hash")).await.unwrap());
    }

    #[tokio::test]
    async fn beyond_the_queue_it_is_refused_at_once() {
        let passwords = Passwords::quick();
        let all = passwords.waiting.available_permits();
        let _held = passwords.waiting.clone().try_acquire_many_owned(u32::try_from(all).unwrap());
        let error = passwords.verify("a".to_owned(), None).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Overloaded);
    }

    #[test]
    fn passwords_are_long_and_no_first_guesses() {
        for (password, good) in [
            ("a quite long phrase", true),
            ("日本語のパスワードです", true),
            ("short", false),
            ("Password123", false),
            ("aaaaaaaaaaaaaaa", false),
            ("ada@lovelace.example", false),
        ] {
            assert_eq!(check(password, "ada@lovelace.example").is_ok(), good, "{password}");
        }
        assert!(check(&"ab1!".repeat(33), "a@b").is_err());
    }
}
