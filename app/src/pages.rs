//! One file per page.

pub mod lab;

pub use lab::LabPage;
