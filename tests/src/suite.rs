//! Another program's opinion of the files that we write: LibreOffice reads them. Knows nothing of what is in them.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// What LibreOffice finds in a file, as text, once it could also make a PDF of it. `text` is the name of its filter.
pub fn read(name: &str, bytes: &[u8], text: &str) -> String {
    let folder = TempDir::new().expect("a temporary folder");
    std::fs::write(folder.path().join(name), bytes).expect("a file");
    let pdf = convert(folder.path(), name, "pdf");
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 1_000, "{name} became no PDF");
    String::from_utf8(convert(folder.path(), name, text)).expect("UTF-8")
}

fn convert(folder: &Path, name: &str, filter: &str) -> Vec<u8> {
    // A profile of its own, so that two tests do not wait for one another.
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
    let mut soffice = Command::new("soffice");
    soffice.args([profile.as_str(), "--headless", "--convert-to", filter, "--outdir"]).arg(folder);
    let output = soffice.arg(folder.join(name)).output();
    let output = output
        .expect("LibreOffice is missing: `./x test` installs it, or install libreoffice-writer-nogui and -calc-nogui");
    let ending = filter.split(':').next().unwrap_or(filter);
    let made = folder.join(name).with_extension(ending);
    std::fs::read(&made).unwrap_or_else(|_| panic!("LibreOffice did not read {name}: {output:?}"))
}
