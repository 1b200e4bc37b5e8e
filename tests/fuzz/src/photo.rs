//! Bytes that claim to be a picture: sniffed, measured from the header and decoded within the limits.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use xiaohao_server::service::photos::look;
use xiaohao_shared::api::{MAX_PHOTO_EDGE, MAX_PHOTO_PIXELS};

use crate::caught;

/// Small pictures of every format that is taken, in grey, in colour and with transparency.
pub fn seeds() -> Vec<Vec<u8>> {
    let colours = image::RgbImage::from_fn(17, 9, |x, y| image::Rgb([x as u8 * 15, y as u8 * 28, (x * y) as u8]));
    let colours = DynamicImage::from(colours);
    let pictures = [colours.to_luma8().into(), colours.to_rgba8().into(), colours.to_luma16().into(), colours];
    let formats = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    let encoded = pictures.iter().flat_map(|picture| formats.map(|format| encode(picture, format)));
    encoded.flatten().collect()
}

/// `None` where the format has no such colours.
fn encode(picture: &DynamicImage, format: ImageFormat) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).ok().map(|()| bytes.into_inner())
}

pub fn photo(data: &[u8]) {
    // A decoder that panics is a picture that is refused: the hub runs it in a task of its own.
    let Some(Ok(seen)) = caught(|| look(data, None)) else { return };
    assert!(matches!(seen.format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP));
    assert!(seen.width.max(seen.height) <= MAX_PHOTO_EDGE);
    assert!(u64::from(seen.width) * u64::from(seen.height) <= MAX_PHOTO_PIXELS);
}
