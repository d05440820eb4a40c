//! Every text of the portal, each with its translation beside it. What the server says is English; what it
//! says often is told here, by its code.

#[rustfmt::skip]
mod list;

use api::http::Problem;
use app::api_client::ApiError;
pub use app::language::fill;
use app::language::{Language, language};

use self::list::{DE, EN, Words};

/// The texts in the language in use.
pub fn t() -> &'static Words {
    match language() {
        Language::English => &EN,
        Language::German => &DE,
    }
}

/// What went wrong and what to do, for a person.
pub fn problem(error: &ApiError) -> String {
    match error {
        ApiError::Unreachable => t().unreachable.to_owned(),
        ApiError::Refused(problem) => refused(problem),
    }
}

fn refused(problem: &Problem) -> String {
    let known = match problem.code.as_str() {
        "wrong_credentials" if problem.detail.contains("address") => t().wrong_credentials,
        "wrong_credentials" => t().wrong_password,
        "link_void" => t().link_void,
        "suspended" => t().is_suspended,
        "sign_in_required" => t().sign_in_required,
        "forbidden" if problem.detail.starts_with("Your role") => t().forbidden,
        "version_conflict" => t().version_conflict,
        "overloaded" | "not_ready" => t().overloaded,
        "storage_full" => t().storage_full,
        "not_found" if problem.detail.starts_with("There is no such thing") => t().not_found,
        "not_found" if problem.detail.contains("code") => t().no_such_code,
        "conflict" if problem.field.as_deref() == Some("email") => t().email_taken,
        "invalid" if problem.field.as_deref() == Some("email") => t().no_email,
        "too_many_requests" => {
            let secs = problem.retry_after_secs.unwrap_or(1).to_string();
            return fill(t().too_many, &[("secs", &secs)]);
        }
        "internal" => {
            let id = problem.request_id.clone().unwrap_or_default();
            return fill(t().internal, &[("id", &id)]);
        }
        _ => return problem.detail.clone(),
    };
    known.to_owned()
}
