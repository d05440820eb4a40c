//! How often one may ask, per process: a first line against floods. What costs is counted in the
//! database besides.
//!
//! A bucket holds tokens up to a burst and refills steadily; a request takes one (the generic cell
//! rate algorithm in its other form). Limits by address are generous, as a class shares one.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderValue;
use axum::http::header::RETRY_AFTER;
use uuid::Uuid;

use super::address;
use crate::error::{ApiError, ApiResult, Kind};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Any API request of a user.
    User,
    /// Any API request of one who is nobody yet.
    Stranger,
    /// A new guest: by address.
    NewGuest,
    /// Signing in or up, a confirmation: by address.
    Credentials,
    /// A mail that somebody asks for: by address.
    Mail,
}

impl Class {
    /// Tokens at most, and tokens per second.
    const fn bounds(self) -> (f64, f64) {
        match self {
            Self::User => (600.0, 30.0),
            Self::Stranger => (3000.0, 300.0),
            // A lecture hall that opens its laptops.
            Self::NewGuest => (1000.0, 2.0),
            Self::Credentials => (600.0, 3.0),
            Self::Mail => (60.0, 0.2),
        }
    }
}

/// Who is limited. Addresses and ids are hashed with a key of this process, so that nobody can aim
/// at one slot of the table.
type Key = (Class, u64);

/// Entries at most; the fullest buckets are forgotten first, which only ever lets more through.
const MAX_KEYS: usize = 100_000;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at_us: i64,
}

/// The buckets of this process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Rates {
    state: RandomState,
    buckets: Arc<Mutex<BTreeMap<Key, Bucket>>>,
}

impl Rates {
    pub fn by_address(&self, class: Class, address: IpAddr, now_us: i64) -> ApiResult<()> {
        self.take((class, self.state.hash_one(address::bucket(address))), now_us)
    }

    pub fn by_user(&self, class: Class, user: Uuid, now_us: i64) -> ApiResult<()> {
        self.take((class, self.state.hash_one(user)), now_us)
    }

    fn take(&self, key: Key, now_us: i64) -> ApiResult<()> {
        let (burst, per_second) = key.0.bounds();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_KEYS && !buckets.contains_key(&key) {
            buckets.retain(|(class, _), bucket| {
                let (burst, per_second) = class.bounds();
                refilled(*bucket, burst, per_second, now_us) < burst
            });
            if buckets.len() >= MAX_KEYS {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: burst, at_us: now_us });
        bucket.tokens = refilled(*bucket, burst, per_second, now_us);
        bucket.at_us = now_us;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 5")]
        let secs = ((1.0 - bucket.tokens) / per_second).ceil().clamp(1.0, 60.0) as u32;
        Err(too_many("Too many requests in a short time. Please wait a moment.", secs))
    }
}

fn refilled(bucket: Bucket, burst: f64, per_second: f64, now_us: i64) -> f64 {
    let secs = now_us.saturating_sub(bucket.at_us).max(0) as f64 / 1e6;
    (bucket.tokens + secs * per_second).min(burst)
}

/// 429 with the time to wait.
pub fn too_many(detail: &'static str, secs: u32) -> ApiError {
    ApiError::new(Kind::TooManyRequests, detail).with_header(RETRY_AFTER, HeaderValue::from(secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_the_steady_rate() {
        let rates = Rates::default();
        let (a, b) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let ask = |address, now_us| rates.by_address(Class::Mail, address, now_us);
        for _ in 0..60 {
            ask(a, 0).unwrap();
        }
        assert_eq!(ask(a, 0).unwrap_err().kind(), Kind::TooManyRequests);
        ask(b, 0).unwrap();
        // One in five seconds.
        assert!(ask(a, 4_900_000).is_err());
        ask(a, 5_000_000).unwrap();
        assert!(ask(a, 5_000_000).is_err());
        // A clock that goes back gives nothing.
        assert!(ask(a, 0).is_err());
    }

    #[test]
    fn the_table_does_not_grow_without_bound() {
        let rates = Rates::default();
        for i in 0..u32::try_from(MAX_KEYS).unwrap() + 10 {
            let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(i));
            rates.by_address(Class::NewGuest, address, 0).unwrap();
        }
        assert!(rates.buckets.lock().unwrap().len() <= MAX_KEYS);
    }
}
