//! Everything that a fuzzer ever found, and the corpus that it starts from, through the same functions without a fuzzer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use xiaohao_fuzz::TARGETS;

fn here(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    // A folder of findings is there only once something was found.
    let read = std::fs::read_dir(folder).into_iter().flatten();
    let mut entries: Vec<_> = read.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries
}

fn replay(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(target, _)| *target == name).expect("a target");
    let inputs: Vec<_> = ["corpus", "findings"].iter().flat_map(|folder| entries(&here(folder).join(name))).collect();
    assert!(!inputs.is_empty(), "{name} has no inputs");
    for input in inputs {
        // Said before: what ends the process would not be named otherwise.
        println!("{}", input.display());
        target(&std::fs::read(input).expect("an input"));
    }
}

macro_rules! holds {
    ($($test:ident: $target:literal,)*) => {
        $(#[test] fn $test() { replay($target); })*

        #[test]
        fn no_target_is_left_out() {
            let replayed = BTreeSet::from([$($target),*]);
            assert_eq!(replayed, TARGETS.iter().map(|(name, _)| *name).collect());
            let folders = ["corpus", "findings"].iter().flat_map(|folder| entries(&here(folder)));
            for folder in folders {
                assert!(replayed.contains(folder.file_name().and_then(|name| name.to_str()).unwrap_or_default()), "{}", folder.display());
            }
        }
    };
}

holds! {
    no_change_that_was_found_spoils_a_document: "change",
    no_document_that_was_found_cannot_be_stored_again: "document",
    no_parcel_that_was_found_passes_for_another_device: "handover",
    no_history_that_was_found_ends_in_two_truths: "history",
    no_picture_that_was_found_breaks_the_house: "photo",
    no_proof_that_was_found_passes_for_a_passkey: "proof",
    no_request_that_was_found_breaks_the_hub: "request",
    no_response_that_was_found_breaks_the_phone: "response",
    no_headers_that_were_found_pass_for_a_signature: "signature",
    no_upload_that_was_found_counts_what_did_not_arrive: "upload",
}
