//! The office's existing list on its way into the system: what a column may hold, what is wrong with a cell, and the edits that a
//! row becomes. Knows no file format; the office reads the file, and whoever imports writes the edits in his own name.

mod answer;
mod columns;
mod draft;
mod standing;

pub use self::answer::{Ended, Fault, FileFault, Import, MAX_FAULTS, Note, Noted, Sheet, Why};
pub use self::columns::{Columns, Field, MAX_COLUMNS, letters};
pub use self::draft::{Dispatch, Draft, Kinship};
pub use self::standing::Standing;

/// Bytes of a file.
pub const MAX_FILE: usize = 8 * 1024 * 1024;
/// Rows of a file below its headings: each becomes signed work of whoever imports it.
pub const MAX_ROWS: usize = 2_000;
