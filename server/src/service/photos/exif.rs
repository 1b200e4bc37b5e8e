//! What a picture says of itself beside its pixels. Only what a canvas writes is let in (Safari's writes a little); position,
//! camera, owner, time and the small picture of before stay out. Reads the TIFF of an EXIF block without believing its numbers.

/// Orientation, resolution, and of the EXIF directory versions, colours and size.
const TECHNICAL: [u16; 14] =
    [0x0112, 0x011A, 0x011B, 0x0128, 0x0213, EXIF, 0x9000, 0x9101, 0xA000, 0xA001, 0xA002, 0xA003, 0xA406, 0x0100];
const EXIF: u16 = 0x8769;
const ENTRY: usize = 12;

/// Bytes that may stand in a block beside what its directories name: to begin each value at an even address.
const PADDING: usize = 16;

/// Whether it says nothing but how the pixels are to be read. What cannot be read says who knows what.
pub fn is_technical(block: &[u8]) -> bool {
    let tiff = Tiff::of(block.strip_prefix(b"Exif\0\0").unwrap_or(block));
    let Some((tiff, first)) = tiff.and_then(|tiff| Some((tiff, tiff.long(4)?))) else { return false };
    let Some(first) = tiff.directory(first) else { return false };
    let below = first.iter().filter(|entry| entry.tag == EXIF);
    let below: Option<Vec<_>> = below.map(|entry| tiff.directory(entry.value)).collect();
    let Some(below) = below else { return false };
    let nested = below.iter().flatten().any(|entry| entry.tag == EXIF);
    let entries = || first.iter().chain(below.iter().flatten());
    let directories = (1 + below.len()) * (2 + 4);
    let named = 8 + directories + entries().map(|entry| ENTRY + entry.outside().unwrap_or(0)).sum::<usize>();
    let is_plain = |entry: &Entry| TECHNICAL.contains(&entry.tag) && entry.outside().is_some();
    !nested && entries().all(is_plain) && tiff.bytes.len() <= named + PADDING
}

struct Entry {
    tag: u16,
    form: u16,
    count: u32,
    value: u32,
}

impl Entry {
    /// Bytes of its value that stand outside the directory; `None` where it could be a text.
    fn outside(&self) -> Option<usize> {
        const SHORT: u16 = 3;
        const LONG: u16 = 4;
        const RATIONAL: u16 = 5;
        const UNDEFINED: u16 = 7;
        match (self.form, self.count) {
            (SHORT | LONG, 1) | (UNDEFINED, 0..=4) => Some(0),
            (RATIONAL, 1) => Some(8),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl<'a> Tiff<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        match bytes.get(..4)? {
            b"II*\0" => Some(Self { bytes, little: true }),
            b"MM\0*" => Some(Self { bytes, little: false }),
            _ => None,
        }
    }

    /// The entries of the directory that begins there; `None` where it breaks off, or where another one follows it.
    fn directory(self, at: u32) -> Option<Vec<Entry>> {
        let start = usize::try_from(at).ok()?;
        let count = usize::from(self.short(start)?);
        let entry = |nth: usize| {
            let at = start.checked_add(2 + nth * ENTRY)?;
            let (form, count) = (self.short(at.checked_add(2)?)?, self.long(at.checked_add(4)?)?);
            Some(Entry { tag: self.short(at)?, form, count, value: self.long(at.checked_add(8)?)? })
        };
        let entries = (0..count).map(entry).collect::<Option<Vec<_>>>()?;
        (self.long(start.checked_add(2 + count * ENTRY)?)? == 0).then_some(entries)
    }

    fn short(self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn long(self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of one directory with these tags, and an EXIF directory with those where there are any.
    fn block(tags: &[u16], exif: &[u16], next: u32) -> Vec<u8> {
        let mut bytes = b"II*\0\x08\0\0\0".to_vec();
        let all = tags.len() + usize::from(!exif.is_empty());
        let behind = (8 + 2 + all * ENTRY + 4) as u32;
        let entry = |tag: u16, value: u32| [&tag.to_le_bytes()[..], &[3, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat();
        bytes.extend((all as u16).to_le_bytes());
        bytes.extend(tags.iter().flat_map(|tag| entry(*tag, 1)));
        if !exif.is_empty() {
            bytes.extend(entry(EXIF, behind));
        }
        bytes.extend(next.to_le_bytes());
        bytes.extend((exif.len() as u16).to_le_bytes());
        bytes.extend(exif.iter().flat_map(|tag| entry(*tag, 1)));
        bytes.extend([0; 4]);
        bytes
    }

    #[test]
    fn what_a_canvas_of_safari_writes_is_let_in() {
        assert!(is_technical(&block(&[0x0112, 0x011A, 0x011B, 0x0128], &[0xA001, 0xA002, 0xA003], 0)));
        assert!(is_technical(&[b"Exif\0\0".to_vec(), block(&[0x0112], &[], 0)].concat()));
    }

    #[test]
    fn position_camera_owner_and_the_small_picture_of_before_are_not() {
        let (gps, camera, time, serial, note) = (0x8825, 0x0110, 0x9003, 0xA431, 0x927C);
        for tag in [gps, camera, 0x013B, 0x010E] {
            assert!(!is_technical(&block(&[tag], &[0xA001], 0)), "{tag:x}");
        }
        for tag in [time, serial, note, EXIF] {
            assert!(!is_technical(&block(&[0x0112], &[tag], 0)), "{tag:x}");
        }
        assert!(!is_technical(&block(&[0x0112], &[], 8)), "a second directory is a small picture");
    }

    #[test]
    fn nothing_hides_in_what_is_called_technical() {
        let plain = block(&[0x0112], &[0xA001], 0);
        let note = [plain.as_slice(), b"taken by Li Mei at home"].concat();
        assert!(is_technical(&plain) && !is_technical(&note), "behind the directories");
        // The orientation as a text of 23 letters that stands behind.
        let text = [&note[..12], &[2, 0, 23, 0, 0, 0], &note[18..]].concat();
        assert!(!is_technical(&text));
    }

    #[test]
    fn what_breaks_off_or_lies_about_its_lengths_is_not() {
        let whole = block(&[0x0112], &[0xA001], 0);
        assert!((0..whole.len()).all(|end| !is_technical(&whole[..end])));
        assert!(!is_technical(b"MM\0*\xff\xff\xff\xff"));
        assert!(!is_technical(b"II*\0\x08\0\0\0\xff\xff"));
    }
}
