//! Takes out of scripts and styles what only their readers need: whole lines of comment, and the blanks before a line. Must not
//! change what they mean: lines stay lines, and nothing inside one is touched.

/// What we wrote or generated; the libraries under `map/` come as they are.
pub fn trim(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let is_script = name.ends_with(".js");
    if name.starts_with("map/") || !(is_script || name.ends_with(".css")) {
        return bytes;
    }
    match String::from_utf8(bytes) {
        Ok(text) => lines(&text, is_script).join("\n").into_bytes(),
        Err(other) => other.into_bytes(),
    }
}

/// A comment of several lines begins and ends with a line of its own.
fn lines(text: &str, is_script: bool) -> Vec<&str> {
    let mut inside = false;
    let kept = |line: &&str| {
        let begins = line.starts_with("/*");
        let comment = inside || begins || is_script && line.starts_with("//");
        if inside || begins {
            // What stands behind its end on the same line would be lost; there is none, see the test of our own files.
            inside = !line.contains("*/");
        }
        !comment && !line.is_empty()
    };
    text.lines().map(str::trim).filter(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trimmed(name: &str, text: &str) -> String {
        String::from_utf8(trim(name, text.as_bytes().to_vec())).unwrap()
    }

    #[test]
    fn comments_and_indents_go_and_lines_stay_lines() {
        let script = "// What it is.\n/** One. */\nlet a = 1\n  /**\n   * Two.\n   */\n  let b = \"// no comment\"\n\n";
        assert_eq!(trimmed("a.js", script), "let a = 1\nlet b = \"// no comment\"");
        let styles = "/* The look,\n   of all */\n.a {\n  color: red; /* as blood */\n}\n";
        assert_eq!(trimmed("a.css", styles), ".a {\ncolor: red; /* as blood */\n}");
    }

    #[test]
    fn what_others_wrote_and_what_is_no_text_of_this_kind_stays_as_it_is() {
        for name in ["map/vendor/a.js", "a.html", "a.wasm"] {
            assert_eq!(trimmed(name, "// x\n  y"), "// x\n  y", "{name}");
        }
    }

    #[test]
    fn no_file_of_ours_has_anything_behind_the_end_of_such_a_comment_nor_text_of_several_lines() {
        let public = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public");
        for name in ["boot.js", "sw.js", "worker.js", "splash.css", "styles.css"] {
            let text = std::fs::read_to_string(public.join(name)).unwrap();
            for line in text.lines() {
                let (ticks, line) = (line.matches('`').count(), line.trim());
                assert!(ticks % 2 == 0, "{name}: {line}");
                let comment = line.starts_with("/*") || !line.contains("/*");
                assert!(!comment || line.split_once("*/").is_none_or(|(_, rest)| rest.is_empty()), "{name}: {line}");
            }
        }
    }
}
