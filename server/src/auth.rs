//! Who is asking, and what they may: the session behind the cookie or the token in the header, the
//! guest or user behind either, and the one function that says yes or no ([`policy::authorize`]).

pub mod actor;
pub mod address;
pub mod email;
pub mod mail;
pub mod password;
pub mod policy;
pub mod rate;
pub mod secret;
pub mod session;
