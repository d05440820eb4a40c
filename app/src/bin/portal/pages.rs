//! One file per page.

pub mod account;
pub mod admin;
pub mod entry;
pub mod group;
pub mod groups;
pub mod privacy;
pub mod project;
pub mod projects;
pub mod runs;
pub mod sharing;
pub mod versions;
