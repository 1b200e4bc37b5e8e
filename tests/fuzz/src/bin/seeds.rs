//! Writes the first inputs of every target into its folder of the corpus: real pages, changes, documents, headers and pictures.
//! The same bytes each time.

use std::path::Path;

use xiaohao_fuzz::{change, document, history, house, pages, parcel, photo, proof};

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let all = [
        ("change", change::seeds()),
        ("document", document::seeds()),
        ("handover", parcel::seeds()),
        ("history", history::seeds()),
        ("photo", photo::seeds()),
        ("proof", proof::seeds()),
        ("request", pages::requests()),
        ("response", pages::responses()),
        ("signature", house::signatures()),
        ("upload", house::uploads()),
    ];
    for (target, inputs) in all {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder)?;
        for (at, input) in inputs.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{at:02}")), input)?;
        }
    }
    Ok(())
}
