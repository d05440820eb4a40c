//! What the page's programs share. The lab (`main.rs`) is one; the portal (`bin/portal`), with accounts,
//! projects, groups and administration, is another, so that the lab starts as fast as it can.

pub mod api_client;
pub mod icon;
pub mod keeping;
pub mod language;
pub mod menu;
pub mod prefs;
pub mod storage;
pub mod toast;
