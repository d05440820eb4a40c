//! E-mail addresses, as far as they can be told without sending to them.

use api::http::account::MAX_EMAIL_BYTES;

use crate::error::{ApiError, ApiResult, Kind};

/// The address in the form that is kept and compared: lower case, no blanks around it. Whether it
/// exists shows when a link is sent there.
pub fn normalize(text: &str) -> ApiResult<String> {
    let address = text.trim().to_lowercase();
    let plausible = address.len() <= MAX_EMAIL_BYTES
        && !address
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || "<>,;:\"()[]\\".contains(c))
        && address.rsplit_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && !local.contains('@')
                && domain.contains('.')
                && domain.split('.').all(|label| {
                    (1..=63).contains(&label.len())
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                })
        })
        && address.parse::<lettre::Address>().is_ok();
    if plausible {
        Ok(address)
    } else {
        Err(ApiError::new(Kind::Invalid, "This is not an e-mail address.").about("email"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_lower_case_and_nonsense_is_refused() {
        assert_eq!(normalize(" Ada@Example.ORG ").unwrap(), "ada@example.org");
        for wrong in [
            "",
            "a",
            "a@b",
            "@b.c",
            "a@b..c",
            "a@@b.c",
            "a b@c.d",
            "a@b.c\r\nBcc: d@e.f",
            "<a@b.c>",
            "a@-b.c",
            &format!("a@{}.c", "b".repeat(260)),
        ] {
            assert!(normalize(wrong).is_err(), "{wrong:?}");
        }
    }
}
