//! What a file of a picture is made of beside its pixels. Only what says how they are to be read is let in: no comment, no text, no
//! second picture, and nothing behind the end, where another file could hide. Reads lengths without believing them; decodes nothing.

use image::ImageFormat;

use super::exif;

/// What is in the file that should not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stowaway {
    #[error("it does not end where its parts say")]
    Broken,
    #[error("something follows the picture")]
    Behind,
    #[error("it says more than its pixels show")]
    Telling,
}

use Stowaway::{Behind, Broken, Telling};

/// Most bytes of a profile of colours: those that browsers write are shorter than 4 KB.
const PROFILE: usize = 16 * 1024;

/// What Apple's encoders write into each picture: no IPTC, and sixteen bytes of a sum over it. An iPhone's photo must not be refused.
const EMPTY_IPTC: &[u8] = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\08BIM\x04\x25\0\0\0\0\0\x10";

pub fn check(bytes: &[u8], format: ImageFormat) -> Result<(), Stowaway> {
    match format {
        ImageFormat::Jpeg => jpeg(Reader(bytes)),
        ImageFormat::Png => png(Reader(bytes)),
        ImageFormat::WebP => webp(Reader(bytes)),
        _ => Err(Broken),
    }
}

/// What stands in a file already that may stand there once: of two, one would be looked at and the other one told.
#[derive(Default)]
struct Seen(Vec<[u8; 4]>);

impl Seen {
    fn once(&mut self, name: &[u8; 4]) -> bool {
        let is_new = !self.0.contains(name);
        self.0.extend(is_new.then_some(*name));
        is_new
    }
}

#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Stowaway> {
        let (head, rest) = self.0.split_at_checked(length).ok_or(Broken)?;
        self.0 = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Stowaway> {
        self.take(N)?.try_into().map_err(|_| Broken)
    }

    /// A length that stands there in four bytes.
    fn length(&mut self, read: fn([u8; 4]) -> u32) -> Result<usize, Stowaway> {
        usize::try_from(read(self.array()?)).map_err(|_| Broken)
    }

    fn end(&self) -> Result<(), Stowaway> {
        if self.0.is_empty() { Ok(()) } else { Err(Behind) }
    }
}

/// Segments, and after each start of a scan its bits up to the next marker.
fn jpeg(mut file: Reader<'_>) -> Result<(), Stowaway> {
    const END: u8 = 0xD9;
    const SCAN: u8 = 0xDA;
    file.take(2)?;
    let mut seen = Seen::default();
    loop {
        let marker = marker(&mut file)?;
        if marker == END {
            return file.end();
        }
        let length = usize::from(u16::from_be_bytes(file.array()?));
        segment(&mut seen, marker, file.take(length.checked_sub(2).ok_or(Broken)?)?)?;
        if marker == SCAN {
            let end = file.0.windows(2).position(|pair| pair[0] == 0xFF && !is_of_scan(pair[1]));
            file.take(end.ok_or(Broken)?)?;
        }
    }
}

/// Any number of 0xFF may stand before it.
fn marker(file: &mut Reader<'_>) -> Result<u8, Stowaway> {
    if file.take(1)? != [0xFF] {
        return Err(Broken);
    }
    loop {
        match file.array()? {
            [0xFF] => {}
            [marker] => return Ok(marker),
        }
    }
}

/// An 0xFF of the bits themselves, a restart, or one more 0xFF before a marker.
fn is_of_scan(after: u8) -> bool {
    matches!(after, 0x00 | 0xD0..=0xD7 | 0xFF)
}

/// Frames, tables, scans; and, once each, what JFIF, EXIF, a profile of colours and Adobe's way to say how colours are written need.
fn segment(seen: &mut Seen, marker: u8, data: &[u8]) -> Result<(), Stowaway> {
    let fits = match marker {
        0xC0..=0xCF | 0xDA..=0xDD => return Ok(()),
        0xE0 => data.starts_with(b"JFIF\0") && data.len() == 14,
        0xE1 => data.starts_with(b"Exif\0\0") && exif::is_technical(data),
        0xE2 => data.starts_with(b"ICC_PROFILE\0") && data.len() <= PROFILE,
        0xED => data.starts_with(EMPTY_IPTC) && data.len() == EMPTY_IPTC.len() + 16,
        0xEE => data.starts_with(b"Adobe") && data.len() == 12,
        _ => false,
    };
    if fits && seen.once(&[0, 0, 0, marker]) { Ok(()) } else { Err(Telling) }
}

fn png(mut file: Reader<'_>) -> Result<(), Stowaway> {
    file.take(8)?;
    let mut seen = Seen::default();
    loop {
        let length = file.length(u32::from_be_bytes)?;
        let name = file.array()?;
        let data = file.take(length)?;
        let _checksum: [u8; 4] = file.array()?;
        match &name {
            b"IEND" if length == 0 => return file.end(),
            b"IHDR" | b"PLTE" | b"IDAT" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"sBIT" | b"pHYs" | b"bKGD"
            | b"cICP" => {}
            b"eXIf" if exif::is_technical(data) && seen.once(&name) => {}
            b"iCCP" if length <= PROFILE && seen.once(&name) => {}
            _ => return Err(Telling),
        }
    }
}

fn webp(mut file: Reader<'_>) -> Result<(), Stowaway> {
    file.take(4)?;
    let length = file.length(u32::from_le_bytes)?;
    let mut inside = Reader(file.take(length)?);
    file.end()?;
    inside.take(4)?;
    let mut seen = Seen::default();
    while !inside.0.is_empty() {
        let name = inside.array()?;
        let length = inside.length(u32::from_le_bytes)?;
        let data = inside.take(length)?;
        if length % 2 == 1 && inside.take(1)? != [0] {
            return Err(Telling);
        }
        match &name {
            // One picture, in whichever of the two ways it is coded.
            b"VP8 " | b"VP8L" if seen.once(b"VP8 ") => {}
            b"VP8X" | b"ALPH" if seen.once(&name) => {}
            b"EXIF" if exif::is_technical(data) && seen.once(&name) => {}
            b"ICCP" if length <= PROFILE && seen.once(&name) => {}
            _ => return Err(Telling),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
