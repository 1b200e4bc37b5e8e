//! From the bytes of somebody's file to text, whichever of the usual encodings it is in. Knows nothing of what the text says.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8};

/// Stands for bytes that are no character of their encoding; who reads the text names where it found it.
pub const LOST: char = char::REPLACEMENT_CHARACTER;

/// Whether the file says itself that it is UTF-8 or UTF-16.
pub fn is_marked(file: &[u8]) -> bool {
    Encoding::for_bom(file).is_some()
}

/// UTF-8 and UTF-16 by their marks, else UTF-8 if it is or nearly is, else what programs in China write, GB18030.
pub fn decode(file: &[u8]) -> Cow<'_, str> {
    let (encoding, mark) = match Encoding::for_bom(file) {
        Some(marked) => marked,
        None if is_utf8(file) => (UTF_8, 0),
        None => (GB18030, 0),
    };
    encoding.decode_without_bom_handling(&file[mark..]).0
}

/// Whether the characters beyond ASCII are UTF-8, but for a few that a program cut in two. Two bytes of GB18030 are hardly ever one
/// character of UTF-8, while UTF-8 read as GB18030 is nonsense that no decoder objects to.
fn is_utf8(file: &[u8]) -> bool {
    let (mut sound, mut broken) = (0, 0);
    for chunk in file.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken == 0 || broken * 10 < sound
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "解放路片区的旱厕、牛皮癣和乱搭乱建都要销号";

    #[test]
    fn a_text_is_read_in_whichever_encoding_it_is() {
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(WORDS.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let marked = [b"\xef\xbb\xbf", WORDS.as_bytes()].concat();
        for file in [WORDS.as_bytes(), &GB18030.encode(WORDS).0, &utf16, &marked] {
            assert_eq!(decode(file), WORDS);
        }
    }

    #[test]
    fn a_character_that_was_cut_in_two_does_not_turn_the_others_into_nonsense() {
        let utf8 = [&WORDS.as_bytes()[..WORDS.len() - 1], b",12"].concat();
        assert_eq!(decode(&utf8), format!("{}{LOST},12", WORDS.trim_end_matches('号')));
        let (gb, ..) = GB18030.encode(WORDS);
        let cut = [&gb[..gb.len() - 1], b"\n"].concat();
        assert_eq!(decode(&cut), format!("{}{LOST}\n", WORDS.trim_end_matches('号')));
    }
}
