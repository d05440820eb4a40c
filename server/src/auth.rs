//! Who is asking: the session behind the cookie, and the guest or user behind the session.

pub mod owner;
pub mod session;
