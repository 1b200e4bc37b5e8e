//! The numbers of 督办单: which is free, and which stands where it should not. How a number is written, the model knows.

use serde::{Deserialize, Serialize};

use crate::model::summary::Summary;

/// `GET /api/supervision/next`: numbers of this year that no 督办单 of the level ever had. A proposal: nothing is taken by asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextNumbers {
    pub office: String,
    pub city: String,
}

/// `GET /api/supervision/taken?number=…&issue=…`: whether another issue has or had this number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenNumber {
    /// As the office's list calls that issue.
    pub by: Option<String>,
}

/// A number of a 督办单 that stands on several issues.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doubled {
    /// As it is written on the first of them.
    pub number: String,
    /// In the order in which the number came to them.
    pub issues: Vec<Summary>,
}
