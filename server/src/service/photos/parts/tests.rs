use std::io::Cursor;

use image::{DynamicImage, ImageFormat};

use super::*;
use crate::service::photos::look;

/// As a browser's canvas writes them; the content of its profile of colours was blanked.
const CANVAS: [(ImageFormat, &[u8]); 2] =
    [(ImageFormat::Jpeg, include_bytes!("canvas.jpg")), (ImageFormat::WebP, include_bytes!("canvas.webp"))];

fn ours(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]));
    DynamicImage::ImageRgb8(pixels).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Each of the formats, by a browser or by us.
fn good() -> Vec<(ImageFormat, Vec<u8>)> {
    let formats = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    let drawn = CANVAS.iter().map(|(format, bytes)| (*format, bytes.to_vec()));
    drawn.chain(formats.map(|format| (format, ours(format)))).collect()
}

fn with_segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let jpeg = ours(ImageFormat::Jpeg);
    let length = (data.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, data, &jpeg[2..]].concat()
}

fn with_chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let png = ours(ImageFormat::Png);
    // After the header, which has 13 bytes.
    let (head, rest) = png.split_at(8 + 12 + 13);
    // Nobody looks at the sum of a part that he does not know.
    [head, &(data.len() as u32).to_be_bytes(), name, data, &[0; 4], rest].concat()
}

fn with_riff(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let canvas = CANVAS[1].1;
    let part = [name, &(data.len() as u32).to_le_bytes()[..], data].concat();
    let length = (canvas.len() - 8 + part.len()) as u32;
    [&canvas[..4], &length.to_le_bytes(), &canvas[8..], &part].concat()
}

#[test]
fn what_a_canvas_and_our_own_encoder_write_is_let_in() {
    for (format, bytes) in good() {
        assert_eq!(check(&bytes, format), Ok(()), "{format:?}");
        assert_eq!(look(&bytes, None).unwrap().format, format);
    }
}

#[test]
fn the_empty_iptc_of_apples_encoders_is_let_in_and_no_other_one() {
    let with = |sum: &[u8]| with_segment(0xED, &[EMPTY_IPTC, sum].concat());
    assert_eq!(look(&with(&[0xD4; 16]), None).unwrap().width, 40);
    assert_eq!(check(&with(b"taken by Li Mei at home"), ImageFormat::Jpeg), Err(Telling));
}

/// Orientation alone, and what says where it was taken.
const SILENT: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0";
const GPS: &[u8] = b"II*\0\x08\0\0\0\x01\0\x25\x88\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0";

#[test]
fn what_tells_something_is_found_wherever_it_stands_and_however_often() {
    let exif = |block: &[u8]| [b"Exif\0\0", block].concat();
    let jpeg = |first: &[u8], second: &[u8]| {
        let whole = with_segment(0xE1, &exif(second));
        let length = (exif(first).len() as u16 + 2).to_be_bytes();
        [&whole[..2], &[0xFF, 0xE1], &length, &exif(first), &whole[2..]].concat()
    };
    let profile = [&b"ICC_PROFILE\0"[..], &[0; 100]].concat();
    let two_profiles = {
        let whole = with_segment(0xE2, &profile);
        let length = (profile.len() as u16 + 2).to_be_bytes();
        [&whole[..2], &[0xFF, 0xE2], &length, &profile, &whole[2..]].concat()
    };
    let mut png_end = ours(ImageFormat::Png);
    let end = png_end.split_off(png_end.len() - 12);
    let behind_pixels = [&png_end, &(GPS.len() as u32).to_be_bytes()[..], b"eXIf", GPS, &[0; 4], &end].concat();
    let again = |webp: &[u8], name: &[u8; 4], data: &[u8]| {
        let part = [name, &(data.len() as u32).to_le_bytes()[..], data].concat();
        [&webp[..4], &((webp.len() - 8 + part.len()) as u32).to_le_bytes(), &webp[8..], &part].concat()
    };
    let plain = ours(ImageFormat::WebP);
    assert_eq!(look(&with_segment(0xE1, &exif(SILENT)), None).unwrap().width, 40);
    for told in [
        jpeg(GPS, SILENT),
        jpeg(SILENT, SILENT),
        two_profiles,
        behind_pixels,
        with_riff(b"EXIF", GPS),
        again(&with_riff(b"EXIF", SILENT), b"EXIF", GPS),
        again(&plain, b"EXIF", GPS),
        again(&plain, b"VP8L", &plain[20..]),
    ] {
        let said = look(&told, None).unwrap_err().to_string();
        assert!(said.ends_with("it says more than its pixels show"), "{said}");
    }
}

#[test]
fn nothing_may_follow_a_picture() {
    for (format, bytes) in good() {
        for behind in [&b"PK\x03\x04 an archive"[..], b"<script>alert(1)</script>", b"\0", &bytes] {
            let more = [bytes.as_slice(), behind].concat();
            assert_eq!(check(&more, format), Err(Behind), "{format:?}");
            assert!(look(&more, None).unwrap_err().to_string().ends_with("something follows the picture"));
        }
    }
}

#[test]
fn comments_texts_and_second_pictures_are_not_let_in() {
    let jpeg = |marker, data: &[u8]| (ImageFormat::Jpeg, with_segment(marker, data));
    let png = |name, data: &[u8]| (ImageFormat::Png, with_chunk(name, data));
    let webp = |name, data: &[u8]| (ImageFormat::WebP, with_riff(name, data));
    let bad = [
        jpeg(0xFE, b"taken by Li Mei"),
        jpeg(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
        jpeg(0xED, b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\0"),
        jpeg(0xE2, b"MPF\0II*\0"),
        jpeg(0xE0, b"JFXX\0\x10 a small picture"),
        jpeg(0xEB, b"anything"),
        jpeg(0xE2, &[&b"ICC_PROFILE\0"[..], &[0; PROFILE]].concat()),
        png(b"tEXt", b"Author\0Li Mei"),
        png(b"zTXt", b"Comment\0\0x"),
        png(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>"),
        png(b"tIME", &[7, 0xEA, 11, 27, 3, 0, 0]),
        png(b"acTL", &[0; 8]),
        png(b"abCd", b"anything"),
        webp(b"XMP ", b"<x:xmpmeta/>"),
        webp(b"ANMF", &[0; 16]),
        webp(b"abcd", b"anything"),
        webp(b"EXIF", b"odd"),
    ];
    for (format, bytes) in bad {
        let part = String::from_utf8_lossy(&bytes).chars().take(80).collect::<String>();
        assert!(check(&bytes, format).is_err(), "{format:?} {part:?}");
        let refusal = look(&bytes, None).unwrap_err().to_string();
        assert!(refusal.contains("not a JPEG, PNG or WebP picture"), "{refusal}");
    }
    let said = look(&with_segment(0xFE, b"taken by Li Mei"), None).unwrap_err().to_string();
    assert!(said.ends_with("it says more than its pixels show"), "{said}");
}

#[test]
fn scans_that_restart_and_those_that_come_after_another_are_read_through() {
    let scan = [0xFF, 0xDA, 0, 3, 1];
    let bits = [1, 0xFF, 0, 2, 0xFF, 0xD3, 3, 0xFF];
    let two = [&[0xFF, 0xD8][..], &scan, &bits, &scan, &bits[..7], &[0xFF, 0xFF, 0xD9]].concat();
    assert_eq!(check(&two, ImageFormat::Jpeg), Ok(()));
    let hidden = [&two[..two.len() - 2], &[0xFF, 0xFE, 0, 4, b'h', b'i', 0xFF, 0xD9]].concat();
    assert_eq!(check(&hidden, ImageFormat::Jpeg), Err(Telling), "a comment between two scans");
}

#[test]
fn a_file_that_breaks_off_anywhere_is_no_picture() {
    for (format, bytes) in good() {
        for end in 0..bytes.len() {
            assert!(check(&bytes[..end], format).is_err(), "{format:?} {end}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn bytes_that_lie_about_their_lengths_are_only_refused(at in 0usize..400, byte: u8, which in 0usize..5) {
        let (format, mut bytes) = good().swap_remove(which);
        let at = at.min(bytes.len() - 1);
        bytes[at] = byte;
        let _ = check(&bytes, format);
    }
}
